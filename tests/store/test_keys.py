from pathlib import Path

import pytest

from earnest.errors import InvalidKey, NotFound
from earnest.store import Store


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


def test_secrets_are_not_in_the_database(store: Store, tmp_path: Path) -> None:
    key = store.keys.create("laptop", "acme")
    store.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("earnest.db*"))
    assert b"acme" in kept
    assert key.split("_", 2)[2].encode() not in kept  # the secret may hold further underscores


def test_first_secret_stays(store: Store) -> None:
    assert store.keys.secret("webhook", otherwise="one") == "one"
    assert store.keys.secret("webhook", otherwise="two") == "one"
