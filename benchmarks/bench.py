"""Labelled answers in, findings out: the same `Evaluator` as everywhere, with each distinct text encoded once.

A file of accuracy tables is a module with `tables(bench) -> Iterator[Table]`; `accuracy.py` prints them all.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from earnest.corpus import InMemoryCorpus, Sighting
from earnest.evaluate import Evaluator
from earnest.findings import CheckName, Finding
from earnest.similarity import fingerprint
from earnest.survey import Entry, Respondent, Survey
from earnest.text.encoder import Encoded, Encoder, OnnxEncoder
from earnest.text.normalize import comparable

BAD_AMONG_OTHERS = 9
"""One bad answer for so many honest ones among the other people's answers: a tenth, as in a poor panel."""
MOST_SIBLINGS = 4
"""Other questions of the same survey that a respondent is given, with somebody's honest answers."""
FEWEST_ASKED = 10
"""Honest answers that make a question one of a survey's own."""
BATCH = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled answer.

    Attributes:
        source: Where it is from.
        id: Unique within the file.
        question: What was asked; "" where that is not known.
        answer: The answer.
        bad: The label, in the sense of the check; None where it must not be scored.
        kind: What kind of bad or honest answer, as the source has it; "" where it does not say.
        lang: ISO 639-1 code, or "und".
        trained: Whether rows of this source may train what ships ("use": "train").
    """

    source: str
    id: str
    question: str
    answer: str
    bad: bool | None
    kind: str
    lang: str
    trained: bool


LABELS = {
    "is_gibberish": lambda value: value == 1,
    "relevant": lambda value: value == 0,
    "low_effort": lambda value: value == 1,
    "is_llm": lambda value: value == 1,
}
KINDS = ("kind", "neg_type", "le_subtype", "style", "attack", "generator")


class CachingEncoder:
    """An encoder that reads each text once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._places: dict[str, int] = {}
        self._seen: list[Encoded] = []
        self.revision = encoder.revision

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Encode what is new, and return all."""
        new = sorted({text for text in texts if text not in self._places})
        if new:
            seen = self._encoder.encode(new)
            self._places |= {text: len(self._places) + i for i, text in enumerate(new)}
            self._seen = [Encoded.joined([*self._seen, seen])]
        if not texts:
            return self._encoder.encode(texts)
        at = np.array([self._places[text] for text in texts])
        known = self._seen[0]
        return Encoded(known.vectors[at], known.pieces[at], known.characters[at], known.disorder[at])


class Bench:
    """The labelled data, and our own evaluator to judge them."""

    def __init__(self, folder: Path, evaluator: Evaluator | None = None) -> None:
        self.folder = folder
        self.evaluator = evaluator or Evaluator(encoder=CachingEncoder(OnnxEncoder.shipped()))

    def rows(self, *patterns: str) -> list[Row]:
        """Read the labelled answers of all files that fit a pattern ("irrelevant_*.jsonl"), in a fixed order."""
        found = []
        for file in sorted({file for pattern in patterns for file in self.folder.glob(pattern)}):
            found += [_row(json.loads(line)) for line in file.open(encoding="utf-8")]
        return found

    def findings(
        self, rows: Sequence[Row], check: CheckName, *, others: bool = False, siblings: bool = False
    ) -> list[Finding | None]:
        """Judge the answers, as if each were from another respondent.

        Args:
            rows: What to judge.
            check: The check to ask.
            others: Whether the check sees how others answered the question: all honest ones, and a tenth as many bad
            ones.
            siblings: Whether each respondent also answers other questions of the same source, honestly.

        Returns:
            One per row; None where the check cannot tell.
        """
        corpus = InMemoryCorpus()
        if others:
            self._fill(corpus, rows)
        asked = _asked(rows) if siblings else {}
        found: list[Finding | None] = []
        for start in range(0, len(rows), BATCH):
            part = [_respondent(row, start + i, asked) for i, row in enumerate(rows[start : start + BATCH])]
            observed = self.evaluator.observe(part)
            for evaluation in self.evaluator.judge(Survey(), observed, corpus, wanted={check}):
                findings = evaluation.evaluations[0].quality_issue_checks
                found.append(next((each for each in findings if each.type is check), None))
            print(f"\r{check}: {len(found)} of {len(rows)}", end="", file=sys.stderr)
        print(file=sys.stderr)
        return found

    def _fill(self, corpus: InMemoryCorpus, rows: Sequence[Row]) -> None:
        """Let the corpus know the honest answers to each question, and a tenth as many bad ones."""
        by_question = defaultdict(list)
        for number, row in enumerate(rows):
            by_question[row.question].append((number, row))
        known: list[tuple[int, Row]] = []
        for answers in by_question.values():
            honest = [each for each in answers if each[1].bad is False]
            # Not by the answer's own fingerprint: the corpus samples the lowest, and would see too many of these.
            bad = sorted(
                (each for each in answers if each[1].bad), key=lambda each: fingerprint(f"drawn {each[1].answer}")
            )
            known += honest + bad[: len(honest) // BAD_AMONG_OTHERS]
        for start in range(0, len(known), BATCH):
            sightings: list[Sighting] = []
            for observed in self.evaluator.observe(
                [_respondent(row, i, {}) for i, row in known[start : start + BATCH]]
            ):
                sightings += observed.sightings.values()
            corpus.add(sightings)


def _row(record: dict[str, object]) -> Row:
    label = next((name for name in LABELS if name in record), None)
    value = record[label] if label else None
    return Row(
        source=str(record["source"]),
        id=str(record["id"]),
        question=str(record.get("question") or ""),
        answer=str(record["answer"]),
        bad=None if label is None or value is None else LABELS[label](value),
        kind=str(next((record[name] for name in KINDS if record.get(name)), "")),
        lang=str(record.get("lang") or "en"),
        trained=record.get("use") == "train",
    )


def _asked(rows: Sequence[Row]) -> dict[str, dict[str, list[str]]]:
    """The honest answers of each source by question, of questions that were asked often enough."""
    honest: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.bad is False:
            honest[row.source][row.question].append(row.answer)
    return {
        source: {question: answers for question, answers in sorted(asked.items()) if len(answers) >= FEWEST_ASKED}
        for source, asked in honest.items()
    }


def _respondent(row: Row, number: int, asked: dict[str, dict[str, list[str]]]) -> Respondent:
    """Somebody who answers this question, after some others of the same survey."""
    home = next((source for source, questions in asked.items() if row.question in questions), row.source)
    others = [question for question in asked.get(home, {}) if question != row.question]
    draw = fingerprint(comparable(row.answer) or "-")
    chosen = sorted(others, key=lambda question: fingerprint(f"{draw} {question}"))[:MOST_SIBLINGS]
    return Respondent(
        identifier=f"{row.source}-{number}",
        entries=(Entry(question=row.question, answer=row.answer),),
        earlier=tuple(
            Entry(question=question, answer=asked[home][question][draw % len(asked[home][question])])
            for question in chosen
        ),
    )
