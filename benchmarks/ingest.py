"""How much memory and time it takes to take a batch in, for bodies of 2, 20 and 200 MB, side by side in one run.

    .venv/bin/python -m benchmarks.ingest [BATCH.json]

Each body is posted to a server of its own, without a worker, on SQLite: the respondents of the example survey (or of
the batch body named on the command line), with their key events, over and over. Prints a Markdown table. Memory is the
server's: what it held before the body came, and the most that it held until the answer (RssAnon, sampled; VmHWM, which
also counts mapped files). "Locked" is the longest time for which another process could not have written to the
database; "single" the longest evaluation of a single respondent, in a second run with such requests all the while.
"""

import gzip
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import httpx
from benchmarks.fleet import BATCH, KEY, ROOT, Fleet, python

SIZES_MB = (2, 20, 200)
PAUSE_S = 0.01
HEAD = {"surveyName": "Ingest", "surveyIdentifier": "ingest"}


@dataclass
class Seen:
    """What was seen while a body was taken in."""

    respondents: int = 0
    size: int = 0
    sent: int = 0
    seconds: float = 0.0
    before_mb: float = 0.0
    anonymous_mb: float = 0.0
    peak_mb: float = 0.0
    locked_s: float = 0.0
    single_s: float = 0.0
    database_mb: float = 0.0


def responses(path: Path, size: int) -> Iterator[bytes]:
    """Responses, one after the other, as much as the size in bytes."""
    given = json.loads(path.read_bytes())["responses"]
    number = 0
    while size > 0:
        one = given[number % len(given)] | {"responseIdentifier": f"R{number:06d}"}
        text = json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode()
        size -= len(text) + 1
        number += 1
        yield text


def write_json(path: Path, found: Iterator[bytes]) -> int:
    """Write a JSON body and return how many respondents it has."""
    count = 0
    with path.open("wb") as file:
        file.write(b'{"responses":[')
        for one in found:
            file.write(b"," * (count > 0) + one)
            count += 1
        file.write(b"]," + json.dumps(HEAD).encode()[1:])
    return count


def write_lines(path: Path, found: Iterator[bytes]) -> int:
    """Write a body of compressed lines and return how many respondents it has."""
    count = 0
    with gzip.open(path, "wb", compresslevel=6) as file:
        file.write(json.dumps(HEAD).encode() + b"\n")
        for one in found:
            file.write(one + b"\n")
            count += 1
    return count


def status_mb(process: int, field: str) -> float:
    """A field of /proc/PID/status."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise LookupError(field)


def watch(process: int, database: Path, seen: Seen, stop: Event) -> None:
    """Sample the memory, and try to write."""
    connection = sqlite3.connect(database, timeout=0, isolation_level=None)
    refused_since: float | None = None
    while not stop.wait(PAUSE_S):
        seen.anonymous_mb = max(seen.anonymous_mb, status_mb(process, "RssAnon"))
        now = time.monotonic()
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
            refused_since = None
        except sqlite3.OperationalError:
            refused_since = refused_since or now
            seen.locked_s = max(seen.locked_s, now - refused_since)
    connection.close()


def ask(client: httpx.Client, seen: Seen, stop: Event) -> None:
    """Evaluate one respondent after the other, and note the longest wait."""
    number = 0
    while not stop.wait(PAUSE_S):
        start = time.monotonic()
        body = {"surveyEntries": [{"question": "Why?", "answer": f"It is the smell, {number} times over."}]}
        client.post("/api/v1/data-quality", json=body).raise_for_status()
        seen.single_s = max(seen.single_s, time.monotonic() - start)
        number += 1


def measure(source: Path, size: int, folder: Path, write: Callable[[Path, Iterator[bytes]], int]) -> Seen:
    """Take in one body, twice: once alone, and once while single respondents are evaluated."""
    body = folder / "body"
    seen = Seen(respondents=write(body, responses(source, size)), sent=body.stat().st_size)
    seen.size = size
    is_lines = write is write_lines
    headers = {"X-Aftercare-Key": KEY, "Content-Type": "application/x-ndjson" if is_lines else "application/json"}
    headers |= {"Content-Encoding": "gzip"} if is_lines else {}
    for asks in (False, True):
        database = folder / f"earnest-{asks}.db"
        url = f"sqlite:///{database}"
        with (
            Fleet(python("-m", "earnest"), url, folder, workers=0, EARNEST_THREADS="0") as fleet,
            httpx.Client(base_url=fleet.address, timeout=600, headers={"X-Aftercare-Key": KEY}) as client,
        ):
            process = fleet.pids["api"]
            if asks:
                warm = {"surveyEntries": [{"question": "Why?", "answer": "The first answer loads the model."}]}
                client.post("/api/v1/data-quality", json=warm).raise_for_status()
            small = {**HEAD, "responses": [{"surveyEntries": [{"question": "Why?", "answer": "Because."}]}]}
            client.post(BATCH, json=small).raise_for_status()
            before = status_mb(process, "RssAnon")
            stop = Event()
            found = Seen()
            threads = [Thread(target=watch, args=(process, database, found, stop))]
            threads += [Thread(target=ask, args=(client, found, stop))] if asks else []
            for thread in threads:
                thread.start()
            start = time.monotonic()
            with body.open("rb") as file:
                httpx.post(fleet.address + BATCH, content=file, headers=headers, timeout=600).raise_for_status()
            seconds = time.monotonic() - start
            stop.set()
            for thread in threads:
                thread.join()
            if asks:
                seen.single_s = found.single_s
            else:
                seen.seconds, seen.before_mb = seconds, before
                seen.anonymous_mb, seen.locked_s = found.anonymous_mb, found.locked_s
                seen.peak_mb = status_mb(process, "VmHWM")
                seen.database_mb = database.stat().st_size / 1e6
    return seen


def main() -> None:
    """Measure and print."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else next((ROOT / "examples").glob("*/survey.json"))
    print("| body | respondents | sent MB | seconds | RssAnon before | most | VmHWM | locked | single | database MB |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, write in (("JSON", write_json), ("lines, gzip", write_lines)):
        for megabytes in SIZES_MB:
            with tempfile.TemporaryDirectory() as folder:
                seen = measure(source, megabytes * 1_000_000, Path(folder), write)
            print(
                f"| {megabytes} MB {name} | {seen.respondents:,} | {seen.sent / 1e6:.1f} | {seen.seconds:.1f}"
                f" | {seen.before_mb:.0f} MB | {seen.anonymous_mb:.0f} MB | {seen.peak_mb:.0f} MB"
                f" | {seen.locked_s:.1f} s | {seen.single_s:.1f} s | {seen.database_mb:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
