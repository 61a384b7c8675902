"""API keys: who may ask. A key is shown once, when it is made; what is kept of it is a hash."""

import re
import secrets
import time
from hashlib import sha256
from hmac import compare_digest

from sqlalchemy import Engine, select, update

from earnest.errors import InvalidKey, NotFound
from earnest.store.base import ApiKey, at
from earnest.store.engines import reading, writing
from earnest.store.tables import api_key, secret

_SHAPE = re.compile(r"ek_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")


class Keys:
    """The API keys of an installation, and the secrets that it made for itself."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(self, name: str, tenant: str) -> str:
        """Make a key: `ek_<id>_<256 random bits>`. Random enough for a plain hash; slow ones are for passwords."""
        key_id = secrets.token_hex(6)
        key = f"ek_{key_id}_{secrets.token_urlsafe(32)}"
        row = {"id": key_id, "tenant": tenant, "name": name, "digest": _digest(key), "created_at": time.time()}
        with writing(self._engine) as connection:
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
                created_at=at(row.created_at),
                revoked_at=None if row.revoked_at is None else at(row.revoked_at),
            )
            for row in rows
        ]

    def revoke(self, key_id: str) -> None:
        """Accept a key no longer; once is enough.

        Raises:
            NotFound: There is no such key.
        """
        with writing(self._engine) as connection:
            if connection.execute(select(api_key.c.id).where(api_key.c.id == key_id)).first() is None:
                raise NotFound("There is no such key; `earnest keys list` shows all")
            connection.execute(
                update(api_key)
                .where(api_key.c.id == key_id, api_key.c.revoked_at.is_(None))
                .values(revoked_at=time.time())
            )

    def tenant_of(self, key: str) -> str:
        """Whose key this is.

        Raises:
            InvalidKey: It is unknown or revoked.
        """
        shape = _SHAPE.fullmatch(key)
        if shape is None:
            raise InvalidKey
        with reading(self._engine) as connection:
            row = connection.execute(select(api_key).where(api_key.c.id == shape[1])).first()
        if row is None or row.revoked_at is not None or not compare_digest(row.digest, _digest(key)):
            raise InvalidKey
        return str(row.tenant)

    def secret(self, name: str, *, otherwise: str) -> str:
        """The secret of this name; the first one who asks decides it."""
        with writing(self._engine) as connection:
            kept = connection.execute(select(secret.c.value).where(secret.c.name == name)).scalar()
            if kept is None:
                connection.execute(secret.insert().values(name=name, value=otherwise))
        return otherwise if kept is None else str(kept)


def _digest(key: str) -> bytes:
    return sha256(key.encode()).digest()
