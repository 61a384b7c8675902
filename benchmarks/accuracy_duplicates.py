"""Accuracy of Duplicate Answers and Repeated Answers, and what they flag among honest answers."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
from benchmarks.bench import Bench
from benchmarks.measures import Table, auroc, share
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from training.duplicate_examples import KINDS, vary

from earnest.findings import CheckName, Finding
from earnest.survey import Entry, Respondent, Survey
from earnest.text.lexicons import non_answer
from earnest.text.normalize import comparable, words

FITTED = frozenset(
    # training/fit_duplicates.py
    {
        "cncf",
        "vanai_bc",
        "todogroup",
        "spack",
        "k8s_contribex",
        "rsurvey_en18",
        "jupyter15",
        "deepconv25",
        "carpentries",
        "osu_course_eval",
        "imbd_pubmed",
        "imbd_squad",
        "imbd_writing",
    }
)
SURVEYS = (
    "loweffort_surveys", "llm_certain_humans_surveys", "llm_certain_humans_surveys2", "irrelevant_surveys2",
    "irrelevant_deepconv25", "irrelevant_protoqa", "irrelevant_mohler", "loweffort_anes08", "loweffort_nhs_fft",
)  # fmt: skip
"""One answer may stand in several files, so each file is a survey of its own."""
FEWEST = 10
DOUBLE_SUBMISSION = 9
"""Words from which an equal answer in the same survey is one that was sent twice, rightly flagged (all were read)."""
LENGTHS = ((3, 5), (6, 8), (9, 14), (15, 1000))
COPIES_PER_QUESTION = 10
LEVENSHTEIN, SUBSTRING = 0.8, 0.5
"""The rule of a known product, as far as it is public: so much alike by edit distance, or so long a piece in common."""
COSINE = 0.9
QUESTIONS_EACH = 3

Answers = Mapping[tuple[str, str], Sequence[str]]  # by source and question
Judged = list[Finding | None]
SHARED = CheckName.SHARED_DUPLICATE


def tables(bench: Bench) -> Iterator[Table]:
    """All tables of the two checks."""
    yield pairs(bench)
    yield rewritten(bench)
    surveys = {file: _surveys(bench.folder / f"{file}.jsonl") for file in SURVEYS}
    yield honest(bench, surveys)
    yield planted(bench, surveys["loweffort_surveys"] | surveys["irrelevant_deepconv25"] | surveys["loweffort_nhs_fft"])
    yield repeated(bench, surveys["loweffort_surveys"] | surveys["irrelevant_deepconv25"])


def pairs(bench: Bench) -> Table:
    """Two people, one question."""
    table = Table(
        "Duplicate Answers, two respondents alone",
        ("source", "kind", "copies?", "pairs", "flagged", "as paraphrase", "rule", f"cosine ≥ {COSINE}", "AUROC",
         "of letters", "of cosine"),
        note="Without other answers nothing tells how alike answers to the question usually are. msrp and sts1215 pair"
        " sentences on one event, which differ in a detail where they are no copies; people do not answer surveys so."
        f" Rule: Levenshtein ratio ≥ {LEVENSHTEIN}, or longest common substring ≥ {SUBSTRING:.0%} of the shorter text."
        " AUROCs are of the source. * lent rows to the fit.",
    )  # fmt: skip
    rows = [
        row
        for file in sorted(bench.folder.glob("duplicates_*.jsonl"))
        for row in map(json.loads, file.open(encoding="utf-8"))
        if row["duplicate"] is not None
    ]
    found = _findings(bench, _in_pairs(rows), CheckName.SHARED_DUPLICATE)[::2]
    cosines = _cosines(bench, rows)
    groups: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    scores: dict[tuple[str, int], list[tuple[float, float, float]]] = defaultdict(list)
    for i, row in enumerate(rows):
        finding = found[i]
        letters = fuzz.ratio(comparable(row["answer"]), comparable(row["answer_b"]))
        groups[row["source"], row["kind"], row["duplicate"]].append(i)
        scores[row["source"], row["duplicate"]].append((finding.score if finding else 0.0, letters, cosines[i]))
    for (source, kind, bad), own in sorted(groups.items()):
        flags = (
            _flagged([found[i] for i in own]),
            _flagged([found[i] for i in own], "paraphrase"),
            sum(_is_alike(rows[i]["answer"], rows[i]["answer_b"]) for i in own),
            sum(cosines[i] >= COSINE for i in own),
        )
        areas = (
            auroc([each[i] for each in scores[source, 1]], [each[i] for each in scores[source, 0]]) for i in range(3)
        )
        name = f"{source}*" if source in FITTED else source
        table.add(name, kind, "yes" if bad else "no", len(own), *(share(n, len(own)) for n in flags), *areas)
    return table


def rewritten(bench: Bench) -> Table:
    """A rewriting tool's versions of one of the answers to an examination question, handed in besides that answer."""
    table = Table(
        "Duplicate Answers, answers rewritten by a tool (comnets_students)",
        ("answers", "number", "flagged, alone with the original", "flagged, among all others", "rule", "cosine ≥ .9"),
        note="Originals are a chat model's answers, cut into chunks; the original of a version is the answer to that"
        " question that is nearest by cosine, so a version of a lost chunk is counted against us. Others: the students'"
        " and the chat model's answers. The questions are not in the data, so that nothing explains why students agree"
        " on facts. No row of this source was fitted on.",
    )
    groups: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in map(json.loads, (bench.folder / "llm_comnets_students.jsonl").open(encoding="utf-8")):
        if comparable(row["answer"]):
            groups[row["qkey"]].append(row)
    cells: dict[str, list[tuple[bool, bool, bool, bool]]] = defaultdict(list)
    for rows in groups.values():
        originals = [row for row in rows if row["generator"] != "human" and not row["attack"]]
        students = [row for row in rows if row["generator"] == "human"]
        if len(students) > 1:
            for i, student in enumerate(students):
                others = [*students[:i], *students[i + 1 :]]
                cells["students"].append(_flags_of(bench, student, others, others))
        for row in rows if originals else ():
            if row["attack"]:
                cells[row["attack"]].append(_flags_of(bench, row, originals, [*originals, *students]))
    for name, flags in sorted(cells.items()):
        table.add(name, len(flags), *(share(sum(each[i] for each in flags), len(flags)) for i in range(4)))
    return table


