"""Feeds broken inputs to everything that reads what comes from outside: nothing but our own errors may come of it.

    python benchmarks/fuzz.py [--inputs 1000000] [--seed 1]

Sound inputs are cut, joined, repeated and sprinkled with what readers stumble over. The seed says which come, and
one that breaks something is printed. Prints a Markdown table; ends with 1 where anything broke.
"""

import argparse
import gzip
import json
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import zstandard

sys.path.insert(0, str(Path(__file__).parents[1]))

from earnest.api import stream
from earnest.api.batch_body import read_batch
from earnest.api.contract import EvaluationRequest
from earnest.api.data_quality import page_of
from earnest.api.decode import decode
from earnest.errors import EarnestError
from earnest.files.delimited import Delimited
from earnest.service import Service
from earnest.settings import Settings
from earnest.store.base import cursor_of, position_of

JOB = "0123456789abcdef0123456789abcdef"
MOST_CHANGES = 4
MOST_BROKEN = 20
"""Inputs that are shown."""
TOKENS = (
    *(b"{", b"}", b"[", b"]", b'"', b":", b",", b"\\", b"null", b"true", b"NaN", b"-Infinity", b"-0", b"1e999", b"1.5"),
    *(
        b"9" * 400,
        b"9" * 20,
        b"[" * 200,
        b'{"a":' * 70,
        b"\\ud800",
        b"\\u0000",
        b"\\u0026",
        b"&#128;",
        b"&lt;",
        b"&#x1F600;",
    ),
    *(
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xff",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xf0\x9f\x98\x80",
        b"\0",
        b"\n",
        b"\r\n",
        b"\x1a",
    ),
    *(b'"responses":[', b'"responses":3,', b'"surveyEntries":[]', b'"answer":null', b'"keyEvents":[{"key":"a"}]'),
    *(b";", b"\t", b"|", b'""', b"'", b"sep=;\n", b"=1+1", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"%", b"=", b"_-"),
)
ENTRY = {
    "question": "Why do you like it?",
    "questionIdentifier": "why",
    "answer": "Because the smell &amp; taste remind me of home 😀",
    "keyEvents": [{"k": "a", "t": 0, "ht": 80.5, "c": "KeyA"}, {"k": "Backspace", "t": 130, "ht": 60, "c": ""}],
}
ONE = {"surveyName": "Drinks", "responseIdentifier": "r1", "qualityIssues": ["Low Effort"], "surveyEntries": [ENTRY]}
ANSWERS = [{"question": "Q?", "answer": f"{i} or so"} for i in range(3)]
RESPONSES = [{"responseIdentifier": f"r{i}", "surveyEntries": [each]} for i, each in enumerate(ANSWERS)]

HEAD = {"surveyName": "S", "surveyDescription": "é", "callbackUrl": "https://example.com/x?y"}
LINES = "\n".join(map(json.dumps, [HEAD, *RESPONSES])).encode()
WHOLE = json.dumps(HEAD | {"responses": RESPONSES}).encode()
TABLE = 'id,"Why, then?"\n1,"Le café\nétait ""bon"""\n2,Because\n'


@dataclass(frozen=True, slots=True)
class Reader:
    """Something that reads from outside.

    Attributes:
        name: What it reads.
        share: Of all inputs.
        seeds: Sound inputs.
        read: Reads one; `draw` decides what else is open, such as where it is cut.
    """

    name: str
    share: float
    seeds: Sequence[bytes]
    read: Callable[[bytes, random.Random], object]


@dataclass(slots=True)
class Outcome:
    """What became of a reader's inputs."""

    inputs: int = 0
    read: int = 0
    refused: int = 0
    longest_ms: float = 0.0
    broken: list[str] = field(default_factory=list)


def mutated(seeds: Sequence[bytes], draw: random.Random) -> bytes:
    """A sound input after one to four changes."""
    data = draw.choice(seeds)
    for _ in range(draw.randint(1, MOST_CHANGES)):
        start, end = sorted((draw.randint(0, len(data)), draw.randint(0, len(data))))
        change = draw.randrange(7)
        if change == 0:
            data = data[:start] + draw.choice(TOKENS) + data[start:]
        elif change == 1:
            data = data[:start] + draw.choice(TOKENS) + data[start + draw.randint(0, 8) :]
        elif change == 2:
            data = data[:start] + data[min(end, start + 40) :]
        elif change == 3:
            data = data[:start]
        elif change == 4:
            data = data[:end] + data[start : min(end, start + 500)] + data[end:]
        elif change == 5 and data:
            at = draw.randrange(len(data))
            data = data[:at] + bytes((data[at] ^ 1 << draw.randrange(8),)) + data[at + 1 :]
        else:
            data = data[:start] + draw.choice(seeds)[start:]
    return data


