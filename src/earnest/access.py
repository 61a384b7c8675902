"""Who may ask, and for how much: keys, tenants and their allowances."""

from hmac import compare_digest

from earnest.errors import InvalidInput, InvalidKey
from earnest.settings import Settings
from earnest.store import Store
from earnest.store.allowances import Admitted, Allowance, TenantUse
from earnest.store.base import ApiKey, Scope

DEFAULT_TENANT = "default"
LONGEST_TENANT = 100


class Access:
    """The door of the service; what is behind it asks here who may pass.

    Args:
        settings: How this installation runs.
        store: Where keys and allowances are kept.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self._store = store

    def tenant_of(self, key: str | None, scope: Scope | None = None) -> str:
        """Whose key this is, if it may do what the scope says; None asks for nothing but a good key.

        Raises:
            InvalidKey: No key, an unknown, an expired or a revoked one.
            MissingScope: The key is not for this.
        """
        if not key:
            raise InvalidKey
        own = self.settings.api_key
        if own and compare_digest(key.encode("utf-8", "replace"), own.encode()):
            return DEFAULT_TENANT
        return self._store.keys.tenant_of(key, scope)

    def admit(self, key: str | None, scope: Scope) -> Admitted:
        """Whose request this is; it counts as one of the tenant's in this minute.

        Raises:
            InvalidKey: No key, an unknown, an expired or a revoked one.
            MissingScope: The key is not for this.
            RateLimited: The tenant has asked too often this minute.
        """
        tenant = self.tenant_of(key, scope)
        return Admitted(tenant=tenant, rate=self._store.allowances.take_request(tenant, self._allowance))

    def create_key(
        self,
        name: str,
        tenant: str = DEFAULT_TENANT,
        *,
        scopes: frozenset[Scope] | None = None,
        lifetime_s: float | None = None,
    ) -> str:
        """Make a key and return it; it is not shown again.

        Args:
            name: What it is for.
            tenant: Whose data it opens.
            scopes: What it may do; None for everything.
            lifetime_s: How long it is accepted; None for ever.

        Raises:
            InvalidInput: The tenant is empty or longer than 100 characters.
        """
        _require_tenant(tenant)
        return self._store.keys.create(name, tenant, scopes=scopes, lifetime_s=lifetime_s)

    def rotate_key(self, key_id: str, *, overlap_s: float) -> str:
        """Make a key like another one and return it; the other one is accepted for so much longer.

        Raises:
            NotFound: There is no such key.
            InvalidInput: It is revoked, or has expired.
        """
        return self._store.keys.rotate(key_id, overlap_s=overlap_s)

    def tenants(self) -> list[TenantUse]:
        """Every tenant who has a key or an allowance, by name: what each may do, and has done today."""
        return self._store.allowances.tenants(self._allowance)

    def limit_tenant(
        self, tenant: str, *, requests_per_minute: int | None = None, respondents_per_day: int | None = None
    ) -> None:
        """Allow a tenant more or less than the settings say: None changes nothing, 0 means without limit.

        Raises:
            InvalidInput: The tenant is empty or longer than 100 characters.
        """
        _require_tenant(tenant)
        wished = Allowance(requests_per_minute=requests_per_minute, respondents_per_day=respondents_per_day)
        self._store.allowances.set(tenant, wished)

    def list_keys(self) -> list[ApiKey]:
        """All keys, oldest first, without their secrets."""
        return self._store.keys.list()

    def revoke_key(self, key_id: str) -> None:
        """Accept a key no longer.

        Raises:
            NotFound: There is no such key.
        """
        self._store.keys.revoke(key_id)

    @property
    def _allowance(self) -> Allowance:
        """What a tenant may do about whom nothing else is said."""
        return Allowance(
            requests_per_minute=self.settings.requests_per_minute,
            respondents_per_day=self.settings.respondents_per_day,
        )


def _require_tenant(tenant: str) -> None:
    if not 1 <= len(tenant) <= LONGEST_TENANT:
        raise InvalidInput(details={"tenant": f"must have 1 to {LONGEST_TENANT} characters"})
