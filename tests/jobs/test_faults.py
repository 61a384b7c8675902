"""Each kind of fault once, while batches come in; `make faults` injects a hundred (benchmarks/faults.py)."""

import pytest
from benchmarks.databases import postgres_programs
from benchmarks.faults import campaign
from tests.lacking import lacking
from tests.postgres import BOTH, POSTGRESQL

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", BOTH)
def test_whatever_breaks_every_respondent_is_judged_exactly_once(kind: str) -> None:
    if kind == POSTGRESQL and postgres_programs() is None:
        lacking("PostgreSQL's server programs are not installed")
    findings = campaign(kind, faults=0, seed=2026)
    assert (findings.lost, findings.twice, findings.different, findings.twice_submitted) == (0, 0, 0, 0)
    assert findings.errors == []
    assert findings.respondents > 0
