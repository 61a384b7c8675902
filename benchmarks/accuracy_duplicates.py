"""Accuracy of Duplicate Answers and Repeated Answers, and what they flag among honest answers."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measures import Table, auroc, share
from rapidfuzz import fuzz
from training.fit_duplicates import KINDS, vary

from earnest.findings import CheckName, Finding
from earnest.survey import Entry, Respondent, Survey
from earnest.text.lexicons import non_answer
from earnest.text.normalize import comparable, words

FITTED = frozenset(
    # training/fit_duplicates.py
    {"cncf", "vanai_bc", "todogroup", "spack", "k8s_contribex", "rsurvey_en18", "jupyter15", "deepconv25"}
)
SURVEYS = (
    "loweffort_surveys", "llm_certain_humans_surveys", "llm_certain_humans_surveys2", "irrelevant_surveys2",
    "irrelevant_deepconv25", "irrelevant_protoqa", "loweffort_anes08", "loweffort_nhs_fft",
)  # fmt: skip
"""One answer may stand in several files, so each file is a survey of its own."""
FEWEST = 10
DOUBLE_SUBMISSION = 9
"""Words from which an equal answer in the same survey is one that was sent twice, rightly flagged (all were read)."""
LENGTHS = ((3, 5), (6, 8), (9, 14), (15, 1000))
COPIES_PER_QUESTION = 10
QUESTIONS_EACH = 3

Answers = Mapping[tuple[str, str], Sequence[str]]  # by source and question
Judged = list[Finding | None]


def tables(bench: Bench) -> Iterator[Table]:
    """All tables of the two checks."""
    yield pairs(bench)
    surveys = {file: _surveys(bench.folder / f"{file}.jsonl") for file in SURVEYS}
    yield honest(bench, surveys)
    yield planted(bench, surveys["loweffort_surveys"] | surveys["irrelevant_deepconv25"] | surveys["loweffort_nhs_fft"])
    yield repeated(bench, surveys["loweffort_surveys"] | surveys["irrelevant_deepconv25"])


def pairs(bench: Bench) -> Table:
    """Two people, one question."""
    table = Table(
        "Duplicate Answers, two respondents alone",
        ("source", "kind", "copies?", "pairs", "flagged", "AUROC of the source", "of letters alone"),
        note="Paraphrases are not sought yet, so few of the human ones are found. Letters alone: rapidfuzz's ratio.",
    )
    rows = [
        row
        for file in sorted(bench.folder.glob("duplicates_*.jsonl"))
        for row in map(json.loads, file.open(encoding="utf-8"))
        if row["duplicate"] is not None
    ]
    respondents = []
    for number, row in enumerate(rows):
        for side in ("answer", "answer_b"):
            entry = Entry(question=row["question"] or "", answer=row[side], question_identifier=str(number))
            respondents.append(Respondent(f"{number} {side}", (entry,)))
    by_kind: dict[tuple[str, str, int], Judged] = defaultdict(list)
    scores: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
    found = _findings(bench, respondents, CheckName.SHARED_DUPLICATE)[::2]
    for row, finding in zip(rows, found, strict=True):
        letters = fuzz.ratio(comparable(row["answer"]), comparable(row["answer_b"]))
        by_kind[row["source"], row["kind"], row["duplicate"]].append(finding)
        scores[row["source"], row["duplicate"]].append((finding.score if finding else 0.0, letters))
    for (source, kind, bad), findings in sorted(by_kind.items()):
        ours, letters = (
            auroc([each[i] for each in scores[source, 1]], [each[i] for each in scores[source, 0]]) for i in (0, 1)
        )
        flagged = share(_flagged(findings), len(findings))
        table.add(source, kind, "yes" if bad else "no", len(findings), flagged, ours, letters)
    return table


def honest(bench: Bench, surveys: Mapping[str, Answers]) -> Table:
    """Everybody's answers to each question of a survey."""
    table = Table(
        "Duplicate Answers, false flags in whole surveys",
        ("file", "source", "answers", "have a twin", "flagged", "besides, sent twice"),
        note=f"Each answer is judged among all others to its question. Sent twice: equal texts of {DOUBLE_SUBMISSION}"
        " words and more, rightly flagged. * lent rows to the fit.",
    )
    for file, answers in surveys.items():
        by_source: dict[str, list[tuple[str, Finding]]] = defaultdict(list)
        for (source, question), texts in answers.items():
            group = [_respondent(i, (question, text)) for i, text in enumerate(texts)]
            found = _findings(bench, group, CheckName.SHARED_DUPLICATE)
            by_source[source] += [(text, each) for text, each in zip(texts, found, strict=True) if each]
        for source, judged in sorted(by_source.items()):
            flagged = [(_length(text), finding) for text, finding in judged if finding.is_issue]
            twice = sum(n >= DOUBLE_SUBMISSION and "exact_copy" in each.reason_codes for n, each in flagged)
            twins = sum(finding.score > 0 for _, finding in judged)
            star = "*" if source in FITTED else ""
            table.add(file, source + star, len(judged), twins, share(len(flagged) - twice, len(judged)), twice)
    return table


