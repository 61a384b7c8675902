"""The header of a survey's table, as survey tools write it: one row or several, codes or questions.

tool            rows   what they hold
Qualtrics       3      codes, the questions, and {"ImportId": …}; its .xlsx has the first two
SurveyMonkey    2      the questions, empty where a question goes on, and what of it stands in a column
LimeSurvey      1      codes, questions, or both ("G01Q02. Why?")
Forsta, others  1      codes or questions
"""

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from earnest.files.cells import Column, Record
from earnest.files.columns import wording
from earnest.findings import bare

MOST_HEADERS = 3
IMPORT_ID = '{"ImportId"'
OPEN_ENDED = "Open-Ended Response"
ONLY_COLUMN = ("", "Response", OPEN_ENDED)
"""In SurveyMonkey's second row: the column is all there is of its question."""
CODE_AND_QUESTION = re.compile(r"[A-Za-z]\w*(?:\[[^\]]*\])*\. (?=\S)")
TAG = re.compile(r"<[A-Za-z/!][^<>]{0,500}>")
PIPED = re.compile(r"\$\{[^{}]{1,200}\}")
PANDAS_BLANK = re.compile(r"Unnamed: \d+(?:_level_\d+)?")


class Tool(StrEnum):
    """The survey tools whose tables are recognised."""

    QUALTRICS = "Qualtrics"
    SURVEY_MONKEY = "SurveyMonkey"
    LIME_SURVEY = "LimeSurvey"
    FORSTA = "Forsta (Decipher)"
    ALCHEMER = "Alchemer"
    GOOGLE_FORMS = "Google Forms"
    TYPEFORM = "Typeform"


MARKS = {
    # By tool, columns of which each has all of one set; letters and digits only.
    Tool.QUALTRICS: ({"responseid", "recordeddate"}, {"responseid", "distributionchannel"}, {"responseid", "progress"}),
    Tool.SURVEY_MONKEY: ({"respondentid", "collectorid"},),
    Tool.LIME_SURVEY: (
        {"submitdate", "startlanguage"},
        {"idresponseid", "submitdatedatesubmitted"},
        {"responseid", "lastpage"},
    ),
    Tool.FORSTA: ({"record", "uuid", "markers"}, {"uuid", "markers", "status"}, {"respid", "interviewstart"}),
    Tool.ALCHEMER: ({"responseid", "timestarted", "datesubmitted"},),
    Tool.TYPEFORM: ({"startdateutc", "submitdateutc"},),
}


@dataclass(frozen=True, slots=True)
class Heading:
    """The header rows of a table.

    Attributes:
        rows: As they stand in the file.
        names: What each column is called, unique.
        wordings: The question that each column asks; empty where only a code or a caption is known.
        tool: Which tool wrote it; None where it is not recognised.
    """

    rows: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    wordings: tuple[str, ...]
    tool: Tool | None

    @classmethod
    def of(cls, records: Sequence[Record], columns: Sequence[Column]) -> "Heading":
        """Read the header.

        Args:
            records: The table's first rows, up to MOST_HEADERS.
            columns: What the file itself says of its columns; empty where it says nothing.
        """
        rows = [tuple(record.cells) for record in records]
        first = rows[0]
        names: Sequence[str]
        texts: Sequence[str]
        tool = _tool(first, rows[1] if len(rows) > 1 else ())
        count = _count(rows, tool)
        second = (*rows[1], *[""] * len(first)) if count > 1 else ()
        if tool is Tool.SURVEY_MONKEY and count == 2:
            names, texts = _continued(first, second)
        elif columns:
            names, texts = first, tuple(column.wording or name for column, name in zip(columns, first, strict=True))
        elif count == MOST_HEADERS or (tool is Tool.QUALTRICS and count == 2 and not _is_import(second)):
            names, texts = first, second[: len(first)]
        else:
            names, texts = first, first
        return cls(tuple(rows[:count]), tuple(_unique(names)), tuple(map(_wording, texts)), tool)

    def extended(self, columns: Sequence[int], names: Sequence[str], sentences: Sequence[str]) -> list[list[str]]:
        """The header rows with some of their columns, and new ones behind them.

        Args:
            columns: Which to keep.
            names: Of the new ones.
            sentences: What each new one holds.
        """
        imports = [json.dumps({"ImportId": f"earnest:{name}"}, ensure_ascii=False) for name in names]
        captions = sentences if self.tool is Tool.QUALTRICS else [""] * len(names)
        new = [names, *(imports if _is_import(row) else captions for row in self.rows[1:])]
        kept = [[row[i] if i < len(row) else "" for i in columns] for row in self.rows]
        return [[*row, *more] for row, more in zip(kept, new, strict=True)]


def _tool(first: Sequence[str], second: Sequence[str]) -> Tool | None:
    if OPEN_ENDED in second:
        return Tool.SURVEY_MONKEY
    names = {bare(name) for name in first}
    for tool, sets in MARKS.items():
        if any(marks <= names for marks in sets):
            return tool
    return Tool.GOOGLE_FORMS if bare(first[0]) == "timestamp" and len(first) > 1 else None


def _count(rows: Sequence[Sequence[str]], tool: Tool | None) -> int:
    """How many rows are header."""
    for number, row in enumerate(rows[1:], start=2):
        if _is_import(row):
            return number
    if len(rows) < 2:
        return 1
    if tool is Tool.SURVEY_MONKEY:
        is_caption = OPEN_ENDED in rows[1] or (not rows[1][0].strip() and "Response" in rows[1])
        return 2 if is_caption else 1
    if tool is Tool.QUALTRICS:
        at = [bare(name) for name in rows[0]].index("responseid")
        return 2 if rows[1][at : at + 1] and bare(rows[1][at]) in {"responseid", "responsid"} else 1
    return 1


def _is_import(row: Sequence[str]) -> bool:
    return any(cell.startswith(IMPORT_ID) for cell in row)


def _continued(first: Sequence[str], second: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names and texts of columns under questions that go on to the right."""
    names, texts, question = [], [], ""
    for given, part in zip(first, second, strict=False):
        begins = bool(given.strip()) and not PANDAS_BLANK.fullmatch(given)
        question = given if begins else question
        is_whole = begins and part.strip() in ONLY_COLUMN
        names.append(given if is_whole else f"{question} - {part}".strip(" -"))
        texts.append(question if part.strip() in ONLY_COLUMN else f"{question} {part}")
    return names, texts


def _unique(names: Sequence[str]) -> list[str]:
    """The columns' names; an empty or repeated one is told by its place."""
    unique: dict[str, None] = {}
    for place, name in enumerate(names, start=1):
        label = stem = name.strip() or f"(column {place})"
        number = place
        while label in unique:
            label, number = f"{stem} (column {number})", number + 1
        unique[label] = None
    return list(unique)


def _wording(text: str) -> str:
    """The question, without the tool's marks in it; empty where there is none."""
    if "<" in text or "&" in text:
        text = " ".join(html.unescape(TAG.sub(" ", text)).split())
    if "${" in text:
        text = PIPED.sub("…", text)
    return wording(CODE_AND_QUESTION.sub("", text, count=1) if CODE_AND_QUESTION.match(text) else text)
