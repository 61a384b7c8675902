"""Where in an answer the evidence stands: the words that a finding quotes, a copy's common words, pasted text."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import Indel

from earnest.keystrokes import MOST_CHARACTERS, covered
from earnest.text.normalize import comparable

LONGEST_QUOTE = 400
_QUOTE = re.compile(rf"'(.{{2,{LONGEST_QUOTE}}}?)'(?=[\s,.;:)]|$)", re.DOTALL)
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_COPY = re.compile(r"'(.+?)' \(\d+ % alike\)")
_REWORDING = re.compile(r"'(.+?)' says much the same in other words")
_SAME = re.compile(r"the same as answers? ([\d, and]+) of this respondent")


class Mark(StrEnum):
    """Why a part of an answer is marked."""

    QUOTED = "quoted"
    COMMON = "common"
    PASTED = "pasted"


class Span(NamedTuple):
    """A part of a text, from its first character to behind its last one."""

    start: int
    end: int
    mark: Mark


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text throughout which the same marks hold.

    Attributes:
        text: What stands there.
        marks: In a fixed order; empty where nothing was found.
    """

    text: str
    marks: tuple[Mark, ...]


def quoted(answer: str, evidence: str) -> list[Span]:
    """Where the words stand that a finding's evidence quotes, whatever their case and white space."""
    spans = []
    for quote in _QUOTE.findall(evidence):
        wanted = r"\s+".join(map(re.escape, quote.removesuffix("…").split()))
        found = re.search(wanted, answer, re.IGNORECASE) if wanted else None
        if found:
            spans.append(Span(*found.span(), Mark.QUOTED))
    return spans


def common(answer: str, other: str) -> list[Span]:
    """Which words of an answer another one has in common with it, in the same order; what stands between them too."""
    words = list(_WORD.finditer(answer[:MOST_CHARACTERS]))
    own = [comparable(word.group()) for word in words]
    others = [comparable(word.group()) for word in _WORD.finditer(other[:MOST_CHARACTERS])]
    return [
        Span(words[step.src_start].start(), words[step.src_end - 1].end(), Mark.COMMON)
        for step in Indel.opcodes(own, others)
        if step.tag == "equal"
    ]


def pasted(answer: str, pastes: Iterable[str]) -> list[Span]:
    """Which parts of an answer stand in something that was pasted."""
    places = sorted(set().union(*(covered(answer[:MOST_CHARACTERS], text[:MOST_CHARACTERS]) for text in pastes)))
    spans: list[Span] = []
    for place in places:
        if spans and spans[-1].end == place:
            spans[-1] = spans[-1]._replace(end=place + 1)
        else:
            spans.append(Span(place, place + 1, Mark.PASTED))
    return spans


def pieces(answer: str, spans: Sequence[Span]) -> list[Piece]:
    """The whole answer, cut where marks begin and end."""
    turns: dict[int, Counter[Mark]] = {0: Counter(), len(answer): Counter()}
    for span in spans:
        turns.setdefault(span.start, Counter())[span.mark] += 1
        turns.setdefault(span.end, Counter())[span.mark] -= 1
    found, active = [], Counter[Mark]()
    for start, end in pairwise(sorted(turns)):
        active.update(turns[start])
        found.append(Piece(answer[start:end], tuple(mark for mark in Mark if active[mark] > 0)))
    return found


def names_in(evidence: str) -> list[str]:
    """The respondents whom a finding about copies names."""
    return [*_COPY.findall(evidence.partition(": ")[2]), *_REWORDING.findall(evidence)]


def repeats_in(evidence: str) -> list[int]:
    """The numbers of the same respondent's answers that a finding about repetition names, from 1."""
    found = _SAME.search(evidence)
    return [int(number) for number in re.findall(r"\d+", found.group(1))] if found else []
