import time

import pytest

from earnest.store import Store
from earnest.store.signing import name_of


def test_older_secrets_sign_beside_the_newest_until_they_expire(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.signing.chosen("t") == []
    store.signing.rotate("t", "second", before="first", overlap_s=60)
    store.signing.rotate("t", "third", before=None, overlap_s=3_600)
    assert [each.value for each in store.signing.chosen("t")] == ["third", "second", "first"]
    now = time.time()
    for later_s, left in ((61, ["third", "second"]), (3_601, ["third"]), (10**8, ["third"])):
        monkeypatch.setattr(time, "time", lambda later_s=later_s: now + later_s)
        assert [each.value for each in store.signing.chosen("t")] == left


def test_an_overlap_shortens_what_older_secrets_have_left_and_never_lengthens_it(store: Store) -> None:
    store.signing.rotate("t", "second", before="first", overlap_s=60)
    store.signing.rotate("t", "third", before=None, overlap_s=3_600)
    third, second, first = store.signing.chosen("t")
    assert third.expires_at is None
    assert second.expires_at is not None
    assert first.expires_at is not None
    assert first.expires_at < second.expires_at
    store.signing.rotate("t", "fourth", before=None, overlap_s=0)
    assert [each.value for each in store.signing.chosen("t")] == ["fourth"]


def test_tenants_do_not_share_secrets(store: Store) -> None:
    store.signing.rotate("t", "new", before="old", overlap_s=60)
    assert store.signing.chosen("u") == store.signing.chosen("T") == []
    assert len({name_of(tenant) for tenant in ("default", "t", "T", "x" * 100, "\udcff", "webhook")}) == 6
    assert all(len(name_of(tenant)) <= 50 for tenant in ("default", "x" * 100))
