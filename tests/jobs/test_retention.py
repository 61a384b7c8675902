"""What is too old goes by itself: key events first, then all; once an hour, by one process."""

import time
from collections.abc import Iterator

import msgspec
import pytest
import zstandard
from sqlalchemy import Engine, func, select, update
from tests.store.test_jobs import Queue, batch, judge, observe, submit

from earnest.errors import NotFound
from earnest.findings import JobStatus
from earnest.jobs.retention import DAY_S, Retention
from earnest.settings import Settings
from earnest.store import Store, open_store
from earnest.store.engines import connect
from earnest.store.responses import pack
from earnest.store.selection import Selection, Thing
from earnest.store.tables import job, part, typing
from earnest.survey import Entry, KeyStroke, Respondent


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = open_store(database_url)
    yield store
    store.close()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    yield engine
    engine.dispose()


def grow_older(engine: Engine, days: float) -> None:
    with engine.begin() as connection:
        for table, names in ((part, ["arrived_at"]), (job, ["created_at", "finished_at"])):
            connection.execute(update(table).values({name: table.c[name] - days * DAY_S for name in names}))


def typed(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(typing)).scalar_one()


def test_key_events_go_first_and_then_everything(store: Store, engine: Engine) -> None:
    queue = Queue()
    done = submit(store, queue, 2)
    keys = (KeyStroke(key="a", down_ms=0, hold_ms=80, code="KeyA"),)
    [packed] = pack([Respondent("", (Entry(question="Why?", answer="typed", key_events=keys),))])
    with engine.begin() as connection:
        number = connection.execute(select(func.min(part.c.id))).scalar_one()
        connection.execute(typing.insert().values(part_id=number, events=packed.events))
    observe(store, queue, done, 0)
    judge(store, queue, done, 0)
    retention = Retention(store, Settings(keep_days=30, keep_key_events_days=7))
    for older, events, is_there in ((6, 1, True), (2, 0, True), (21, 0, True), (2, 0, False)):
        grow_older(engine, older)
        retention.apply()
        assert typed(engine) == events
        if is_there:
            assert len(store.jobs.page("t", done, cursor=None, limit=10).items) == 2
    with pytest.raises(NotFound):
        store.jobs.page("t", done, cursor=None, limit=10)


def test_what_release_1_0_kept_of_typing_goes_as_well(
    store: Store, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It kept key events among the answers, and noted no time; its parts are as young as the first one that has one."""
    monkeypatch.setattr("earnest.store.untyping.AT_ONCE", 2)
    submit(store, Queue(), 6)
    keys = (KeyStroke(key="a", down_ms=0, hold_ms=80, code="KeyA"),)
    old = zstandard.compress(msgspec.msgpack.encode((Entry(question="Why?", answer="typed", key_events=keys),)))
    with engine.begin() as connection:
        young = connection.execute(select(func.max(part.c.id))).scalar_one()
        connection.execute(update(part).where(part.c.id < young).values(entries=old, arrived_at=None))
        connection.execute(update(job).values(status=JobStatus.COMPLETED))
    before = time.time() - 7 * DAY_S
    assert store.purge.typing(Selection(before=before))[Thing.TYPED] == 0
    grow_older(engine, 8)
    assert store.purge.typing(Selection(respondent="r1", survey="s"))[Thing.TYPED] == 1
    assert store.purge.typing(Selection(before=before))[Thing.TYPED] == 4
    assert store.purge.typing(Selection(before=before))[Thing.TYPED] == 0
    with engine.connect() as connection:
        kept = connection.execute(select(part.c.entries).order_by(part.c.id)).scalars().all()
    entries = [msgspec.msgpack.decode(zstandard.decompress(each), type=tuple[Entry, ...]) for each in kept]
    assert [entry.answer for [entry] in entries] == ["typed"] * 5 + ["answer 5"]
    assert not any(entry.key_events for [entry] in entries)


def test_nothing_goes_by_itself_unless_that_was_wished(store: Store, engine: Engine) -> None:
    done = store.jobs.keep("t", batch(1), [b"{}"])
    grow_older(engine, 10_000)
    retention = Retention(store, Settings())
    retention.start()
    retention.apply()
    retention.stop()
    assert store.jobs.page("t", done, cursor=None, limit=10).items == (b"{}",)


def test_one_process_does_it_in_an_hour(store: Store, database_url: str) -> None:
    hour = int(time.time() // 3600)
    other = open_store(database_url)
    assert [each.purge.is_first_in(hour) for each in (store, other, store)] == [True, False, False]
    assert [each.purge.is_first_in(hour + 1) for each in (other, store)] == [True, False]
    other.close()