def _flags_of(
    bench: Bench, row: Mapping[str, str], originals: Sequence[Mapping[str, str]], others: Sequence[Mapping[str, str]]
) -> tuple[bool, bool, bool, bool]:
    """Whether it is flagged alone with the nearest original, among others, by the rule, and by cosine."""
    vectors = bench.evaluator.encoder.encode([each["answer"] for each in (row, *originals)]).vectors.astype(np.float32)
    cosines = vectors[1:] @ vectors[0]
    original = originals[int(cosines.argmax())]
    alone, among = (
        _findings(bench, [_respondent(i, ("", each["answer"])) for i, each in enumerate(group)], SHARED)[0]
        for group in ((row, original), (row, *others))
    )
    return (
        alone is not None and alone.is_issue,
        among is not None and among.is_issue,
        any(_is_alike(row["answer"], each["answer"]) for each in originals),
        bool(cosines.max() >= COSINE),
    )


def _in_pairs(rows: Sequence[Mapping[str, str]]) -> list[Respondent]:
    return [
        Respondent(f"{number} {side}", (Entry(row["question"] or "", row[side], question_identifier=str(number)),))
        for number, row in enumerate(rows)
        for side in ("answer", "answer_b")
    ]


def _cosines(bench: Bench, rows: Sequence[Mapping[str, str]]) -> NDArray[np.float32]:
    first, second = (
        bench.evaluator.encoder.encode([row[side] for row in rows]).vectors.astype(np.float32)
        for side in ("answer", "answer_b")
    )
    cosines: NDArray[np.float32] = (first * second).sum(axis=1)
    return cosines


def _is_alike(answer: str, other: str) -> bool:
    """Whether the rule of a known product flags this pair."""
    a, b = comparable(answer), comparable(other)
    if fuzz.ratio(a, b) >= 100 * LEVENSHTEIN:
        return True
    longest = SequenceMatcher(None, a, b, autojunk=False).find_longest_match()
    return longest.size >= SUBSTRING * max(1, min(len(a), len(b)))


def honest(bench: Bench, surveys: Mapping[str, Answers]) -> Table:
    """Everybody's answers to each question of a survey."""
    table = Table(
        "Duplicate Answers, false flags in whole surveys",
        ("file", "source", "answers", "flagged", "of these paraphrases", "besides, sent twice",
         f"Levenshtein ≥ {LEVENSHTEIN}", f"cosine ≥ {COSINE}"),
        note=f"Each answer is judged among all others to its question. Sent twice: equal texts of {DOUBLE_SUBMISSION}"
        " words and more, rightly flagged, and left out of all other columns. mohler: exam questions with one right"
        " answer. * lent rows to the fit.",
    )  # fmt: skip
    for file, answers in surveys.items():
        by_source: dict[str, list[tuple[bool, bool, bool, bool, bool]]] = defaultdict(list)
        for (source, question), texts in answers.items():
            group = [_respondent(i, (question, text)) for i, text in enumerate(texts)]
            found = _findings(bench, group, CheckName.SHARED_DUPLICATE)
            letters, cosines = _nearest(bench, texts)
            for text, finding, letter, cosine in zip(texts, found, letters, cosines, strict=True):
                if finding:
                    twice = _length(text) >= DOUBLE_SUBMISSION and "exact_copy" in finding.reason_codes
                    paraphrase = "paraphrase" in finding.reason_codes
                    by_source[source].append(
                        (twice, finding.is_issue, paraphrase, letter >= 100 * LEVENSHTEIN, cosine >= COSINE)
                    )
        for source, judged in sorted(by_source.items()):
            once = [each for each in judged if not each[0]]
            flags = [sum(each[i] for each in once) for i in range(1, 5)]
            twice_sent = len(judged) - len(once)
            star = "*" if source in FITTED else ""
            flagged, *off_the_shelf = (share(flags[i], len(once)) for i in (0, 2, 3))
            table.add(file, source + star, len(judged), flagged, flags[1], twice_sent, *off_the_shelf)
    return table


def _nearest(bench: Bench, texts: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How alike each text is to the likest other one, by letters (0–100) and by cosine."""
    said = [comparable(text) for text in texts]
    letters = process.cdist(said, said, scorer=fuzz.ratio)
    vectors = bench.evaluator.encoder.encode(texts).vectors.astype(np.float32)
    cosines = vectors @ vectors.T
    for alike in (letters, cosines):
        np.fill_diagonal(alike, -1)
    return letters.max(axis=1), cosines.max(axis=1)


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


def _flagged(findings: Sequence[Finding | None], reason: str = "") -> int:
    """How many are flagged, for this reason or any."""
    return sum(
        finding is not None and finding.is_issue and (not reason or reason in finding.reason_codes)
        for finding in findings
    )
