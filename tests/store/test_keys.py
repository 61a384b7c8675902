import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, Row, event, select

from earnest.errors import InvalidInput, InvalidKey, MissingScope, NotFound
from earnest.store import Store, open_store
from earnest.store.base import Scope, at
from earnest.store.engines import connect, writing
from earnest.store.keys import REMEMBERED_S, Keys
from earnest.store.tables import api_key, metadata

NewEngine = Callable[[], Engine]


class Clock:
    """Stands still until it is moved."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def all_rows(url: str) -> Iterator[Row[tuple[object, ...]]]:
    """Everything that is kept."""
    engine = connect(url)
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            yield from connection.execute(select(table))
    engine.dispose()


def test_a_key_names_its_tenant_until_it_is_revoked(store: Store) -> None:
    first, second = store.keys.create("laptop", "acme"), store.keys.create("panel", "globex")
    assert (store.keys.tenant_of(first), store.keys.tenant_of(second)) == ("acme", "globex")
    kept = {each.name: each for each in store.keys.list()}
    assert [(each.tenant, each.revoked_at) for each in kept.values()] == [("acme", None), ("globex", None)]

    store.keys.revoke(kept["laptop"].id)
    store.keys.revoke(kept["laptop"].id)
    with pytest.raises(InvalidKey):
        store.keys.tenant_of(first)
    assert store.keys.tenant_of(second) == "globex"
    assert [each.revoked_at is None for each in store.keys.list()] == [False, True]


@pytest.mark.parametrize("key", ["", "ek_", "ek_000000000000_" + "a" * 43, "é" * 60, "\x00", "' or 1=1 --"])
def test_unknown_keys_are_refused(store: Store, key: str) -> None:
    store.keys.create("laptop", "acme")
    with pytest.raises(InvalidKey):
        store.keys.tenant_of(key)


def test_a_wrong_secret_is_refused(store: Store) -> None:
    key = store.keys.create("laptop", "acme")
    with pytest.raises(InvalidKey):
        store.keys.tenant_of(key[:-1] + ("A" if key[-1] != "A" else "B"))


def test_unknown_key_cannot_be_revoked(store: Store) -> None:
    with pytest.raises(NotFound):
        store.keys.revoke("000000000000")


def test_secrets_are_not_in_the_database(store: Store, database_url: str) -> None:
    key = store.keys.create("laptop", "acme")
    kept = repr(list(all_rows(database_url)))
    assert "acme" in kept
    assert key.split("_", 2)[2] not in kept  # the secret may hold further underscores


def test_first_secret_stays(store: Store) -> None:
    assert store.keys.secret("webhook", otherwise="one") == "one"
    assert store.keys.secret("webhook", otherwise="two") == "one"


def test_a_key_is_good_for_its_scopes_only(store: Store) -> None:
    key = store.keys.create("dashboard", "acme", scopes=frozenset({Scope.READ}))
    assert store.keys.tenant_of(key) == store.keys.tenant_of(key, Scope.READ) == "acme"
    for scope in frozenset(Scope) - {Scope.READ}:
        with pytest.raises(MissingScope, match=scope.value):
            store.keys.tenant_of(key, scope)
    assert [each.scopes for each in store.keys.list()] == [{Scope.READ}]


def test_a_key_without_scopes_is_good_for_everything(store: Store) -> None:
    key = store.keys.create("laptop", "acme")
    assert {store.keys.tenant_of(key, scope) for scope in Scope} == {"acme"}


def test_a_key_expires(new_engine: NewEngine) -> None:
    clock = Clock()
    keys = Keys(new_engine(), clock)
    key = keys.create("laptop", "acme", lifetime_s=90)
    clock.now += 89
    assert keys.tenant_of(key) == "acme"
    clock.now += 1
    with pytest.raises(InvalidKey) as refused:
        keys.tenant_of(key, Scope.READ)
    assert type(refused.value) is InvalidKey


def test_a_rotated_key_is_accepted_as_long_as_was_said(new_engine: NewEngine) -> None:
    clock = Clock()
    keys = Keys(new_engine(), clock)
    old = keys.create("panel", "acme", scopes=frozenset({Scope.READ}), lifetime_s=1000)
    clock.now += 100
    new = keys.rotate(keys.list()[0].id, overlap_s=50)
    clock.now += 49
    assert keys.tenant_of(old) == keys.tenant_of(new) == "acme"
    clock.now += 1
    with pytest.raises(InvalidKey):
        keys.tenant_of(old)
    with pytest.raises(MissingScope):
        keys.tenant_of(new, Scope.EVALUATE)
    first, second = keys.list()
    assert (first.name, first.tenant, first.scopes) == (second.name, second.tenant, second.scopes)
    assert second.expires_at is not None
    assert second.expires_at - second.created_at == timedelta(seconds=1000)


def test_a_rotation_lengthens_no_life(new_engine: NewEngine) -> None:
    clock = Clock()
    keys = Keys(new_engine(), clock)
    old = keys.create("panel", "acme", lifetime_s=10)
    keys.rotate(keys.list()[0].id, overlap_s=1000)
    clock.now += 10
    with pytest.raises(InvalidKey):
        keys.tenant_of(old)


def test_what_is_no_longer_accepted_is_not_rotated(store: Store) -> None:
    store.keys.create("expired", "acme", lifetime_s=0)
    store.keys.create("revoked", "acme")
    expired, revoked = (each.id for each in store.keys.list())
    store.keys.revoke(revoked)
    for key_id in (expired, revoked):
        with pytest.raises(InvalidInput, match="no longer accepted"):
            store.keys.rotate(key_id, overlap_s=60)
    with pytest.raises(NotFound):
        store.keys.rotate("000000000000", overlap_s=60)


def test_a_revocation_in_another_process_is_heard_of(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("earnest.store.keys.REMEMBERED_S", 0.2)
    key = store.keys.create("laptop", "acme")
    assert store.keys.tenant_of(key) == "acme"
    other = open_store(database_url)
    other.keys.revoke(other.keys.list()[0].id)
    with pytest.raises(InvalidKey):
        other.keys.tenant_of(key)
    time.sleep(0.2)
    with pytest.raises(InvalidKey):
        store.keys.tenant_of(key)
    other.close()


def test_a_process_believes_a_key_for_at_most_five_seconds() -> None:
    assert REMEMBERED_S <= 5, "docs/how-to/keys-and-limits.md and SECURITY.md promise it"


def test_many_uses_cost_one_read_and_one_write(new_engine: NewEngine) -> None:
    clock, engine, statements = Clock(), new_engine(), list[str]()
    keys = Keys(engine, clock)
    key = keys.create("laptop", "acme")
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2].split()[0]))
    for _ in range(100):
        keys.tenant_of(key, Scope.EVALUATE)
    assert (statements.count("SELECT"), statements.count("UPDATE")) == (1, 1)
    first = keys.list()[0].last_used_at
    clock.now += 61
    keys.tenant_of(key)
    second = keys.list()[0].last_used_at
    assert first is not None
    assert second is not None
    assert second - first == timedelta(seconds=61)


def test_a_use_is_not_noted_twice_a_minute_by_two_processes(new_engine: NewEngine) -> None:
    clock = Clock()
    one, two = Keys(new_engine(), clock), Keys(new_engine(), clock)
    key = one.create("laptop", "acme")
    one.tenant_of(key)
    clock.now += 30
    two.tenant_of(key)
    assert [each.last_used_at for each in one.list()] == [at(clock.now - 30)]


def test_a_key_is_good_while_somebody_else_is_writing(store: Store, new_engine: NewEngine) -> None:
    key = store.keys.create("laptop", "acme")
    with writing(new_engine()):
        assert store.keys.tenant_of(key) == "acme"


def test_keys_of_the_previous_release_do_everything_for_ever(store: Store, new_engine: NewEngine) -> None:
    key = store.keys.create("laptop", "acme")
    with new_engine().connect() as connection:
        row = connection.execute(select(api_key)).one()
    assert (row.scopes, row.expires_at) == (None, None)
    assert store.keys.tenant_of(key, Scope.MANAGE) == "acme"
