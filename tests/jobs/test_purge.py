"""What is deleted is gone, to the last byte of an SQLite file; what others need stays, and goes on working."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text, update
from tests.jobs.conftest import OpenService, finished

from earnest.errors import InvalidInput, NotFound
from earnest.findings import CheckName
from earnest.review.decisions import Ruling
from earnest.service import Batch, Part, Service
from earnest.store import tables
from earnest.store.corpus import digest_of
from earnest.store.engines import connect
from earnest.store.responses import named
from earnest.store.selection import Selection, Thing
from earnest.survey import Entry, KeyStroke, Respondent, Survey

ALL = frozenset(CheckName)
SECRET = "my grandmother in antwerp kept marzipan beside her old gramophone"
SHARED = "nothing else comes to my mind at this moment i am afraid"
KEYS = tuple(KeyStroke(key="q", down_ms=i * 97.0, hold_ms=80.0, code="KeyQ") for i in range(40))
MONTH_S = 30 * 86_400


def person(name: str, answer: str) -> Respondent:
    why = Entry(question="Why?", question_identifier="why", answer=answer, key_events=KEYS)
    return Respondent(name, (why, Entry(question="What else?", answer=SHARED)))


PEOPLE = tuple(person(f"r{i}", f"{SECRET} number {i}, {i * 7919 % 1009} times" if i else SECRET) for i in range(12))


def batch(identifier: str | None = "s", people: tuple[Respondent, ...] = PEOPLE) -> Batch:
    return Batch(survey=Survey(name="Sweets", identifier=identifier), respondents=people, wanted=ALL)


@pytest.fixture
def service(open_service: OpenService) -> Service:
    service = open_service({})
    service.start_worker()
    return service


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    yield engine
    engine.dispose()


def rows(engine: Engine) -> dict[str, int]:
    """How many rows each of our tables has that could hold an answer."""
    with engine.connect() as connection:
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables.metadata.sorted_tables
            if table.name in OURS
        }
    return {name: count for name, count in counts.items() if count}


def nothing_but_names(engine: Engine) -> bool:
    """Nothing is left but the newest survey and question, which are numbers and digests."""
    return rows(engine) in (
        {},
        {"survey": 1},
        {"survey": 1, "question": 1},
    )


OURS = set(tables.metadata.tables) - {"worker", "secret", "usage", "tally", "api_key", "signing_secret", "allowance"}


def bytes_of(database_url: str) -> bytes:
    path = Path(database_url.removeprefix("sqlite:///"))
    return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))


def test_a_survey_goes_with_all_that_was_made_of_it(service: Service, engine: Engine, database_url: str) -> None:
    job = service.submit("t", batch())
    service.evaluate("t", Part(survey=Survey(identifier="s"), entries=PEOPLE[0].entries, wanted=ALL))
    finished(service, job)
    service.decisions.decide("t", job, [0], coder="ann", ruling=Ruling.REMOVE, note=SECRET)
    service.uploads.judged_by("t", service.uploads.keep("t", "sweets.csv", [SECRET.encode()]).id, job)
    on_sqlite = database_url.startswith("sqlite")
    if on_sqlite:
        assert b"gramophone" in bytes_of(database_url)
        with engine.connect() as connection:
            packed = connection.execute(text("SELECT entries FROM part")).scalars().all()
    planned = service.purge.answers(Selection(survey="s"), dry_run=True)
    assert (planned[Thing.JOBS], planned[Thing.RESPONDENTS], planned[Thing.FILES]) == (1, 13, 1)
    removed = service.purge.answers(Selection(survey="s"))
    assert (removed[Thing.JOBS], removed[Thing.RESPONDENTS], removed[Thing.FILES]) == (1, 13, 1)
    assert removed[Thing.TEXTS] == len(PEOPLE) + 1
    assert nothing_but_names(engine)
    with pytest.raises(NotFound):
        service.page("t", job)
    if on_sqlite:
        assert service.purge.settle()
        left = bytes_of(database_url)
        assert not any(word in left for word in (b"gramophone", b"marzipan", b"afraid"))
        assert not any(each[i : i + 16] in left for each in packed for i in range(12, len(each) - 16, 8))


def test_one_respondent_goes_and_the_others_stay(service: Service, engine: Engine) -> None:
    job, other = service.submit("t", batch()), service.submit("u", batch())
    before = finished(service, job).items
    finished(service, other, tenant="u")
    service.uploads.judged_by("t", service.uploads.keep("t", "sweets.csv", [SECRET.encode()]).id, job)
    removed = service.purge.answers(Selection(tenant="t", respondent="r3"))
    assert (removed[Thing.RESPONDENTS], removed[Thing.TEXTS], removed[Thing.FILES]) == (1, 1, 1)
    after = finished(service, job)
    assert list(after.items) == [each for i, each in enumerate(before) if i != 3]
    pages = [service.page("t", job, limit=3)]
    while pages[-1].next_cursor is not None:
        pages.append(service.page("t", job, limit=3, cursor=pages[-1].next_cursor))
    assert [item for page in pages for item in page.items] == list(after.items)
    assert len(finished(service, other, tenant="u").items) == len(PEOPLE)
    assert 3 not in service.results.ledger("t", job).positions
    with engine.connect() as connection:
        shared = connection.execute(text("SELECT count(*) FROM given")).scalar_one()
        counted = connection.execute(text("SELECT sum(answers) FROM question")).scalar_one()
    assert shared == counted == 4 * len(PEOPLE) - 2
    with pytest.raises(NotFound):
        service.purge.answers(Selection(tenant="t", respondent="r3"))


def test_who_gave_a_text_as_well_is_found_by_those_who_come_later(service: Service) -> None:
    finished(service, service.submit("t", batch(people=(person("a", SECRET), person("b", SECRET)))))
    service.purge.answers(Selection(respondent="a"))
    late = finished(service, service.submit("t", batch(people=(person("c", SECRET),))))
    assert b'"evidence":"1 siblings' in late.items[0]
    assert b'"isIssue":true' in late.items[0]
    service.purge.answers(Selection(respondent="b"))
    service.purge.answers(Selection(respondent="c"))
    last = finished(service, service.submit("t", batch(people=(person("d", SECRET),))))
    assert b'"isIssue":true' not in last.items[0]


def test_a_job_under_way_keeps_its_answers(open_service: OpenService) -> None:
    service = open_service({})  # without a worker
    job = service.submit("t", batch())
    for chosen in (Selection(survey="s"), Selection(respondent="r1")):
        with pytest.raises(InvalidInput, match=job):
            service.purge.answers(chosen)
    later = Selection(before=time.time() + 1)
    assert service.purge.answers(later)[Thing.LEFT] == len(PEOPLE)
    assert service.purge.typing(later)[Thing.TYPED] == 0
    service.start_worker()
    assert len(finished(service, job).items) == len(PEOPLE)


def test_what_is_old_goes_and_what_is_young_stays(service: Service, engine: Engine) -> None:
    old, alone = service.submit("t", batch("old")), service.submit("t", batch(None))
    finished(service, old)
    finished(service, alone)
    part = Part(survey=Survey(), entries=PEOPLE[0].entries, wanted=ALL)
    service.evaluate("t", part)
    service.uploads.keep("t", "never judged.csv", [SECRET.encode()])
    with engine.begin() as connection:
        for table, names in (
            (tables.part, ["arrived_at"]),
            (tables.job, ["created_at", "finished_at"]),
            (tables.upload, ["created_at"]),
        ):
            connection.execute(update(table).values({name: table.c[name] - MONTH_S for name in names}))
    young = service.submit("t", batch("young"))
    again = service.submit("t", batch("old", PEOPLE[:2]))  # the same answers, so the same parts
    finished(service, young)
    finished(service, again)
    removed = service.purge.answers(Selection(before=time.time() - MONTH_S / 2))
    assert (removed[Thing.JOBS], removed[Thing.RESPONDENTS], removed[Thing.FILES]) == (2, 2 * len(PEOPLE) - 1, 1)
    assert removed[Thing.LEFT] == 2
    for kept, count in ((young, len(PEOPLE)), (again, 2)):
        assert len(finished(service, kept).items) == count
    service.purge.answers(Selection(before=time.time() + 1))
    assert nothing_but_names(engine)


def test_a_dry_run_leaves_even_a_survey_that_is_bare(service: Service, engine: Engine) -> None:
    """As a purge leaves one that was killed just before its end."""
    surveys = [{"tenant": "t", "digest": digest_of(named(name))} for name in ("s", "newer")]
    with engine.begin() as connection:
        connection.execute(tables.survey.insert(), surveys)
    service.purge.answers(Selection(survey="s"), dry_run=True)
    assert rows(engine)["survey"] == 2
    service.purge.answers(Selection(survey="s"))
    assert rows(engine)["survey"] == 1


def test_key_events_go_sooner(service: Service, engine: Engine) -> None:
    job = service.submit("t", batch())
    before = finished(service, job).items
    assert service.purge.typing(Selection(before=time.time() - 60))[Thing.TYPED] == 0
    assert service.purge.typing(Selection(respondent="r1", survey="s"))[Thing.TYPED] == 1
    assert service.purge.typing(Selection(before=time.time() + 60), dry_run=True)[Thing.TYPED] == len(PEOPLE) - 1
    assert service.purge.typing(Selection(before=time.time() + 60))[Thing.TYPED] == len(PEOPLE) - 1
    assert finished(service, job).items == before
    assert service.results.entries("t", job, 1)[0].answer == PEOPLE[1].entries[0].answer
    assert rows(engine)["part"] == len(PEOPLE)
    assert "typing" not in rows(engine)
    with pytest.raises(NotFound):
        service.purge.typing(Selection(survey="unknown"))


def test_a_respondent_of_the_command_line_goes(service: Service) -> None:
    results = service.evaluator.evaluate(Survey(), list(PEOPLE), wanted=ALL)
    job = service.keep("default", batch(None), results)
    assert service.purge.answers(Selection(respondent="r5"))[Thing.RESPONDENTS] == 1
    left = service.page("default", job, limit=100)
    assert len(left.items) == len(PEOPLE) - 1
    assert left.next_cursor is None


KILLED = """
import os, sys
from earnest.store import open_store, purge, selection
from earnest.store.selection import Selection
transactions = 0
def writing(engine, before=purge.writing):
    global transactions
    transactions += 1
    if transactions == {nth}:
        os.kill(os.getpid(), 9)
    return before(engine)
purge.writing = writing
purge.AT_ONCE = 2
open_store(sys.argv[1]).purge.answers(Selection(survey="s"))
"""


def test_a_purge_that_is_killed_is_finished_by_the_next(service: Service, engine: Engine, database_url: str) -> None:
    job = service.submit("t", batch())
    finished(service, job)
    for nth in (2, 3, 5, 8, 12):
        killed = subprocess.run([sys.executable, "-c", KILLED.format(nth=nth), database_url], check=False)
        assert killed.returncode in {0, -signal.SIGKILL}
    if rows(engine).get("response"):
        service.purge.answers(Selection(survey="s"))
    assert nothing_but_names(engine)
