"""What signs callbacks: secrets of each tenant, so that none can forge another one's. They are kept as they are."""

import time
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import ColumnElement, Connection, Engine, or_, select, update

from earnest.store.base import at
from earnest.store.engines import reading, writing
from earnest.store.tables import signing_secret


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """A secret that signs.

    Attributes:
        value: The secret.
        created_at: Since when, UTC; None for one that nobody has chosen yet.
        expires_at: Until when, UTC; None while it is the newest.
    """

    value: str
    created_at: datetime | None = None
    expires_at: datetime | None = None


class SigningSecrets:
    """The signing secrets of all tenants."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def chosen(self, tenant: str) -> list[SigningSecret]:
        """The secrets that were made for a tenant and sign now, the newest first; none before the first rotation."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(signing_secret)
                .where(signing_secret.c.tenant == tenant, _lasts_beyond(time.time()))
                .order_by(signing_secret.c.id.desc())
            ).all()
        return [
            SigningSecret(row.value, at(row.created_at), None if row.expires_at is None else at(row.expires_at))
            for row in rows
        ]

    def rotate(self, tenant: str, new: str, *, before: str | None, overlap_s: float) -> None:
        """Sign with a new secret from now on, and beside it with the older ones for a while.

        Args:
            tenant: Whose.
            new: The new secret.
            before: What has signed so far without having been chosen; None where nothing has.
            overlap_s: How long the older ones still sign.
        """
        now = time.time()
        with writing(self._engine) as connection:
            if before is not None:
                _add(connection, tenant, before, now)
            connection.execute(
                update(signing_secret)
                .where(signing_secret.c.tenant == tenant, _lasts_beyond(now + overlap_s))
                .values(expires_at=now + overlap_s)
            )
            _add(connection, tenant, new, now)


def name_of(tenant: str) -> str:
    """Under which name `Keys.secret` has what signs for a tenant before anybody chose a secret for it.

    In 1.0 one secret, "webhook", signed for all. It stays that of the first tenant, whose receivers know it.
    """
    digest = blake2b(tenant.encode("utf-8", "surrogatepass"), digest_size=16)
    return "webhook" if tenant == "default" else f"webhook/{digest.hexdigest()}"


def _lasts_beyond(moment: float) -> ColumnElement[bool]:
    return or_(signing_secret.c.expires_at.is_(None), signing_secret.c.expires_at > moment)


def _add(connection: Connection, tenant: str, value: str, now: float) -> None:
    connection.execute(signing_secret.insert().values(tenant=tenant, value=value, created_at=now))
