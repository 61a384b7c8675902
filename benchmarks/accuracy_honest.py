"""What the checks flag among honest answers, each check and all together, and what a score is worth."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from benchmarks.bench import Bench, Row
from benchmarks.measures import Table, reliability, share

from earnest.findings import CheckName

HONEST = (
    "llm_certain_humans_*.jsonl",
    "llm_imbd.jsonl",
    "nonsensical_*.jsonl",
    "irrelevant_*.jsonl",
    "loweffort_*.jsonl",
)
ASKED = (CheckName.NONSENSICAL, CheckName.IRRELEVANT, CheckName.LOW_EFFORT, CheckName.LLM_GENERATED)
"""All but the two on duplicates: the files share people, so that many an answer is here twice in slightly other words.
accuracy_duplicates.py asks those file by file."""
LABELLED = {
    CheckName.NONSENSICAL: ("nonsensical_*.jsonl", False),
    CheckName.IRRELEVANT: ("irrelevant_*.jsonl", True),
    CheckName.LOW_EFFORT: ("loweffort_*.jsonl", False),
    CheckName.LLM_GENERATED: ("llm_*.jsonl", False),
}
PREVALENCE = 1 / 7
FEWEST = 20


def tables(bench: Bench) -> Iterator[Table]:
    """False flags per source, then reliability per check."""
    yield false_flags(bench)
    yield calibration(bench)


def false_flags(bench: Bench) -> Table:
    """How many honest answers each check flags, whatever the source was collected for."""
    rows = list(
        {(row.source, row.question, row.answer): row for row in bench.rows(*HONEST) if row.bad is False}.values()
    )
    flags: dict[tuple[str, str], int] = defaultdict(int)
    flagged = np.zeros(len(rows), dtype=bool)
    for check in ASKED:
        for i, finding in enumerate(bench.findings(rows, check, others=True)):
            is_issue = finding is not None and finding.is_issue
            flags[check, group(rows[i])] += is_issue
            flagged[i] |= is_issue
    table = Table(
        "False flags",
        ("source", "answers", *ASKED, "any"),
        note="Honest answers of every source, judged among the other honest ones. What was collected as honest for one"
        " check may be rightly flagged by another: rsurvey_en18, cncf and topicalchat hold don't-knows; vanai_bc and"
        " deepconv25 are of 2025, when people could ask a chat model.",
    )
    groups: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        groups[group(row)].append(i)
    for name, own in sorted(groups.items()):
        cells = [share(flags[check, name], len(own)) for check in ASKED]
        table.add(name, len(own), *cells, share(int(flagged[own].sum()), len(own)))
    return table


def calibration(bench: Bench) -> Table:
    """Of answers with scores in a tenth of the scale, the share that is bad; all sources have one prevalence."""
    table = Table(
        "Reliability",
        ("check", "scores", "answers", "mean score", "of 100 are bad"),
        note="Answers that the check can tell about, of sources with bad and honest ones, weighted so that one in seven"
        " is bad in each. A score of 80 ought to mean 80 of 100. Irrelevant: among other people's answers.",
    )
    for check, (files, others) in LABELLED.items():
        rows = [row for row in bench.rows(files) if row.bad is not None]
        found = bench.findings(rows, check, others=others)
        told = [(row, each.score / 100) for row, each in zip(rows, found, strict=True) if each]
        weights = _weights([row for row, _ in told])
        kept = weights > 0
        scores = np.array([score for _, score in told])[kept]
        bad = np.array([row.bad is True for row, _ in told])[kept]
        for mean, truth, count in reliability(scores, bad, weights=weights[kept]):
            low = min(9, int(mean * 10)) * 10
            table.add(check, f"{low}–{low + 10}", int(count), f"{100 * mean:.0f}", f"{100 * truth:.0f}")
    return table


def _weights(rows: Sequence[Row]) -> np.ndarray:
    """Weights that make one in seven bad in every source, and sources equal; 0 where a source has too few of either."""
    sizes: dict[tuple[str, bool | None], int] = defaultdict(int)
    for row in rows:
        sizes[row.source, row.bad] += 1
    return np.array(
        [
            (PREVALENCE if row.bad else 1 - PREVALENCE) / sizes[row.source, row.bad]
            if min(sizes[row.source, True], sizes[row.source, False]) >= FEWEST
            else 0.0
            for row in rows
        ]
    )


def group(row: Row) -> str:
    """Sources, divided where they hold different people or languages."""
    apart = row.kind if row.source in {"rsurvey_en18", "jupyter15", "llm_written_dev_other"} else ""
    return f"{row.source}{f' ({row.lang})' if row.lang not in {'en', 'und'} else ''}{f': {apart}' if apart else ''}"
