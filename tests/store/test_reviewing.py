"""What the console keeps: files, people, decisions."""

from pathlib import Path

import pytest

from earnest.errors import InvalidInput, InvalidKey, NotFound
from earnest.findings import CheckName, RespondentEvaluation
from earnest.review.decisions import Ruling
from earnest.store import Store
from earnest.store.base import Batch
from earnest.store.decisions import as_decisions, settled
from earnest.survey import Entry, Respondent, Survey

PASSWORD = "a long enough password"


@pytest.fixture
def job(store: Store) -> str:
    people = tuple(Respondent(f"r{i}", (Entry(question="Why?", answer="because"),)) for i in range(4))
    batch = Batch(survey=Survey(name="Drinks"), respondents=people, wanted=frozenset(CheckName))
    results = [
        b'{"responseIdentifier":"%s","numIssues":0,"qualityScore":100,"demeritScore":0,"evaluations":[]}'
        % person.identifier.encode()
        for person in people
    ]
    return store.jobs.keep("t", batch, results)


def test_the_latest_decision_of_a_coder_counts_and_can_be_undone(store: Store, job: str) -> None:
    store.decisions.decide("t", job, [0, 1], coder="ann", ruling=Ruling.REMOVE, reason="mash")
    store.decisions.decide("t", job, [1], coder="ann", ruling=Ruling.KEEP, note="read again")
    current = store.decisions.current("t", job)
    assert {position: by["ann"].ruling for position, by in current.items()} == {0: "remove", 1: "keep"}
    assert store.decisions.undo("t", job, coder="ann") == [1]
    assert store.decisions.current("t", job)[1]["ann"].ruling is Ruling.REMOVE
    assert store.decisions.undo("t", job, coder="ann") == [0, 1]
    assert store.decisions.undo("t", job, coder="ann") == []
    assert store.decisions.current("t", job) == {}
    assert len(store.decisions.log("t", job)) == 3


def test_coders_who_differ_are_settled_by_a_final_decision(store: Store, job: str) -> None:
    store.decisions.decide("t", job, [2], coder="ann", ruling=Ruling.REMOVE)
    store.decisions.decide("t", job, [2, 3], coder="bob", ruling=Ruling.KEEP)
    current = store.decisions.current("t", job)
    assert settled(current[2]) is None
    assert settled(current[3]) is not None
    store.decisions.decide("t", job, [2], coder="cy", ruling=Ruling.UNSURE, is_final=True)
    final = settled(store.decisions.current("t", job)[2])
    assert final is not None
    assert as_decisions([final], {2: "r2"})["r2"].ruling is Ruling.UNSURE


def test_decisions_of_others_are_out_of_reach(store: Store, job: str) -> None:
    with pytest.raises(NotFound):
        store.decisions.decide("other", job, [0], coder="eve", ruling=Ruling.REMOVE)
    with pytest.raises(NotFound):
        store.decisions.log("other", job)
    with pytest.raises(InvalidInput):
        store.decisions.decide("t", job, [4], coder="ann", ruling=Ruling.REMOVE)
    with pytest.raises(InvalidInput):
        store.decisions.decide("t", job, [0], coder="ann", ruling=Ruling.REMOVE, note="x" * 10_000)


def test_people_sign_in_with_their_password_only(store: Store) -> None:
    store.people.add("ann", PASSWORD, tenant="t", is_operator=False)
    token = store.people.sign_in("ann", PASSWORD)
    visitor = store.people.visitor(token)
    assert visitor is not None
    assert (visitor.name, visitor.tenant, visitor.is_operator) == ("ann", "t", False)
    for name, password in (("ann", "wrong password!"), ("bob", PASSWORD), ("", "")):
        with pytest.raises(InvalidKey):
            store.people.sign_in(name, password)
    store.people.sign_out(token)
    assert store.people.visitor(token) is None
    assert store.people.visitor("nonsense") is None


def test_a_new_password_or_being_disabled_ends_all_visits(store: Store) -> None:
    store.people.add("ann", PASSWORD, tenant="t", is_operator=True)
    token = store.people.sign_in("ann", PASSWORD)
    store.people.set_password("ann", PASSWORD + "!")
    assert store.people.visitor(token) is None
    token = store.people.sign_in("ann", PASSWORD + "!")
    store.people.disable("ann")
    assert store.people.visitor(token) is None
    with pytest.raises(InvalidKey):
        store.people.sign_in("ann", PASSWORD + "!")
    [person] = store.people.list()
    assert person.disabled_at is not None


def test_passwords_are_long_and_names_unique(store: Store) -> None:
    with pytest.raises(InvalidInput):
        store.people.add("ann", "short", tenant="t", is_operator=False)
    store.people.add("ann", PASSWORD, tenant="t", is_operator=False)
    with pytest.raises(InvalidInput):
        store.people.add("ann", PASSWORD, tenant="u", is_operator=False)


def test_whoever_came_with_a_key_is_called_by_the_tenant(store: Store) -> None:
    visitor = store.people.visitor(store.people.admit("t", is_operator=True))
    assert visitor is not None
    assert (visitor.name, visitor.is_operator) == ("t", True)


def test_an_uploaded_file_comes_back_as_it_was(store: Store, job: str, tmp_path: Path) -> None:
    upload = store.uploads.keep("t", "drinks.csv", [b"a" * 1000, b"b" * 500])
    assert (upload.size, upload.job, upload.choice) == (1500, None, None)
    store.uploads.choose("t", upload.id, b"{}")
    store.uploads.judged_by("t", upload.id, job)
    found = store.uploads.of_job("t", job)
    assert found is not None
    assert (found.id, found.file, found.choice, found.job) == (upload.id, "drinks.csv", b"{}", job)
    store.uploads.write("t", upload.id, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == b"a" * 1000 + b"b" * 500
    with pytest.raises(NotFound):
        store.uploads.find("other", upload.id)
    store.uploads.discard("t", upload.id)
    assert store.uploads.of_job("t", job) is None


def test_results_are_told_in_numbers_and_in_full(store: Store, job: str) -> None:
    assert store.results.ledger("t", job).positions.tolist() == []
    found = store.results.evaluations("t", job, [1, 3, 9])
    assert {position: each.response_identifier for position, each in found.items()} == {1: "r1", 3: "r3"}
    assert all(isinstance(each, RespondentEvaluation) for each in found.values())
    with pytest.raises(NotFound):
        store.results.entries("t", job, 0)
    with pytest.raises(NotFound):
        store.results.ledger("other", job)
