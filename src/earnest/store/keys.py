"""API keys: who may ask. A key is shown once, when it is made; what is kept of it is a hash."""

import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from sqlalchemy import Connection, Engine, Row, or_, select, update

from earnest.errors import InvalidInput, InvalidKey, MissingScope, NotFound, StoreUnavailable
from earnest.store.base import ApiKey, Scope, at
from earnest.store.engines import insert, reading, writing, writing_if_free
from earnest.store.tables import api_key, secret

REMEMBERED_S = 5.0
"""So long a process believes what it read of a key: after a revocation elsewhere, the key may work on until then."""
NOTED_EVERY_S = 60.0
"""The last use of a key is written so often at most, whatever it is used for."""

_SHAPE = re.compile(r"ek_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_NOBODY = bytes(32)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a process remembers of a key."""

    digest: bytes
    tenant: str
    scopes: frozenset[Scope]
    expires_at: float | None
    read_at: float


class Keys:
    """The API keys of an installation, and the secrets that it made for itself.

    Args:
        engine: The database.
        clock: Seconds since 1970.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._noted: dict[str, float] = {}

    def create(
        self, name: str, tenant: str, *, scopes: frozenset[Scope] | None = None, lifetime_s: float | None = None
    ) -> str:
        """Make a key: `ek_<id>_<256 random bits>`. Random enough for a plain hash; slow ones are for passwords."""
        expires_at = None if lifetime_s is None else self._clock() + lifetime_s
        with writing(self._engine) as connection:
            return self._create(connection, name, tenant, _packed(scopes), expires_at)

    def _create(
        self, connection: Connection, name: str, tenant: str, scopes: str | None, expires_at: float | None
    ) -> str:
        key_id = secrets.token_hex(6)
        key = f"ek_{key_id}_{secrets.token_urlsafe(32)}"
        row = {
            "id": key_id,
            "tenant": tenant,
            "name": name,
            "digest": _digest(key),
            "created_at": self._clock(),
            "scopes": scopes,
            "expires_at": expires_at,
        }
        connection.execute(api_key.insert().values(row))
        return key

    def list(self) -> list[ApiKey]:
        """All keys, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(api_key).order_by(api_key.c.created_at, api_key.c.id)).all()
        return [
            ApiKey(
                id=row.id,
                tenant=row.tenant,
                name=row.name,
                scopes=_unpacked(row.scopes),
                created_at=at(row.created_at),
                expires_at=None if row.expires_at is None else at(row.expires_at),
                last_used_at=None if row.last_used_at is None else at(row.last_used_at),
                revoked_at=None if row.revoked_at is None else at(row.revoked_at),
            )
            for row in rows
        ]

    def rotate(self, key_id: str, *, overlap_s: float) -> str:
        """Make a key like this one, with a lifetime as long as this one's, which ends after the overlap.

        Raises:
            NotFound: There is no such key.
            InvalidInput: It is revoked, or has expired.
        """
        now = self._clock()
        with writing(self._engine) as connection:
            old = _row(connection, key_id)
            ends = now + overlap_s if old.expires_at is None else min(old.expires_at, now + overlap_s)
            if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= now):
                raise InvalidInput("This key is no longer accepted; make a new one with `earnest keys create`")
            expires_at = None if old.expires_at is None else now + old.expires_at - old.created_at
            key = self._create(connection, old.name, old.tenant, old.scopes, expires_at)
            connection.execute(update(api_key).where(api_key.c.id == key_id).values(expires_at=ends))
        self._known.pop(key_id, None)
        return key

    def revoke(self, key_id: str) -> None:
        """Accept a key no longer; once is enough.

        Raises:
            NotFound: There is no such key.
        """
        with writing(self._engine) as connection:
            _row(connection, key_id)
            connection.execute(
                update(api_key)
                .where(api_key.c.id == key_id, api_key.c.revoked_at.is_(None))
                .values(revoked_at=self._clock())
            )
        self._known.pop(key_id, None)

    def tenant_of(self, key: str, scope: Scope | None = None) -> str:
        """Whose key this is, if it may do what the scope says; None asks for nothing but a good key.

        Raises:
            InvalidKey: It is unknown, expired or revoked.
            MissingScope: It is not for this.
        """
        shape = _SHAPE.fullmatch(key)
        if shape is None:
            raise InvalidKey
        known = self._recall(shape[1])
        is_right = compare_digest(_NOBODY if known is None else known.digest, _digest(key))
        if known is None or not is_right or (known.expires_at is not None and known.expires_at <= self._clock()):
            raise InvalidKey
        if scope is not None and scope not in known.scopes:
            raise MissingScope(f"This API key may not do that: it lacks the scope {scope.value}.")
        self._note_use(shape[1])
        return known.tenant

    def _recall(self, key_id: str) -> _Known | None:
        """What is known of a key; None where there is none or it is revoked.

        Only keys that there are is remembered: whoever guesses fills no memory.
        """
        now = time.monotonic()
        known = self._known.get(key_id)
        if known is not None and now - known.read_at < REMEMBERED_S:
            return known
        with reading(self._engine) as connection:
            row = connection.execute(select(api_key).where(api_key.c.id == key_id)).first()
        if row is None or row.revoked_at is not None:
            self._known.pop(key_id, None)
            return None
        known = _Known(row.digest, str(row.tenant), _unpacked(row.scopes), row.expires_at, now)
        self._known[key_id] = known
        return known

    def _note_use(self, key_id: str) -> None:
        now = self._clock()
        if now - self._noted.get(key_id, 0.0) < NOTED_EVERY_S:
            return
        self._noted[key_id] = now
        is_due = or_(api_key.c.last_used_at.is_(None), api_key.c.last_used_at <= now - NOTED_EVERY_S)
        with suppress(StoreUnavailable), writing_if_free(self._engine) as connection:  # no request waits for this
            connection.execute(update(api_key).where(api_key.c.id == key_id, is_due).values(last_used_at=now))

    def secret(self, name: str, *, otherwise: str) -> str:
        """The secret of this name; the first one who asks decides it."""
        with writing(self._engine) as connection:
            connection.execute(insert(connection, secret).on_conflict_do_nothing(), {"name": name, "value": otherwise})
            return str(connection.execute(select(secret.c.value).where(secret.c.name == name)).scalar_one())


def _row(connection: Connection, key_id: str) -> Row[Any]:
    row = connection.execute(select(api_key).where(api_key.c.id == key_id).with_for_update()).first()
    if row is None:
        raise NotFound("There is no such key; `earnest keys list` shows all")
    return row


def _packed(scopes: frozenset[Scope] | None) -> str | None:
    return None if scopes is None else " ".join(sorted(scopes))


def _unpacked(scopes: str | None) -> frozenset[Scope]:
    """The scopes of a row; one that a newer Earnest knows opens nothing here."""
    return frozenset(Scope) if scopes is None else frozenset(each for each in Scope if each in scopes.split())


def _digest(key: str) -> bytes:
    return sha256(key.encode()).digest()
