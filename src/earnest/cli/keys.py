"""`earnest keys` and `earnest tenants`: who may ask, for what and for how much."""

from datetime import UTC, datetime

from rich import box
from rich.table import Table

from earnest.cli.opened import opened
from earnest.cli.terminal import note, output, printable, seconds
from earnest.errors import InvalidInput
from earnest.service import ApiKey, Scope


def create(name: str, tenant: str, scopes: list[str] | None, expires: str | None) -> None:
    """Make a key; only the key itself goes to stdout, so that a script can take it.

    Raises:
        InvalidInput: a scope or the duration is none, or the tenant too long a name.
    """
    lifetime_s = None if expires is None else seconds(expires, "--expires")
    with opened() as service:
        key = service.create_key(name, tenant, scopes=_scopes(scopes or []), lifetime_s=lifetime_s)
    _hand_out(key)


def rotate(key_id: str, overlap: str) -> None:
    """Make a key like another one, which ends after the overlap.

    Raises:
        NotFound: there is no such key.
        InvalidInput: it is no longer accepted, or the duration is none.
    """
    overlap_s = seconds(overlap, "--overlap")
    with opened() as service:
        key = service.rotate_key(key_id, overlap_s=overlap_s)
    _hand_out(key)
    note(f"{key_id} is accepted for {overlap} more, or until it expires.")


def _hand_out(key: str) -> None:
    output.print(key, soft_wrap=True, markup=False)
    note("The key is not shown again. Send it in the header X-Aftercare-Key.")


def show_all() -> None:
    """List all keys."""
    rows = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Id", "Name", "Tenant", "Scopes", "Last used", "Ends"):
        rows.add_column(heading, no_wrap=heading in {"Id", "Last used", "Ends"}, overflow="fold")
    now = datetime.now(tz=UTC)
    with opened() as service:
        for key in service.list_keys():
            scopes = "all" if key.scopes == frozenset(Scope) else " ".join(sorted(key.scopes))
            used = "" if key.last_used_at is None else f"{key.last_used_at:%Y-%m-%d %H:%M}"
            rows.add_row(key.id, printable(key.name), printable(key.tenant), scopes, used, _end(key, now))
    if rows.row_count:
        output.print(rows)
    else:
        output.print("There are no keys. Make one: earnest keys create NAME")


def revoke(key_id: str) -> None:
    """Accept a key no longer.

    Raises:
        NotFound: there is no such key.
    """
    with opened() as service:
        service.revoke_key(key_id)
    output.print(f"Revoked {printable(key_id)}.", markup=False)


def show_tenants() -> None:
    """List all tenants with what they may do, and did today."""
    headings = ("Tenant", "Requests a minute", "Respondents a day", "Counted today")
    rows = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
    with opened() as service:
        for each in service.tenants():
            requests, respondents = each.allowance.requests_per_minute, each.allowance.respondents_per_day
            today = f"{each.respondents_today:,}" if respondents else ""
            rows.add_row(printable(each.tenant), _limit(requests), _limit(respondents), today)
    if rows.row_count:
        output.print(rows)
    else:
        output.print("There are no tenants yet. A key makes one: earnest keys create NAME --tenant TENANT")


def limit(tenant: str, requests_per_minute: int | None, respondents_per_day: int | None) -> None:
    """Allow a tenant something of its own.

    Raises:
        InvalidInput: nothing is said, or the tenant is too long a name.
    """
    if requests_per_minute is None and respondents_per_day is None:
        raise InvalidInput("Say --requests-per-minute, --respondents-per-day or both; 0 means any number.")
    with opened() as service:
        service.limit_tenant(tenant, requests_per_minute=requests_per_minute, respondents_per_day=respondents_per_day)
    show_tenants()


def _scopes(names: list[str]) -> frozenset[Scope] | None:
    unknown = sorted(set(names) - set(Scope))
    if unknown:
        raise InvalidInput(f"--scope {unknown[0]} is none; these are: {', '.join(Scope)}.")
    return frozenset(map(Scope, names)) or None


def _end(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is None:
        return "never"
    return "expired" if key.expires_at <= now else f"{key.expires_at:%Y-%m-%d}"


def _limit(number: int | None) -> str:
    return f"{number:,}" if number else "any number"