def planted(bench: Bench, answers: Answers) -> Table:
    """Copies of answers that say something, planted among all others and with the original alone."""
    table = Table(
        "Duplicate Answers, recall of planted copies",
        ("words", *KINDS, "all", "only the two asked"),
        note="Copies of real answers, don't-knows left out, among all other answers to the question. Replacing and"
        " added words are drawn from other answers as often as they occur there: now and then a copy contradicts its"
        " original.",
    )
    rng = random.Random(1)
    among: dict[tuple[tuple[int, int], str], Judged] = defaultdict(list)
    alone: dict[tuple[int, int], Judged] = defaultdict(list)
    for (_, question), given in answers.items():
        texts = [comparable(text) for text in given]
        originals = [text for text in texts if _length(text) >= LENGTHS[0][0] and not non_answer(words(text))]
        for original in rng.sample(originals, min(COPIES_PER_QUESTION, len(originals))):
            length = next(each for each in LENGTHS if each[0] <= _length(original) <= each[1])
            kind = rng.choice(KINDS)
            pair = [
                _respondent("original", (question, original)),
                _respondent("copy", (question, vary(original, originals, rng, kind=kind))),
            ]
            others = [_respondent(i, (question, text)) for i, text in enumerate(texts) if text != original]
            among[length, kind].append(_findings(bench, [*others, *pair], CheckName.SHARED_DUPLICATE)[-1])
            alone[length].append(_findings(bench, pair, CheckName.SHARED_DUPLICATE)[-1])
    for length in LENGTHS:
        cells = [among[length, kind] for kind in KINDS]
        cells += [[finding for cell in cells for finding in cell], alone[length]]
        name = f"{length[0]}–{length[1]}" if length is not LENGTHS[-1] else f"{length[0]} and more"
        table.add(name, *(share(_flagged(cell), len(cell)) for cell in cells))
    return table


def repeated(bench: Bench, answers: Answers) -> Table:
    """Respondents put together from answers to several questions, and the same with one answer given twice."""
    table = Table(
        "Repeated Answers",
        ("respondents", "number", "last answer flagged"),
        note="No data at hand follow one person over several questions: respondents are put together from different"
        " people's answers, so people's habit to repeat themselves is missing. Repeats have six words and more.",
    )
    rng = random.Random(2)
    surveys = defaultdict(list)
    for (source, question), texts in answers.items():
        surveys[source].append((question, [comparable(text) or "-" for text in texts]))
    made: dict[str, list[Respondent]] = {"honest": [], "first answer repeated": [], "repeated with changes": []}
    for questions in surveys.values():
        for i in range(max(len(texts) for _, texts in questions) if len(questions) >= QUESTIONS_EACH else 0):
            entries = [(question, rng.choice(texts)) for question, texts in rng.sample(questions, QUESTIONS_EACH)]
            made["honest"].append(_respondent(i, *entries))
            first, last = entries[0][1], entries[-1][0]
            if _length(first) >= 6 and not non_answer(words(first)):
                changed = vary(first, [text for _, text in entries], rng)
                made["first answer repeated"].append(_respondent(i, *entries[:-1], (last, first)))
                made["repeated with changes"].append(_respondent(i, *entries[:-1], (last, changed)))
    for name, respondents in made.items():
        found = [_findings(bench, [respondent], CheckName.SELF_DUPLICATE)[-1] for respondent in respondents]
        table.add(name, len(found), share(_flagged(found), len(found)))
    return table


def _findings(bench: Bench, respondents: Sequence[Respondent], check: CheckName) -> Judged:
    """One per answer, of people who know of no others."""
    evaluations = bench.evaluator.evaluate(Survey(), respondents, wanted={check})
    return [
        next((finding for finding in entry.quality_issue_checks if finding.type is check), None)
        for evaluation in evaluations
        for entry in evaluation.evaluations
    ]


def _surveys(file: Path) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in map(json.loads, file.open(encoding="utf-8")):
        if row["question"] and row.get("relevant", 1) == 1 and row["answer"].strip():
            found[row["source"], row["question"]].append(row["answer"])
    return {key: texts for key, texts in found.items() if len(texts) >= FEWEST}


def _respondent(identifier: object, *entries: tuple[str, str]) -> Respondent:
    return Respondent(str(identifier), tuple(Entry(question=question, answer=answer) for question, answer in entries))


def _length(text: str) -> int:
    return len(words(comparable(text)))


def _flagged(findings: Sequence[Finding | None]) -> int:
    return sum(finding is not None and finding.is_issue for finding in findings)
