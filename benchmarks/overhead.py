"""What engine and store cost of a batch: the share of its CPU that is not spent on judging, in one run.

    OPENBLAS_NUM_THREADS=1 .venv/bin/python benchmarks/overhead.py [--respondents 4000] [--rounds 3]

Respondents answer the questions of the example survey; from the second time on, four words of ten are drawn anew, so
that nobody answers like another one. A worker in this process judges them as a batch, from the submission to the last
result, on SQLite and on PostgreSQL in turn. CPU is that of the process and of the PostgreSQL processes that serve it.

Judging is what the evaluation does in memory as well: the first pass, and the second one with its comparisons of texts
and vectors. All else is the price of engine and store.
"""

import argparse
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from statistics import median
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.databases import Database, new_database
from benchmarks.index import Clock
from benchmarks.load import SOURCE

import earnest.jobs.batch
import earnest.store.corpus
from earnest.cli import prepare_process
from earnest.evaluate import Evaluator
from earnest.findings import CheckName
from earnest.jobs.batch import Errands
from earnest.service import Batch, Service
from earnest.settings import Settings
from earnest.store.corpus import SqlCorpus
from earnest.store.jobs import Jobs
from earnest.survey import Entry, Respondent, Survey
from earnest.text.encoder import OnnxEncoder

GOAL = 0.15
DRAWN_ANEW = 0.4
"""Share of an answer's words."""
SURVEY = Survey(name="Overhead")


def panel(count: int, seed: int) -> list[Respondent]:
    """So many respondents; no two rounds have the same."""
    draw = random.Random(seed)
    responses = json.loads(SOURCE.read_text(encoding="utf-8"))["responses"]
    people = [[(each["question"], each["answer"].split()) for each in one["surveyEntries"]] for one in responses]
    words = [word for one in people for _, answer in one for word in answer]
    return [
        Respondent(
            f"r{i}",
            tuple(
                Entry(question, " ".join(draw.choice(words) if draw.random() < DRAWN_ANEW else each for each in answer))
                for question, answer in people[i % len(people)]
            ),
        )
        for i in range(count)
    ]


class Stopwatch:
    """Adds up the CPU seconds of the threads that are in some functions, by the functions' names."""

    def __init__(self) -> None:
        self.spent_s: dict[str, float] = defaultdict(float)

    @contextmanager
    def timing(self, *functions: tuple[object, str]) -> Iterator[None]:
        """While inside, time these: each an owner and a name."""
        with ExitStack() as stack:
            for owner, name in functions:
                stack.enter_context(mock.patch.object(owner, name, self._timed(getattr(owner, name), name)))
            yield

    def _timed(self, function: Callable[..., object], name: str) -> Callable[..., object]:
        @wraps(function)
        def timed(*args: object, **named: object) -> object:
            begun = time.thread_time()
            try:
                return function(*args, **named)
            finally:
                self.spent_s[name] += time.thread_time() - begun

        return timed


def batch_s(database: Database, evaluator: Evaluator, respondents: Sequence[Respondent]) -> dict[str, float]:
    """CPU seconds of a batch, by what they were spent on."""
    watch = Stopwatch()
    compared = [(earnest.store.corpus, each) for each in ("find_kin", "choose_candidates", "twins_of")]
    asked = [(SqlCorpus, each) for each in ("twins", "profiles")]
    passes = [(Evaluator, "observe"), (Evaluator, "judge"), (earnest.jobs.batch, "observe_kept")]
    first = (Errands, "_observe")
    kept = [(Jobs, each) for each in ("chunk", "save_observed", "save_judged")]
    service = Service.open(Settings(database_url=database.url, threads=1), evaluator=evaluator)
    try:
        service.start_worker()
        clock = Clock(database.url)
        with watch.timing(*compared, *asked, *passes, *kept, first):
            begun, own = clock(), time.process_time()
            batch = Batch(survey=SURVEY, respondents=tuple(respondents), wanted=frozenset(CheckName))
            job = service.submit("t", batch)
            while not service.page("t", job, limit=1).status.is_final:
                time.sleep(1)
            whole, own = clock() - begun, time.process_time() - own
    finally:
        service.close()
    spent = watch.spent_s
    compare = sum(spent[name] for _, name in compared)
    corpus = spent["twins"] + spent["profiles"] - compare
    parts = {
        "judging": spent["_observe"] - spent["save_observed"] + spent["judge"] - corpus,
        "asking the corpus": corpus,
        "putting together what was observed": spent["observe_kept"],
        "reading chunks": spent["chunk"],
        "saving what was observed": spent["save_observed"],
        "saving evaluations": spent["save_judged"],
        "the database's processes": whole - own,
    }
    return parts | {"submission, engine, rest": whole - sum(parts.values())}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--respondents", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    prepare_process()
    evaluator = Evaluator(encoder=OnnxEncoder.shipped(threads=1))
    evaluator.evaluate(SURVEY, panel(20, 0))
    rounds: dict[str, list[dict[str, float]]] = {"sqlite": [], "postgresql": []}
    for number in range(1, asked.rounds + 1):
        respondents = panel(asked.respondents, number)
        for kind, found in rounds.items():
            with new_database(kind, is_small=False) as database:
                found.append(batch_s(database, evaluator, respondents))
    print("### Engine and store\n")
    print(f"{asked.respondents:,} respondents of four answers, one thread, median of {asked.rounds} rounds.\n")
    print("| CPU ms per respondent | " + " | ".join(rounds) + " |\n|---|" + "--:|" * len(rounds))
    for part in rounds["sqlite"][0]:
        spent = [1_000 * median(each[part] for each in found) / asked.respondents for found in rounds.values()]
        print(f"| {part} | " + " | ".join(f"{each:.2f}" for each in spent) + " |")
    told = []
    for found in rounds.values():
        shares = [100 * (1 - each["judging"] / sum(each.values())) for each in found]
        told.append(f"**{median(shares):.1f} %** ({min(shares):.1f}–{max(shares):.1f})")
    print(f"| **engine and store** (goal: ≤ {GOAL:.0%}) | " + " | ".join(told) + " |")


if __name__ == "__main__":
    main()
