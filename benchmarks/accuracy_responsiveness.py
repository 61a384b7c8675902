"""Accuracy of Nonsensical, Irrelevant and Low Effort; accuracy_honest.py has what they flag among honest answers."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from benchmarks.bench import Bench, Row
from benchmarks.measures import Table, auroc, recall_at, share

from earnest.findings import CheckName, Finding

FITTED = frozenset(
    # training/make_patterns.py and training/fit_irrelevant.py
    {"carpentries", "cncf", "k8s_contribex", "spack", "todogroup", "protoqa_scraped", "topicalchat", "isitkbs"}
)
OURS = (CheckName.NONSENSICAL, CheckName.IRRELEVANT, CheckName.LOW_EFFORT)
Judged = tuple[Row, Finding | None]
K = TypeVar("K")

COLUMNS = (
    "source", "bad", "honest", "AUROC", "words only", "recall", "false flags", "recall at 1 %", "coverage bad / honest",
)  # fmt: skip
FILES = {
    CheckName.NONSENSICAL: ("nonsensical_*.jsonl",),
    CheckName.IRRELEVANT: ("irrelevant_*.jsonl",),
    CheckName.LOW_EFFORT: ("loweffort_*.jsonl",),
}


def tables(bench: Bench) -> Iterator[Table]:
    """Nonsensical, Irrelevant (three ways) and Low Effort, per source and per kind."""
    for check in OURS:
        rows = [row for row in bench.rows(*FILES[check]) if row.bad is not None]
        ways = {"": (False, False)}
        if check is CheckName.IRRELEVANT:
            ways = {
                ", without other people's answers": (False, False),
                ", among other people's answers": (True, False),
                ", among other people's answers, in a whole survey": (True, True),
            }
        for way, (others, siblings) in ways.items():
            found = bench.findings(rows, check, others=others, siblings=siblings)
            judged = list(zip(rows, found, strict=True))
            yield per_source(f"{check}{way}", judged)
            yield per_kind(f"{check}{way}, by kind", judged)


def per_source(title: str, judged: Sequence[Judged]) -> Table:
    """One line per source."""
    table = Table(
        title, COLUMNS, note="Recall and false flags at our own `isIssue`, with 95 % intervals; * lent rows to the fit."
    )
    for source, own in _grouped(judged, lambda row: row.source):
        bad, honest = _split(own)
        table.add(
            f"{source}{'*' if source in FITTED else ''}",
            len(bad),
            len(honest),
            auroc(scores(bad), scores(honest)),
            auroc([-len(row.answer.split()) for row, _ in bad], [-len(row.answer.split()) for row, _ in honest]),
            share(flagged(bad), len(bad)),
            share(flagged(honest), len(honest)),
            recall_at(scores(bad), scores(honest)),
            f"{covered(bad):.0%} / {covered(honest):.0%}" if bad and honest else f"{covered(bad or honest):.0%}",
        )
    return table


def per_kind(title: str, judged: Sequence[Judged]) -> Table:
    """One line per source and kind of answer."""
    table = Table(title, ("source", "kind", "n", "bad", "flagged", "mean score"))
    for (source, kind), own in _grouped(judged, lambda row: (row.source, row.kind or "honest")):
        table.add(
            f"{source}{'*' if source in FITTED else ''}",
            kind,
            len(own),
            "yes" if own[0][0].bad else "no",
            share(flagged(own), len(own)),
            f"{sum(scores(own)) / len(own):.0f}",
        )
    return table


def scores(judged: Iterable[Judged]) -> list[float]:
    """The scores, 0 where the check cannot tell."""
    return [finding.score if finding else 0.0 for _, finding in judged]


def flagged(judged: Iterable[Judged]) -> int:
    """How many are called an issue."""
    return sum(finding is not None and finding.is_issue for _, finding in judged)


def covered(judged: Sequence[Judged]) -> float:
    """Share of the answers that the check can tell about."""
    return sum(finding is not None for _, finding in judged) / len(judged) if judged else float("nan")


def _split(
    judged: Iterable[Judged],
) -> tuple[list[Judged], list[Judged]]:
    bad: list[Judged] = []
    honest: list[Judged] = []
    for each in judged:
        (bad if each[0].bad else honest).append(each)
    return bad, honest


def _grouped(judged: Iterable[Judged], key: Callable[[Row], K]) -> list[tuple[K, list[Judged]]]:
    groups: dict[K, list[Judged]] = defaultdict(list)
    for each in judged:
        groups[key(each[0])].append(each)
    return sorted(groups.items(), key=lambda group: str(group[0]))
