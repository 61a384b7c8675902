"""Accuracy of LLM Generated: by its text alone on labelled answers, and by key logs, real and simulated."""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.bench import Bench, Row
from benchmarks.measures import Table, auroc, recall_at, share
from benchmarks.typing_simulators import SIMULATORS

from earnest.checks.signs import key_signs
from earnest.findings import CheckName, Finding
from earnest.keystrokes import TypingEvidence, read_typing
from earnest.survey import Entry, KeyStroke, Respondent, Survey

CHECK = CheckName.LLM_GENERATED
PEOPLE = "llm_certain_humans_*.jsonl"
LENGTHS = ((0, 7), (8, 14), (15, 29), (30, 59), (60, 10_000))
KEYS = {
    # The logs name only a key's class; any key of the class stands for it. So these measures hold: intervals, pauses,
    # corrections, counts, and holds where releases were logged. These do not: replay, share typed.
    "a": ("a", "KeyA"),
    "n": ("1", "Digit1"),
    "s": (" ", "Space"),
    "e": ("Enter", "Enter"),
    "b": ("Backspace", "Backspace"),
    "c": (".", "Period"),
    "m": ("Shift", "ShiftLeft"),
    "v": ("ArrowLeft", "ArrowLeft"),
    "o": ("F24", "F24"),
}
UNKNOWN_HOLD_MS = 80.0


def tables(bench: Bench) -> Iterator[Table]:
    """All tables of the check."""
    rows = [row for row in bench.rows("llm_*.jsonl") if row.bad is not None]
    judged = list(zip(rows, bench.findings(rows, CHECK), strict=True))
    yield machines(judged)
    yield people(judged, "Text alone, people's answers by source", lambda row: row.source)
    yield people(judged, "Text alone, people's answers by number of words", length)
    yield logs(bench)
    yield simulated(bench)


@dataclass(frozen=True, slots=True)
class Judged:
    """Some answers of one label, judged."""

    findings: Sequence[Finding | None]
    words: Sequence[int]

    @property
    def scores(self) -> list[float]:
        """0 where the check cannot tell."""
        return [finding.score if finding else 0.0 for finding in self.findings]

    @property
    def flagged(self) -> int:
        """How many are an issue."""
        return sum(finding is not None and finding.is_issue for finding in self.findings)

    @property
    def coverage(self) -> str:
        """How many the check can tell about."""
        return f"{sum(finding is not None for finding in self.findings) / max(1, len(self.findings)):.0%}"


def gathered(judged: Iterable[tuple[Row, Finding | None]]) -> Judged:
    """Put judged rows together."""
    pairs = list(judged)
    return Judged([finding for _, finding in pairs], [len(row.answer.split()) for row, _ in pairs])


def machines(judged: Sequence[tuple[Row, Finding | None]]) -> Table:
    """Machines' answers by source and style, against people of the same source, or else all certain people."""
    table = Table(
        "LLM Generated, text alone, machines' answers",
        ("source and style", "machine", "people", "AUROC", "words only", "recall", "recall at 1 %", "coverage"),
        note="Recall at our own `isIssue`, with 95 % intervals; recall at 1 % is at the threshold that flags 1 % of "
        "all certain people. * lent rows to the fit, so that its figures flatter: training/README.md has others.",
    )
    certain = gathered(
        (row, finding) for row, finding in judged if row.bad is False and row.id.startswith(("hs-", "tc-"))
    )
    own_people = defaultdict(list)
    own_machines = defaultdict(list)
    for row, finding in judged:
        if row.bad:
            own_machines[row.source, row.kind if row.source == "llm_written_dev" else ""].append((row, finding))
        else:
            own_people[row.source].append((row, finding))
    for (source, style), pairs in sorted(own_machines.items()):
        bad = gathered(pairs)
        honest = gathered(own_people[source]) if own_people[source] else certain
        trained = any(row.trained for row, _ in pairs)
        table.add(
            f"{source} {style}".strip() + ("*" if trained else ""),
            len(bad.words),
            len(honest.words) if own_people[source] else f"{len(honest.words)} certain",
            auroc(bad.scores, honest.scores),
            auroc(bad.words, honest.words),
            share(bad.flagged, len(bad.words)),
            recall_at(bad.scores, certain.scores),
            bad.coverage,
        )
    return table


