"""The same rows, judged by tools off the shelf and by rules of thumb, beside ours.

`pip install -r benchmarks/requirements.txt` gets the tools; a tool that is not there is left out, and the note says so.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module

import numpy as np
from benchmarks.bench import Bench, Row
from benchmarks.measures import Table, auroc, recall_at
from numpy.typing import NDArray

from earnest.findings import CheckName
from earnest.text.normalize import clean, comparable, words
from earnest.text.words import zipf

Score = Callable[[Sequence[Row]], Sequence[float]]
CLOSEST = 5
FEWEST_OTHERS = 30
CERTAIN = ("hs-", "tc-")
"""Beginnings of the ids of answers from before chat models existed."""
_DONT_KNOW = re.compile(
    r"^(?:i )?(?:do ?n[o']?t know|dunno|idk|no idea|not sure|unsure|none|nothing|no|n/?a|nope|no comments?|nil)\b"
)


def tables(bench: Bench) -> Iterator[Table]:
    """One table per check: AUROC and recall at 1 % false flags, ours beside the others'."""
    yield nonsensical(bench)
    yield irrelevant(bench)
    yield low_effort(bench)
    yield llm_generated(bench)


def nonsensical(bench: Bench) -> Table:
    """Mash and salad against all honest answers in Latin letters that the files hold."""
    rows = [row for row in bench.rows("nonsensical_*.jsonl") if row.bad is not None]
    tools = {**_pygarble(), "most frequent word": _word_frequency}
    honest = [row for row in rows if not row.bad and row.lang in {"en", "und"}]
    bad = defaultdict(list)
    for row in rows:
        if row.bad:
            bad[f"{row.source}, {row.kind}"].append(row)
    return _compared(bench, CheckName.NONSENSICAL, tools, {kind: (own, honest) for kind, own in bad.items()})


def irrelevant(bench: Bench) -> Table:
    """Another survey's answers, and another question's, against the honest ones of the same source."""
    rows = [row for row in bench.rows("irrelevant_*.jsonl") if row.bad is not None]
    honest, bad = defaultdict(list), defaultdict(list)
    for row in rows:
        if row.bad:
            kind = "another question's" if "within" in row.kind else "another survey's"
            bad[row.source, kind if "swap" in row.kind else row.kind].append(row)
        else:
            honest[row.source].append(row)
    tools = {"cosine to the question": _cosine(bench), "cosine to 5 other answers": _cosine_to_others(bench, rows)}
    groups = {f"{source}, {kind}": (own, honest[source]) for (source, kind), own in sorted(bad.items())}
    return _compared(bench, CheckName.IRRELEVANT, tools, groups, others=True)


