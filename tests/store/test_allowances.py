"""What tenants may ask for: the counts are right, whoever counts and however many count at once."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, event, select

from earnest.errors import RateLimited
from earnest.store import Store
from earnest.store.allowances import CLAIMS_PER_MINUTE, Allowance, Allowances
from earnest.store.engines import writing
from earnest.store.tables import usage

MINUTE = 30_000_000
"""A multiple of a day's minutes, plus some hours."""


NewEngine = Callable[[], Engine]


class Clock:
    """Stands still until it is moved."""

    now = MINUTE * 60.0

    def __call__(self) -> float:
        return self.now


def allowing(requests: int = 0, respondents: int = 0) -> Allowance:
    return Allowance(requests_per_minute=requests, respondents_per_day=respondents)


def let_in(allowances: Allowances, tries: int, general: Allowance, tenant: str = "acme") -> int:
    count = 0
    for _ in range(tries):
        try:
            allowances.take_request(tenant, general)
        except RateLimited:
            continue
        count += 1
    return count


def take(engine: Engine, allowances: Allowances, count: int, limit: int) -> bool:
    try:
        with writing(engine) as connection:
            allowances.take_respondents(connection, count, tenant="acme", general=allowing(respondents=limit))
    except RateLimited:
        return False
    return True


@pytest.fixture
def engine(new_engine: NewEngine) -> Engine:
    """A database without answers."""
    return new_engine()


def test_exactly_as_many_requests_as_are_allowed_are_let_in(engine: Engine) -> None:
    allowances = Allowances(engine, Clock())
    for limit in (1, 7, 50, 100, 1001):
        assert let_in(allowances, limit + 20, allowing(limit), tenant=f"up to {limit}") == limit


def test_processes_share_one_minute(engine: Engine, new_engine: NewEngine) -> None:
    processes = [Allowances(each, Clock()) for each in (engine, new_engine(), new_engine())]
    count = sum(let_in(each, 10, allowing(100)) for _ in range(20) for each in processes)
    assert count == 100


def test_a_process_that_is_not_asked_again_keeps_a_fiftieth_at_most(engine: Engine, new_engine: NewEngine) -> None:
    idle, busy = Allowances(engine, Clock()), Allowances(new_engine(), Clock())
    assert let_in(idle, 1, allowing(1000)) == 1
    assert 1000 - 1000 // CLAIMS_PER_MINUTE <= let_in(busy, 2000, allowing(1000)) <= 999


def test_the_next_minute_begins_anew_and_forgets_the_last(engine: Engine) -> None:
    clock = Clock()
    allowances = Allowances(engine, clock)
    assert let_in(allowances, 5, allowing(3)) == 3
    clock.now += 59.5
    with pytest.raises(RateLimited) as refused:
        allowances.take_request("acme", allowing(3))
    assert (refused.value.code, refused.value.retry_after_s) == ("RATE_LIMITED", 1)
    clock.now += 0.5
    assert let_in(allowances, 5, allowing(3)) == 3
    with engine.connect() as connection:
        assert connection.execute(select(usage.c.period, usage.c.amount)).all() == [(MINUTE + 1, 3)]


def test_a_rate_says_what_is_left(engine: Engine) -> None:
    clock = Clock()
    clock.now += 20.5
    allowances = Allowances(engine, clock)
    rates = [allowances.take_request("acme", allowing(200)) for _ in range(10)]
    assert [rate and rate.remaining for rate in rates] == list(range(199, 189, -1))
    assert {(rate.limit, rate.reset_s) for rate in rates if rate} == {(200, 40)}


def test_most_requests_write_nothing(engine: Engine) -> None:
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2].split()[0]))
    assert let_in(Allowances(engine, Clock()), 3000, allowing(2000)) == 2000
    assert statements.count("UPDATE") <= CLAIMS_PER_MINUTE
    statements.clear()
    assert let_in(Allowances(engine, Clock()), 3000, allowing(0)) == 3000
    assert [each for each in statements if each != "BEGIN"] == ["SELECT"]


def test_tenants_do_not_share(engine: Engine) -> None:
    allowances = Allowances(engine, Clock())
    assert [let_in(allowances, 9, allowing(5), tenant) for tenant in ("acme", "globex")] == [5, 5]


def test_what_is_said_of_a_tenant_wins(engine: Engine) -> None:
    clock = Clock()
    allowances = Allowances(engine, clock)
    allowances.set("acme", Allowance(requests_per_minute=8, respondents_per_day=None))
    allowances.set("acme", Allowance(requests_per_minute=None, respondents_per_day=70))
    allowances.set("globex", allowing())
    assert [let_in(allowances, 20, allowing(5), tenant) for tenant in ("acme", "globex", "other")] == [8, 20, 5]
    assert take(engine, allowances, 1, 0)
    found = {each.tenant: each for each in allowances.tenants(allowing(5, 6))}
    assert (found["acme"].allowance, found["acme"].respondents_today) == (allowing(8, 70), 1)
    assert found["globex"].allowance == allowing()


def test_a_batch_that_would_exceed_the_day_counts_nothing(engine: Engine) -> None:
    clock = Clock()
    allowances = Allowances(engine, clock)
    assert [take(engine, allowances, count, 100) for count in (60, 41, 40, 1, 101)] == [True, False, True, False, False]
    with (
        pytest.raises(RateLimited, match="100 a day are allowed, 0 are left") as refused,
        writing(engine) as connection,
    ):
        allowances.take_respondents(connection, 1, tenant="acme", general=allowing(respondents=100))
    assert refused.value.retry_after_s == 86_400 - clock.now % 86_400
    clock.now += refused.value.retry_after_s
    assert take(engine, allowances, 100, 100)


def test_what_was_not_kept_is_not_counted(engine: Engine) -> None:
    allowances = Allowances(engine, Clock())

    def fail() -> None:
        with writing(engine) as connection:
            allowances.take_respondents(connection, 100, tenant="acme", general=allowing(respondents=100))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert take(engine, allowances, 100, 100)


def test_two_batches_at_once_do_not_both_take_the_last_of_the_day(engine: Engine, new_engine: NewEngine) -> None:
    engines = [engine, *(new_engine() for _ in range(3))]
    barrier = Barrier(len(engines))

    def submit(own: Engine) -> int:
        allowances = Allowances(own, Clock())
        barrier.wait()
        return sum(take(own, allowances, 7, 100) for _ in range(5))

    with ThreadPoolExecutor(len(engines)) as pool:
        assert sum(pool.map(submit, engines)) == 14, "7 × 14 = 98, and of 20 tries no more fit"


PROCESS = """
import sys
from earnest.errors import RateLimited
from earnest.store.allowances import Allowance, Allowances
from earnest.store.engines import connect

allowances = Allowances(connect(sys.argv[1]), lambda: 1_800_000_000.0)
count = 0
for _ in range(400):
    try:
        allowances.take_request("acme", Allowance(requests_per_minute=500, respondents_per_day=0))
        count += 1
    except RateLimited:
        pass
print(count)
"""


@pytest.mark.slow
def test_real_processes_together_let_in_what_is_allowed(store: Store, database_url: str) -> None:
    command = [sys.executable, "-c", PROCESS, database_url]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    counts = [int(each.communicate()[0]) for each in running]
    most_idle = 4 * (500 // CLAIMS_PER_MINUTE - 1)
    assert 500 - most_idle <= sum(counts) <= 500, counts
