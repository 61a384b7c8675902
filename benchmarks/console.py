"""How quick the console is with a survey of 200 respondents and with one of 20,000, in one run.

    .venv/bin/python -m benchmarks.console [--port 8760]

Both surveys are invented, with four open ends, closed questions, a farm and some thousands of flags; what was found is
made up as well, so nothing is judged. Each page is asked for RUNS times; then Chromium opens it, if there is one, and
tells when it painted first. The last column is what matters: large ÷ small, at most 1.5.
"""

import argparse
import csv
import io
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median
from threading import Thread

import httpx
import msgspec
import uvicorn
from playwright.sync_api import sync_playwright

from earnest.api.app import create_app
from earnest.evaluate import ALL_CHECKS
from earnest.files.handover import batch_of
from earnest.files.tables import SurveyTable
from earnest.findings import CheckName, Finding, RespondentEvaluation
from earnest.review import Ledger
from earnest.scoring import evaluate_entry, evaluate_respondent
from earnest.service import DEFAULT_TENANT, Service
from earnest.settings import Settings
from earnest.store import open_store
from earnest.store.base import Errand, Kind
from earnest.store.results import pack_ledger
from earnest.survey import Respondent

SIZES = (200, 20_000)
RUNS = 15
PLACES = {
    "list": "/desk",
    "glance": "/desk/{job}",
    "what if": "/desk/{job}/what-if?low-effort=40",
    "questions": "/desk/{job}/questions",
    "question": "/desk/{job}/questions/0",
    "copies": "/desk/{job}/copies",
    "review": "/desk/{job}/review",
    "(by day, supplier)": "/desk/{job}/groups",
    "(closed questions)": "/desk/{job}/what-if/closed?low-effort=40",
}
"""In brackets: parts that are fetched once the page has painted."""
QUESTIONS = (
    "What is the main reason you signed up for your coffee subscription?",
    "If you could change one thing about it, what would it be and why?",
    "Thinking of your last delivery: what arrived, and how did it go?",
    "Which coffee brand comes to mind first, and what do you think of?",
)
WORDS = (
    *("fresh", "coffee", "price", "delivery", "taste", "box", "week", "morning", "beans", "friend", "family", "shop"),
    *("grinder", "bitter", "smooth", "late", "early", "paper", "plastic", "cheap", "quality", "roast", "porch"),
)
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def table(size: int) -> bytes:
    """An invented survey as CSV."""
    rng = Random(size)
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["respondent_id", "start_date", "supplier", "device", "region", "nps", "rating", *QUESTIONS])
    for i in range(size):
        answers = [" ".join(rng.choices(WORDS, k=rng.randint(3, 30))) for _ in QUESTIONS]
        if i % 100 < 3:
            answers[:2] = [f"The {WORDS[i // 100 % len(WORDS)]} was on time and all of us enjoy it", "Nothing at all"]
        closed = [rng.choice(("North", "South", "West")), rng.randint(0, 10), rng.randint(1, 5)]
        day = f"2026-09-{1 + i * 20 // size:02d} 10:00:00"
        writer.writerow([f"R{i}", day, rng.choice("ABC"), rng.choice(("phone", "desktop")), *closed, *answers])
    return stream.getvalue().encode()


def found_in(respondent: Respondent, i: int, rng: Random) -> RespondentEvaluation:
    """What might have been found about somebody."""
    judged = []
    for number, entry in enumerate(respondent.entries):
        findings = []
        for check in CheckName:
            bad = rng.random() < 0.04
            score = round(rng.uniform(75, 100) if bad else rng.betavariate(1, 8) * 60, 2)
            findings.append(Finding(check, score, bad, "It says little: 'it'.", ("vague",) if score > 25 else ()))
        if i % 100 < 3 and number < 2:
            others = " and ".join(f"'R{i - i % 100 + k}' (100 % alike)" for k in range(3) if k != i % 100)
            said = f"2 other respondents gave the same answer: {others}; honest answers agree so by chance rarely."
            findings[-1] = Finding(CheckName.SHARED_DUPLICATE, 99.0, True, said, ("exact_copy",))
        judged.append(evaluate_entry(entry, findings))
    return evaluate_respondent(respondent, judged)


