"""What a column of a survey table holds: an open end, a respondent's name, or something that is not judged.

Decided by content, since survey tools name their columns as they like: an open end has words, and people do not write
the same ones. A multiple choice looks wordy too, but its pieces between commas come from a short list.
"""

import re
from dataclasses import dataclass, field

LOOKED_AT = 1000
"""Filled cells of a column that are looked at; its first ones."""

LEAST_WORDS = 2.5
LEAST_DISTINCT = 0.4
"""Mean words of a cell, and distinct pieces ÷ pieces, where a piece is what stands between , ; | and line breaks.

Of the 294 questions with 20 and more answers in the development data 254 are found. The others are 36 name-something
games (1.0–2.5 words), three parts of a multiple choice (.11–.37 distinct), and the low-effort answers to a quiz (.36).
"""

LEAST_TEXTS = 0.5
"""Of the filled cells, how many must be texts rather than numbers, dates, links or codes."""

IDENTIFIERS = (
    # Names of identifier columns, letters and digits only, in the order in which they are preferred: Qualtrics,
    # SurveyMonkey, LimeSurvey, Forsta/Decipher, panels (Prolific, Cint, MTurk), and what people type by hand.
    *("responseid", "responseidentifier", "respondentid", "respondentidentifier", "respid", "respondent"),
    *("participantid", "participant", "recordid", "record", "uuid", "prolificpid", "prolificid", "rid"),
    *("workerid", "panelistid", "caseid", "userid", "externalid", "identifier", "id"),
)

NOT_A_QUESTION = re.compile(
    r"(name|address|street|city|town|e-?mail|url|referr?er|user ?agent|browser|metainfo.*|comment by .*)", re.IGNORECASE
)
PIECES = re.compile(r"[,;|\n]")
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese, which put no space between words; two characters count as one."""


@dataclass(slots=True)
class ColumnProfile:
    """What was seen in a column's first filled cells."""

    filled: int = 0
    texts: int = 0
    words: float = 0.0
    pieces: int = 0
    distinct: set[str] = field(default_factory=set)

    def see(self, cell: str) -> None:
        """Take one filled cell in."""
        self.filled += 1
        if is_coded(cell):
            return
        self.texts += 1
        self.words += max(len(cell.split()), len(UNSPACED.findall(cell)) / 2)
        for piece in PIECES.split(cell):
            if piece.strip():
                self.pieces += 1
                self.distinct.add(piece.strip().casefold())

    def is_open_end(self, header: str) -> bool:
        """Whether people wrote these cells in their own words, as far as content can tell."""
        if not self.texts or self.texts < LEAST_TEXTS * self.filled:
            return False
        if len(header.split()) <= 3 and NOT_A_QUESTION.search(header.strip()):
            return False
        return self.words / self.texts >= LEAST_WORDS and len(self.distinct) >= LEAST_DISTINCT * self.pieces


def is_coded(cell: str) -> bool:
    """Whether a cell was made by a machine: a number, date, link, address, JSON, or one word with digits in it."""
    letters = sum(character.isalpha() for character in cell)
    digits = sum(character.isdigit() for character in cell)
    if digits >= letters:
        return True
    if len(cell.split()) == 1 and (digits or "@" in cell or "://" in cell):
        return True
    return cell.startswith(("Mozilla/", "[{", '{"'))


def identifier_rank(header: str) -> int | None:
    """How good a name for an identifier column this is, 0 the best; None where it is none."""
    plain = "".join(filter(str.isalnum, header.casefold()))
    return IDENTIFIERS.index(plain) if plain in IDENTIFIERS else None


def wording(header: str) -> str:
    """The question that a header asks; empty where it is only a code or a caption ("Q3", "Q3 text", "Comments").

    An answer must not be called irrelevant because it has nothing to do with "Q3".
    """
    text = header.strip()
    asks = "?" in text or "？" in text or "؟" in text or len(text.split()) >= 3 or len(UNSPACED.findall(text)) >= 6
    return text if asks else ""
