"""People who sign in to the console, and their visits. A password is kept as a slow, salted hash (scrypt)."""

import secrets
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, scrypt, sha256
from hmac import compare_digest

from sqlalchemy import Engine, delete, select, update

from earnest.errors import InvalidInput, InvalidKey, NotFound
from earnest.store.base import at
from earnest.store.engines import insert, reading, writing
from earnest.store.tables import api_key, person, visit

COST, BLOCK, PARALLEL = 2**15, 8, 1
"""32 MB and some 100 ms for each try: the first of the settings that OWASP lists for scrypt at this much memory."""
MEMORY = 64 * 1024 * 1024
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1_000
LONGEST_NAME = 100
VISIT_S = 12 * 3600
"""A working day; whoever comes back the next one signs in again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may sign in.

    Attributes:
        name: Unique in the installation.
        tenant: Whose surveys they see.
        is_operator: Whether they also look after keys, settings and callbacks.
        created_at: When they were added, UTC.
        disabled_at: Since when they may not sign in any longer; None while they may.
    """

    name: str
    tenant: str
    is_operator: bool
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is signed in.

    Attributes:
        name: As decisions are signed with.
        tenant: Whose surveys are shown.
        is_operator: Whether keys, settings and callbacks are shown as well.
    """

    name: str
    tenant: str
    is_operator: bool


class People:
    """The people of an installation."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, password: str, *, tenant: str, is_operator: bool) -> None:
        """Let somebody sign in from now on.

        Raises:
            InvalidInput: The name is taken, or the password is too short.
        """
        faults = {}
        if not name.strip() or len(name) > LONGEST_NAME:
            faults["name"] = f"must have 1 to {LONGEST_NAME} characters"
        faults |= _fault_of(password)
        if faults:
            raise InvalidInput(details=faults)
        row = {
            "name": name,
            "tenant": tenant,
            "password": _hashed(password),
            "is_operator": is_operator,
            "created_at": time.time(),
        }
        with writing(self._engine) as connection:
            statement = insert(connection, person).values(row).on_conflict_do_nothing().returning(person.c.id)
            if connection.execute(statement).scalar() is None:
                raise InvalidInput(details={"name": "is taken"})

    def list(self) -> list[Person]:
        """Everybody, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(person).order_by(person.c.id)).all()
        return [
            Person(
                name=row.name,
                tenant=row.tenant,
                is_operator=row.is_operator,
                created_at=at(row.created_at),
                disabled_at=None if row.disabled_at is None else at(row.disabled_at),
            )
            for row in rows
        ]

    def set_password(self, name: str, password: str) -> None:
        """Change a password; all visits of that person end.

        Raises:
            NotFound: There is nobody of that name.
            InvalidInput: The password is too short.
        """
        if fault := _fault_of(password):
            raise InvalidInput(details=fault)
        self._change(name, {"password": _hashed(password)})

    def disable(self, name: str) -> None:
        """Let somebody sign in no longer, and end their visits.

        Raises:
            NotFound: There is nobody of that name.
        """
        self._change(name, {"disabled_at": time.time()})

    def sign_in(self, name: str, password: str) -> str:
        """Begin a visit and return what the browser must show for it.

        Raises:
            InvalidKey: The name or the password is wrong; which of them is not told.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(person).where(person.c.name == name)).first()
        # The same work is done where there is nobody of that name, so that names cannot be found out.
        is_right = _fits(password, row.password if row is not None else _NOBODY)
        if row is None or row.disabled_at is not None or not is_right:
            raise InvalidKey("The name or the password is wrong.")
        return self._begin(row.tenant, person_id=row.id)

    def admit(self, tenant: str, *, is_operator: bool, key: str | None = None) -> str:
        """Begin a visit of somebody who was let in otherwise: from this machine, or by a key, with which it ends.

        A key that is none of the table is the installation's own: its visits are kept under a digest of it as well.
        """
        return self._begin(tenant, scopes="operator" if is_operator else None, key=key)

    def visitor(self, token: str, *, own_key: str = "") -> Visitor | None:
        """Who shows this; None where the visit is over or never was.

        Args:
            token: What is shown.
            own_key: The installation's key as it is now; what an earlier one opened is over.
        """
        now = time.time()
        with reading(self._engine) as connection:
            row = connection.execute(
                select(visit, person.c.name, person.c.is_operator, person.c.disabled_at)
                .add_columns(api_key.c.revoked_at, api_key.c.expires_at.label("key_expires_at"))
                .join_from(visit, person, visit.c.person_id == person.c.id, isouter=True)
                .join(api_key, visit.c.key_id == api_key.c.id, isouter=True)
                .where(visit.c.digest.in_([_digest(token), _bound(token, own_key)]), visit.c.expires_at > now)
            ).first()
        if row is None or row.disabled_at is not None or row.revoked_at is not None:
            return None
        if row.key_expires_at is not None and row.key_expires_at <= now:
            return None
        if row.person_id is None:
            return Visitor(name=row.tenant, tenant=row.tenant, is_operator=row.scopes == "operator")
        return Visitor(name=row.name, tenant=row.tenant, is_operator=row.is_operator)

    def sign_out(self, token: str, *, own_key: str = "") -> None:
        """End a visit."""
        with writing(self._engine) as connection:
            connection.execute(delete(visit).where(visit.c.digest.in_([_digest(token), _bound(token, own_key)])))

    def _begin(
        self, tenant: str, *, person_id: int | None = None, scopes: str | None = None, key: str | None = None
    ) -> str:
        token = secrets.token_urlsafe(32)
        now = time.time()
        row = {
            "digest": _digest(token),
            "person_id": person_id,
            "key_id": None,
            "tenant": tenant,
            "scopes": scopes,
            "expires_at": now + VISIT_S,
        }
        with writing(self._engine) as connection:
            connection.execute(delete(visit).where(visit.c.expires_at <= now))
            if key is not None:
                row["key_id"] = connection.execute(
                    select(api_key.c.id).where(api_key.c.digest == _digest(key))
                ).scalar()
                if row["key_id"] is None:
                    row["digest"] = _bound(token, key)
            connection.execute(visit.insert().values(row))
        return token

    def _change(self, name: str, values: dict[str, object]) -> None:
        with writing(self._engine) as connection:
            found = connection.execute(
                update(person).where(person.c.name == name).values(values).returning(person.c.id)
            ).scalar()
            if found is None:
                raise NotFound("There is nobody of that name; `earnest people list` shows all.")
            connection.execute(delete(visit).where(visit.c.person_id == found))


def _fault_of(password: str) -> dict[str, str]:
    is_fine = SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD
    return {} if is_fine else {"password": f"must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD:,} characters"}


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()


def _bound(token: str, key: str) -> bytes:
    """Of both; not SHA-256, so that no other token has this digest, whatever it is made of."""
    return blake2b(token.encode("utf-8", "replace"), key=_digest(key), digest_size=32).digest()


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(16)
    return f"scrypt${b64encode(salt).decode()}${b64encode(_derived(password, salt)).decode()}"


def _fits(password: str, kept: str) -> bool:
    _, salt, derived = kept.split("$")
    return compare_digest(_derived(password, b64decode(salt)), b64decode(derived))


def _derived(password: str, salt: bytes) -> bytes:
    return scrypt(
        password[:LONGEST_PASSWORD].encode("utf-8", "replace"),
        salt=salt,
        n=COST,
        r=BLOCK,
        p=PARALLEL,
        maxmem=MEMORY,
        dklen=32,
    )


_NOBODY = f"scrypt${b64encode(bytes(16)).decode()}${b64encode(bytes(32)).decode()}"
