"""Batches as they come in: whole or not at all, once per key, and never in memory."""

import gc
import tracemalloc
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import msgspec
import pytest
import zstandard
from sqlalchemy import Connection, func, select, text

from earnest.errors import EarnestError, IdempotencyConflict, InvalidInput
from earnest.findings import CheckName
from earnest.store import Store
from earnest.store.base import Batch, Errand, Idempotency, Kind
from earnest.store.engines import reading, writing
from earnest.store.events import without_events
from earnest.store.responses import load
from earnest.store.tables import chunk, job, part, response, survey, task, typing
from earnest.survey import Entry, KeyStroke, Respondent, Survey

TYPED = Entry("Why?", "Because", key_events=(KeyStroke("a", 1.25, 80.0, ""),))
KEPT = (job, chunk, task, response, part, typing, survey)


class Crowd(Collection[Respondent]):
    """Respondents who are made up one by one, and only as often as they are asked for."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.walks = 0

    def __len__(self) -> int:
        return self.number

    def __contains__(self, _: object) -> bool:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Respondent]:
        self.walks += 1
        for i in range(self.number):
            yield Respondent(f"r{i}", (Entry("Why?", f"Because of {i}", key_events=TYPED.key_events),))


def batch(respondents: Collection[Respondent], survey: str | None = "s") -> Batch:
    return Batch(survey=Survey("Coffee", identifier=survey), respondents=respondents, wanted=frozenset(CheckName))


def submit(store: Store, asked: Batch, key: str | None = None, body: bytes = b"0" * 16, tenant: str = "t") -> str:
    return store.submissions.submit(
        tenant,
        asked,
        chunk_size=200,
        enqueue=lambda connection, errands: None,
        idempotency=None if key is None else Idempotency(key, body),
    )


def counts(store: Store) -> list[int]:
    with reading(store._engine) as connection:
        return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in KEPT]


def test_a_batch_is_kept_in_its_order_and_queued_chunk_by_chunk(store: Store) -> None:
    queued: list[Errand] = []
    store.submissions.submit(
        "t", batch(Crowd(1_201)), chunk_size=500, enqueue=lambda connection, errands: queued.extend(errands)
    )
    assert [(each.kind, each.number) for each in queued] == [(Kind.OBSERVE, i) for i in range(3)]
    with reading(store._engine) as connection:
        places = connection.execute(select(chunk.c.first, chunk.c.end).order_by(chunk.c.number)).all()
        names = connection.execute(
            select(response.c.identifier)
            .join(part, part.c.response_id == response.c.id)
            .join(task, task.c.part_id == part.c.id)
            .order_by(task.c.position)
        ).scalars()
        assert list(names) == [f"r{i}" for i in range(1_201)]
    assert [tuple(each) for each in places] == [(0, 500), (500, 1_000), (1_000, 1_201)]


def test_the_respondents_are_walked_through_once(store: Store) -> None:
    crowd = Crowd(3)
    submit(store, batch(crowd))
    assert crowd.walks == 1


@pytest.mark.slow
def test_the_memory_does_not_grow_with_the_batch(store: Store) -> None:
    submit(store, batch(Crowd(1_000)))
    peaks = []
    for number in (1_000, 4_000):
        gc.collect()
        tracemalloc.start()
        submit(store, batch(Crowd(number), survey=f"{number}"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]


def test_a_survey_is_kept_with_its_name_and_a_part_with_its_time(store: Store) -> None:
    submit(store, batch([Respondent("r", (TYPED,))]))
    with reading(store._engine) as connection:
        found = connection.execute(select(survey)).one()
        assert (found.identifier, found.name) == ("s", "Coffee")
        assert found.created_at <= connection.execute(select(part.c.arrived_at)).scalar_one()


def test_how_answers_were_typed_is_loaded_only_where_it_is_asked_for(store: Store) -> None:
    submit(store, batch([Respondent("r", (TYPED,))]))
    with reading(store._engine) as connection:
        parts = {0: connection.execute(select(part.c.id)).scalar_one()}
        for events, expected in ((True, (TYPED,)), (False, without_events([TYPED]))):
            loaded = load(connection, parts, before=0, encoder="e", events=events)
            assert loaded[0].part.entries == expected


def test_parts_of_the_release_before_have_their_events_within(store: Store) -> None:
    submit(store, batch([Respondent("r", (TYPED,))]))
    with writing(store._engine) as connection:
        connection.execute(typing.delete())
        connection.execute(part.update().values(entries=zstandard.compress(msgspec.msgpack.encode((TYPED,)))))
    submit(store, batch([Respondent("r", (TYPED,)), Respondent("r2", (TYPED,))]))
    with reading(store._engine) as connection:
        numbers = connection.execute(select(part.c.id)).scalars()
        loaded = load(connection, dict(enumerate(numbers)), before=0, encoder="e", events=True)
    assert [each.part.entries for each in loaded.values()] == [(TYPED,)] * 2


def test_nothing_is_kept_of_a_batch_that_cannot_be_kept_whole(store: Store) -> None:
    unsound = [Respondent("r", (TYPED,)), Respondent("x" * 501, ())]
    with pytest.raises(InvalidInput) as refused:
        submit(store, batch(unsound))
    assert set(refused.value.details) == {"responses[1].responseIdentifier", "responses[1].surveyEntries"}

    def refuse(connection: Connection, count: int) -> None:
        assert count == 700
        raise EarnestError("no more today")

    with pytest.raises(EarnestError, match="no more today"):
        store.submissions.submit("t", batch(Crowd(700)), chunk_size=200, enqueue=lambda *_: None, admit=refuse)
    assert counts(store) == [0] * len(KEPT)


def test_the_same_request_again_is_the_same_job(store: Store) -> None:
    first = submit(store, batch(Crowd(2)), "k")
    kept = counts(store)
    crowd = Crowd(2)
    assert submit(store, batch(crowd, survey=None), "k") == first
    assert counts(store) == kept
    assert store.submissions.known("t", Idempotency("k", b"0" * 16)) == first


def test_another_request_with_the_same_key_is_a_conflict(store: Store) -> None:
    submit(store, batch(Crowd(2)), "k")
    kept = counts(store)
    for ask in (submit, lambda store, _, key, body: store.submissions.known("t", Idempotency(key, body))):
        with pytest.raises(IdempotencyConflict):
            ask(store, batch(Crowd(2)), "k", b"1" * 16)
    assert counts(store) == kept


def test_keys_are_a_tenants_own_and_no_key_is_no_key(store: Store) -> None:
    jobs = [
        submit(store, batch(Crowd(2)), key, tenant=tenant)
        for key, tenant in (("k", "t"), ("K", "t"), ("k", "u"), (None, "t"), (None, "t"))
    ]
    assert len(set(jobs)) == 5
    assert store.submissions.known("u", Idempotency("K", b"0" * 16)) is None


def test_two_who_submit_the_same_at_once_get_one_job(store: Store) -> None:
    together = Barrier(4)

    def ask(_: int) -> str:
        together.wait(30)
        return submit(store, batch(Crowd(300)), "k")

    with ThreadPoolExecutor(4) as pool:
        jobs = set(pool.map(ask, range(4)))
    assert len(jobs) == 1
    assert counts(store)[0] == 1


def test_batches_of_one_survey_that_come_at_once_do_not_lock_each_other_out(store: Store) -> None:
    people = list(Crowd(1_200))
    with ThreadPoolExecutor(2) as pool:
        jobs = list(pool.map(lambda asked: submit(store, batch(asked)), (people, people[::-1])))
    assert len(set(jobs)) == 2
    assert counts(store)[3:5] == [1_200, 1_200]


def test_a_job_of_a_key_that_is_deleted_is_forgotten(store: Store) -> None:
    first = submit(store, batch(Crowd(1)), "k")
    with writing(store._engine) as connection:
        for table in ("chunk", "task", "job"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    assert submit(store, batch(Crowd(1)), "k") != first