def low_effort(bench: Bench) -> Table:
    """Low effort against the honest answers of the same source."""
    rows = [row for row in bench.rows("loweffort_*.jsonl") if row.bad is not None]
    groups: dict[str, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for row in rows:
        groups[row.source][0 if row.bad else 1].append(row)
    tools = {"don't-know list and length": _dont_know, "length alone": _shortness}
    return _compared(bench, CheckName.LOW_EFFORT, tools, dict(groups))


def llm_generated(bench: Bench) -> Table:
    """Machines' answers against those of certain people."""
    rows = [row for row in bench.rows("llm_*.jsonl") if row.bad is not None and row.lang.startswith("en")]
    honest = [row for row in rows if not row.bad and row.id.startswith(CERTAIN)]
    bad = defaultdict(list)
    for row in rows:
        if row.bad:
            style = f", {row.kind}" if row.source == "llm_written_dev" else ""
            bad[f"{row.source}{style}"].append(row)
    groups = {name: (own, honest) for name, own in sorted(bad.items())}
    return _compared(bench, CheckName.LLM_GENERATED, {**_slop(), "length alone": _length}, groups)


def _compared(
    bench: Bench,
    check: CheckName,
    tools: Mapping[str, Score],
    groups: Mapping[str, tuple[Sequence[Row], Sequence[Row]]],
    *,
    others: bool = False,
) -> Table:
    """A line per group, two figures per tool."""
    rows = list({id(row): row for pair in groups.values() for part in pair for row in part}.values())
    found = bench.findings(rows, check, others=others)
    scores = {"Earnest": {id(row): each.score if each else 0.0 for row, each in zip(rows, found, strict=True)}}
    for name, score in tools.items():
        scores[name] = {id(row): float(value) for row, value in zip(rows, score(rows), strict=True)}
    table = Table(
        f"{check}, beside tools off the shelf",
        ("answers", "bad", "honest", *scores),
        note="AUROC, then recall at the threshold of each tool's own at which 1 % of these honest answers are flagged.",
    )
    for group, (bad, honest) in sorted(groups.items()):
        cells = []
        for each in scores.values():
            pair = [each[id(row)] for row in bad], [each[id(row)] for row in honest]
            cells.append(f"{auroc(*pair):.3f}, {recall_at(*pair):.2f}")
        table.add(group, len(bad), len(honest), *cells)
    return table


def _pygarble() -> dict[str, Score]:
    try:
        pygarble = import_module("pygarble")
    except ImportError:
        return {}
    strategies = {"LOG_LIKELIHOOD_RATIO": "likelihood", "CROSS_PARSING": "cross-parsing"}

    def of(strategy: str) -> Score:
        detector = pygarble.GarbleDetector(pygarble.Strategy[strategy])
        return lambda rows: [detector.predict_proba(row.answer) for row in rows]

    return {f"pygarble 0.11, {name}": of(strategy) for strategy, name in strategies.items()}


def _slop() -> dict[str, Score]:
    try:
        slop = import_module("is_it_slop")
    except ImportError:
        return {}
    return {"is-it-slop": lambda rows: [each.ai_probability for each in slop.predict_batch([r.answer for r in rows])]}


def _word_frequency(rows: Sequence[Row]) -> list[float]:
    return [-max((zipf(word) for word in words(comparable(row.answer))), default=0.0) for row in rows]


def _vectors(bench: Bench, texts: Sequence[str]) -> NDArray[np.float32]:
    return bench.evaluator.encoder.encode([clean(text) for text in texts]).vectors.astype(np.float32)


def _cosine(bench: Bench) -> Score:
    def score(rows: Sequence[Row]) -> list[float]:
        asked, said = (_vectors(bench, [getattr(row, name) for row in rows]) for name in ("question", "answer"))
        return [-float(each) for each in (asked * said).sum(axis=1)]

    return score


def _cosine_to_others(bench: Bench, everybody: Sequence[Row]) -> Score:
    """Mean cosine to the five closest honest answers of other people to the question; to the question without those."""
    answered: dict[str, list[str]] = defaultdict(list)
    for row in everybody:
        if not row.bad:
            answered[row.question].append(row.answer)
    known = {question: _vectors(bench, texts) for question, texts in answered.items()}
    alone = _cosine(bench)

    def score(rows: Sequence[Row]) -> list[float]:
        said = _vectors(bench, [row.answer for row in rows])
        found = list(alone(rows))
        for i, row in enumerate(rows):
            others = [j for j, text in enumerate(answered[row.question]) if text != row.answer]
            if len(others) >= FEWEST_OTHERS:
                found[i] = -float(np.sort(known[row.question][others] @ said[i])[-CLOSEST:].mean())
        return found

    return score


def _dont_know(rows: Sequence[Row]) -> list[float]:
    return [10.0 * bool(_DONT_KNOW.match(row.answer.strip().lower())) - len(row.answer.split()) for row in rows]


def _shortness(rows: Sequence[Row]) -> list[float]:
    return [-float(len(row.answer.split())) for row in rows]


def _length(rows: Sequence[Row]) -> list[float]:
    return [float(len(row.answer.split())) for row in rows]
