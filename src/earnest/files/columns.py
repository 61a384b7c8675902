"""What a column of a survey table holds: an open end, a respondent's name, or something else that is known.

Open ends are found by content, since survey tools name their columns as they like: an open end has words, and people do
not write the same ones. A multiple choice looks wordy too, but its pieces between commas come from a short list. What
stands beside them is known by the names that survey tools and panels give it.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from msgspec import Struct

from earnest.findings import bare

LOOKED_AT = 1000
"""Filled cells of a column that are looked at; its first ones."""

LEAST_WORDS = 2.5
LEAST_DISTINCT = 0.4
"""Mean words of a cell, and distinct pieces ÷ pieces, where a piece is what stands between , ; | and line breaks.

Of the 294 questions with 20 and more answers in the development data 254 are found. The others are 36 name-something
games (1.0–2.5 words), three parts of a multiple choice (.11–.37 distinct), and the low-effort answers to a quiz (.36).
"""

LEAST_CUT = 3
CUT_NEIGHBOURS = 10
SHORTEST_CUT = 50
"""Different answers of the greatest length; lengths before it, with which they are compared; and the least that it is.

Of the 436 questions with 20 and more answers in the development data none is taken for cut; of the 234 with three and
more answers over 200 characters, 229 are once they are cut there.
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


class Role(StrEnum):
    """What a column is taken for; the values are those of `--column NAME=ROLE`."""

    OPEN_END = "open-end"
    IDENTIFIER = "respondent"
    PANEL_ID = "panel-id"
    SUPPLIER = "supplier"
    STATUS = "status"
    STARTED = "started"
    ENDED = "ended"
    DURATION = "duration"
    LANGUAGE = "language"
    DEVICE = "device"
    TYPING = "typing"
    FOUND = "found"
    OTHER = "other"


ROLE_NAMES: dict[Role, tuple[str, ...]] = {
    # Letters and digits only, of the same tools and panels; the first name that a table has wins.
    Role.PANEL_ID: (
        *("rid", "respondentrid", "cintrid", "lucidrid", "prolificpid", "prolificid", "psid", "pid", "panelid"),
        *("panelistid", "workerid", "transactionid", "risn", "externaldatareference", "supplierrespondentid"),
    ),
    Role.SUPPLIER: (
        *("supplier", "suppliername", "supplierid", "samplesource", "samplesupplier", "sampleprovider", "panel"),
        *("panelname", "panelprovider", "vendor", "vendorid", "provider", "source", "list", "vlist", "collectorid"),
    ),
    Role.STATUS: ("status", "responsestatus", "responsetype", "completionstatus"),
    Role.STARTED: (
        *("startdate", "startdatedatestarted", "startdateutc", "datestarted", "timestarted", "starttime", "startedat"),
        *("interviewstart", "timestamp", "createdat", "datecreated"),
    ),
    Role.ENDED: (
        *("enddate", "recordeddate", "submitdate", "submitdatedatesubmitted", "submitdateutc", "datesubmitted"),
        *(
            "submittedat",
            "completedat",
            "completiontime",
            "endtime",
            "interviewend",
            "datemodified",
            "date",
            "datestamp",
        ),
    ),
    Role.DURATION: (
        *("durationinseconds", "duration", "qtotalduration", "qtime", "interviewtime", "interviewtimetotaltime"),
        *("totaltime", "timespent", "timetaken", "loi", "durationseconds", "durationminutes", "lengthofinterview"),
    ),
    Role.LANGUAGE: (
        "userlanguage",
        "language",
        "qlanguage",
        "startlanguage",
        "startlanguagestartlanguage",
        "declang",
        "lang",
        "locale",
    ),
    Role.DEVICE: (
        *(
            "devicetype",
            "device",
            "useragent",
            "vmobiledevice",
            "vmobileos",
            "vos",
            "vbrowser",
            "browser",
            "operatingsystem",
        ),
        *("metainfooperatingsystem", "metainfobrowser", "platform"),
    ),
}


class Choice(Struct, frozen=True):
    """What the user says of a table; whatever is left out is found out.

    Attributes:
        open_ends: Columns to judge, and no others; empty to find them by content.
        identifier: The column that names respondents.
        questions: Column -> wording of its question.
        roles: Column -> what it is, where that was found out wrongly.
        encoding: Of a text file.
        sheet: Of a workbook.
    """

    open_ends: tuple[str, ...] = ()
    identifier: str | None = None
    questions: Mapping[str, str] = {}
    roles: Mapping[str, Role] = {}
    encoding: str | None = None
    sheet: str | None = None


class Taken(Struct, frozen=True):
    """What a column was taken for.

    Attributes:
        name: Of the column.
        role: What it is.
        question: Its wording; empty where only a code is known.
        why: In a few words, how that was found out.
        filled: How many of the cells looked at are not empty.
    """

    name: str
    role: Role
    question: str
    why: str
    filled: int


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
    longest: int = 0
    at_longest: set[str] = field(default_factory=set)
    lengths: Counter[int] = field(default_factory=Counter)

    def see(self, cell: str) -> None:
        """Take one filled cell in."""
        self.filled += 1
        self.lengths[len(cell)] += 1
        if len(cell) > self.longest:
            self.longest, self.at_longest = len(cell), set()
        if len(cell) == self.longest and len(self.at_longest) < LEAST_CUT:
            self.at_longest.add(cell)
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

    def cut_at(self) -> int | None:
        """The length at which a tool seems to have cut these answers; None where it has not.

        Cut answers pile up at one length, the greatest: several different ones, and more than end shortly before it.
        """
        shortly_before = sum(self.lengths[self.longest - i] for i in range(1, CUT_NEIGHBOURS + 1))
        is_piled = len(self.at_longest) >= LEAST_CUT and self.lengths[self.longest] > shortly_before
        return self.longest if is_piled and self.longest >= SHORTEST_CUT else None


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


def role_named(header: str) -> tuple[Role, int] | None:
    """What a column of that name is, and how good a name for it this is, 0 the best; None where it tells nothing."""
    plain = bare(header)
    return next(((role, names.index(plain)) for role, names in ROLE_NAMES.items() if plain in names), None)


def wording(header: str) -> str:
    """The question that a header asks; empty where it is only a code or a caption ("Q3", "Q3 text", "Comments").

    An answer must not be called irrelevant because it has nothing to do with "Q3".
    """
    text = header.strip()
    asks = "?" in text or "？" in text or "؟" in text or len(text.split()) >= 3 or len(UNSPACED.findall(text)) >= 6
    return text if asks else ""