def readers(folder: Path) -> Iterator[Reader]:
    """All of them; some need a folder."""
    single = [
        json.dumps(ONE).encode(),
        json.dumps(ONE, ensure_ascii=False).encode(),
        json.dumps({"surveyEntries": [ENTRY]}).encode(),
    ]
    yield Reader("one respondent, JSON", 0.25, single, lambda data, _: decode(data, EvaluationRequest).part())
    yield Reader(
        "the same with HTML entities", 0.1, single, lambda data, _: decode(data, EvaluationRequest, html=True).part()
    )
    yield Reader("a batch, JSON", 0.2, [WHOLE, WHOLE.replace(b", ", b",\n ")], _batch(lines=False))
    yield Reader("a batch, lines of JSON", 0.15, [LINES, LINES + b"\r\n\n"], _batch(lines=True))
    plain = [WHOLE, LINES, b"a" * 5_000]
    yield Reader("gzip, cut at random", 0.1, [gzip.compress(each, mtime=0) for each in plain], _inflate("gzip"))
    compress = zstandard.ZstdCompressor().compress
    yield Reader("zstd, cut at random", 0.05, [compress(each) for each in plain], _inflate("zstd"))
    yield Reader("cursors and limits", 0.1, [cursor_of(JOB, 199).encode(), b"200", b"-1"], _query)
    encodings = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252")
    tables = [TABLE.encode(each) for each in encodings] + [TABLE.replace(",", "\t").encode()]
    yield Reader("a table, CSV or TSV", 0.03, tables, _table(folder / "survey.csv"))
    service = Service.open(Settings(database_url=f"sqlite:///{folder / 'earnest.db'}"))
    yield Reader("API keys", 0.02, [service.create_key("fuzz").encode()], _key(service))
    service.close()


def _batch(*, lines: bool) -> Callable[[bytes, random.Random], object]:
    def read(data: bytes, draw: random.Random) -> object:
        return list(read_batch(BytesIO(data), lines=lines, html=draw.random() < 0.2).respondents)

    return read


def _inflate(coding: str) -> Callable[[bytes, random.Random], object]:
    def read(data: bytes, draw: random.Random) -> object:
        inflater = stream._INFLATERS[coding]()
        file = BytesIO()
        writer = stream._Writer(file, 1_000_000)
        while data:
            size = draw.randint(1, len(data))
            writer.write(inflater, data[:size])
            data = data[size:]
        inflater.end()
        return file.tell()

    return read


def _query(data: bytes, _: random.Random) -> object:
    text = data.decode("latin-1")
    try:
        return position_of(text, JOB)
    except EarnestError:
        return page_of({"limit": text})


def _table(path: Path) -> Callable[[bytes, random.Random], object]:
    def read(data: bytes, _: random.Random) -> object:
        path.write_bytes(data)
        return list(Delimited.open(path).records())

    return read


def _key(service: Service) -> Callable[[bytes, random.Random], object]:
    return lambda data, _: service.tenant_of(data.decode("latin-1"))  # as a header arrives


def fuzz(reader: Reader, inputs: int, seed: int) -> Outcome:
    """Let a reader read so many broken inputs."""
    draw = random.Random(f"{seed} {reader.name}")
    outcome = Outcome()
    for _ in range(inputs):
        data = mutated(reader.seeds, draw)
        start = time.perf_counter()
        try:
            reader.read(data, draw)
            outcome.read += 1
        except EarnestError:
            outcome.refused += 1
        except BaseException as error:  # a KeyboardInterrupt, too, must not hide
            if isinstance(error, KeyboardInterrupt):
                raise
            if len(outcome.broken) < MOST_BROKEN:
                place = traceback.extract_tb(error.__traceback__)[-1]
                outcome.broken.append(f"{type(error).__name__}, {Path(place.filename).name}:{place.lineno}: {data!r}")
        outcome.longest_ms = max(outcome.longest_ms, 1_000 * (time.perf_counter() - start))
        outcome.inputs += 1
    return outcome


def campaign(inputs: int, seed: int) -> Iterator[tuple[Reader, Outcome]]:
    """Let all readers read broken inputs, so many in all."""
    with tempfile.TemporaryDirectory(prefix="earnest-fuzz-") as folder:
        for reader in readers(Path(folder)):
            yield reader, fuzz(reader, max(1, round(reader.share * inputs)), seed)


def main() -> int:
    """Run a campaign and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print("| reader | inputs | read | refused with a reason of ours | anything else | longest, ms |")
    print("|---|---|---|---|---|---|")
    broken: list[str] = []
    total = 0
    for reader, found in campaign(asked.inputs, asked.seed):
        others = found.inputs - found.read - found.refused
        print(
            f"| {reader.name} | {found.inputs:,} | {found.read:,} | {found.refused:,} | {others:,} "
            f"| {found.longest_ms:.0f} |",
            flush=True,
        )
        broken += [f"- {reader.name}: {each}" for each in found.broken]
        total += found.inputs
    print(f"\n{total:,} inputs, seed {asked.seed}.")
    print("\n".join(broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