def keep(service: Service, size: int, folder: Path) -> str:
    """Keep a survey as if it had been uploaded and judged; its job's id."""
    path = folder / f"survey{size}.csv"
    path.write_bytes(table(size))
    read = SurveyTable.read(path)
    batch = batch_of(read, survey_name=f"Survey of {size:,}", wanted=ALL_CHECKS, only_answered=True)
    upload = service.uploads.keep(DEFAULT_TENANT, path.name, _pieces(path))
    job = service.submit(DEFAULT_TENANT, batch)
    service.uploads.judged_by(DEFAULT_TENANT, upload.id, job)
    rng, people = Random(1), list(batch.respondents)
    store = open_store(service.settings.database_url)
    step = service.settings.chunk_size
    for number, first in enumerate(range(0, size, step)):
        some = range(first, min(size, first + step))
        found = {i: found_in(people[i], i, rng) for i in some}
        results = {i: msgspec.json.encode(each) for i, each in found.items()}
        ledger = pack_ledger(Ledger.of(found.values(), first=first))
        errand = Errand(Kind.OBSERVE, job, number)
        store.jobs.save_observed(errand, encoder="none", seen={}, sightings=[], enqueue=lambda *_: None)
        errand = Errand(Kind.JUDGE, job, number)
        store.jobs.save_judged(errand, results, evaluator="made up", ledger=ledger, enqueue=lambda *_: None)
    store.close()
    return job


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while data := stream.read(1 << 20):
            yield data


@contextmanager
def serving(service: Service, port: int) -> Iterator[str]:
    """The address of a server."""
    server = uvicorn.Server(uvicorn.Config(create_app(service), port=port, log_config=None))
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def server_times(address: str, jobs: dict[int, str]) -> dict[str, dict[int, tuple[float, float]]]:
    """By place and size: milliseconds of the first request, and of the median of the others; sizes take turns."""
    times: dict[str, dict[int, list[float]]] = {name: {size: [] for size in jobs} for name in PLACES}
    with httpx.Client(base_url=address, follow_redirects=True, timeout=300) as client:
        client.get("/desk")
        for name, place in PLACES.items():
            for _ in range(RUNS):
                for size, job in jobs.items():
                    began = time.perf_counter()
                    client.get(place.format(job=job)).raise_for_status()
                    times[name][size].append(1000 * (time.perf_counter() - began))
    return {
        name: {size: (each[0], median(each[1:])) for size, each in by_size.items()} for name, by_size in times.items()
    }


def first_paints(address: str, jobs: dict[int, str]) -> dict[str, dict[int, float]]:
    """By place and size: milliseconds until Chromium paints something, median; sizes take turns."""
    path = shutil.which("chromium")
    if path is None:
        return {}
    pages = [name for name in PLACES if not name.startswith("(")]
    times: dict[str, dict[int, list[float]]] = {name: {size: [] for size in jobs} for name in pages}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_page()
        page.goto(f"{address}/desk")
        for run in range(RUNS):
            for name in pages:
                for size, job in list(jobs.items())[:: 1 if run % 2 else -1]:
                    page.goto(address + PLACES[name].format(job=job))
                    while (paint := page.evaluate(PAINTED)) is None:
                        page.wait_for_timeout(20)
                    times[name][size].append(float(paint))
        browser.close()
    return {name: {size: median(each) for size, each in by_size.items()} for name, by_size in times.items()}


def main() -> None:
    """Measure, and print two tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="a folder in which the database stays")
    arguments = parser.parse_args()
    small, large = SIZES
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        service = Service.open(Settings(database_url=f"sqlite:///{folder / 'console.db'}"))
        jobs = {size: keep(service, size, folder) for size in SIZES}
        with serving(service, arguments.port) as address:
            times = server_times(address, jobs)
            print("| server, ms | 200, first | 200 | 20,000, first | 20,000 | large ÷ small |")
            print("|---|--:|--:|--:|--:|--:|")
            for name in PLACES:
                (one, again), (one_large, again_large) = times[name][small], times[name][large]
                cells = f"{one:.0f} | {again:.0f} | {one_large:.0f} | {again_large:.0f} | {again_large / again:.2f}"
                print(f"| {name} | {cells} |")
            print("\n| first paint, ms | 200 | 20,000 | large ÷ small |\n|---|--:|--:|--:|")
            for name, paint in first_paints(address, jobs).items():
                print(f"| {name} | {paint[small]:.0f} | {paint[large]:.0f} | {paint[large] / paint[small]:.2f} |")
        service.close()


if __name__ == "__main__":
    main()