def people(judged: Sequence[tuple[Row, Finding | None]], title: str, group: Callable[[Row], str]) -> Table:
    """False flags among people's answers."""
    table = Table(f"LLM Generated, {title[0].lower()}{title[1:]}", ("group", "people", "false flags", "coverage"))
    groups = defaultdict(list)
    for row, finding in judged:
        if row.bad is False:
            groups[group(row) + ("*" if row.trained and group is not length else "")].append((row, finding))
    for name, pairs in sorted(groups.items()):
        honest = gathered(pairs)
        table.add(name, len(honest.words), share(honest.flagged, len(honest.words)), honest.coverage)
    return table


def length(row: Row) -> str:
    """The answer's length, in words."""
    words = len(row.answer.split())
    low, high = next((low, high) for low, high in LENGTHS if low <= words <= high)
    return f"{low:2} to {high} words" if high < LENGTHS[-1][1] else f"{low} words and more"


def logs(bench: Bench) -> Table:
    """What the key signs say of people's own key logs: none of these is a machine's."""
    table = Table(
        "LLM Generated, people's key logs",
        ("source", "logs", "script_typed", "no_holds", "median interval, lowest 1 %", "interval variation, lowest 1 %"),
        note="Logs of at least 20 intervals. They hold classes of keys, so only rhythm can be tried. languagehero and "
        "fr_students log changes of the text, not keys: several letters may carry one time, and holds are not known.",
    )
    for path in sorted(bench.folder.glob("keystroke_*.jsonl")):
        records = [json.loads(line) for line in path.open(encoding="utf-8")]
        read = [read_typing(entry_of(record)) for record in records]
        long = [typing for typing in read if typing is not None and typing.intervals >= 20]
        codes = [sign.code for typing in long for sign in key_signs(typing, typing.characters)]
        table.add(
            records[0]["source"],
            len(long),
            share(codes.count("script_typed"), len(long)),
            share(codes.count("no_holds"), len(long)),
            f"{lowest(long, lambda typing: typing.interval_median_ms):.0f} ms",
            f"{lowest(long, lambda typing: typing.interval_cv):.2f}",
        )
    return table


def lowest(typings: Sequence[TypingEvidence], measure: Callable[[TypingEvidence], float]) -> float:
    """The first percentile."""
    return float(sorted(measure(typing) for typing in typings)[len(typings) // 100])


def entry_of(record: dict[str, Any]) -> Entry:
    """Turn a log of (time, type, class) into key strokes."""
    waiting: dict[str, list[float]] = defaultdict(list)
    strokes: list[KeyStroke] = []
    for at, kind, key_class in record["events"]:
        if kind == "d" and record["has_keyup"]:
            waiting[key_class].append(at)
        elif kind == "u" and waiting[key_class]:
            down = waiting[key_class].pop(0)
            strokes.append(KeyStroke(KEYS[key_class][0], down, at - down, KEYS[key_class][1]))
        elif kind in "di":
            strokes.append(KeyStroke(*_plain(str(key_class), at)))
        elif kind == "x":
            strokes.append(KeyStroke(*_plain("b", at)))
    return Entry(question="", answer=str(record["answer"]), key_events=tuple(strokes), paste_events=())


def _plain(key_class: str, at_ms: float) -> tuple[str, float, float, str]:
    key, code = KEYS.get(key_class, KEYS["o"])
    return key, at_ms, UNKNOWN_HOLD_MS, code


def simulated(bench: Bench) -> Table:
    """Certain people's answers, filled in by simulators: so that the text gives no help."""
    table = Table(
        "LLM Generated, simulated logs",
        ("way of filling in", "ought to be flagged", "answers", "flagged", "most frequent reason"),
        note="The texts are answers of certain people of 80 to 400 characters; the logs are made by "
        "benchmarks/typing_simulators.py, whose limits are stated there.",
    )
    texts = [row.answer for row in bench.rows(PEOPLE) if 80 <= len(row.answer) <= 400 and row.answer.isascii()]
    chosen = random.Random(7).sample(texts, min(200, len(texts)))
    for simulator in SIMULATORS:
        rng = random.Random(simulator.name)
        entries = [simulator.fill("What do you think?", " ".join(text.split()), rng) for text in chosen]
        respondents = [Respondent(str(i), (entry,)) for i, entry in enumerate(entries)]
        found = [
            each.evaluations[0].quality_issue_checks
            for each in bench.evaluator.evaluate(Survey(), respondents, wanted={CHECK})
        ]
        reasons = [finding.reason_codes[0] if finding.reason_codes else "" for (finding, *_) in filter(None, found)]
        table.add(
            simulator.name,
            "yes" if simulator.is_attack else "no",
            len(chosen),
            share(sum(finding.is_issue for findings in found for finding in findings), len(chosen)),
            max(set(reasons), key=reasons.count, default="") or "–",
        )
    return table
