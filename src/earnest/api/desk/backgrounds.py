"""What else an uploaded table knows of its respondents: day, supplier, device, and their closed questions.

The file is read once, and what was read is kept for as long as some later survey does not need the room: a column of a
few distinct values is two bytes for each respondent. Whoever looks at a survey first waits for it, so pages show their
own numbers before and fetch these afterwards.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from earnest.api.desk.survey_files import is_table, original, plan_of
from earnest.api.desk.visits import Visit
from earnest.files.columns import Role
from earnest.files.tables import SurveyTable
from earnest.review import Coding, Column
from earnest.store.uploads import Upload

MOST_COLUMNS = 300
"""Closed questions that are looked at, the first ones: two bytes each, so that 20,000 respondents take 12 MB."""
MOST_KEPT = 4
MOST_DISTINCT = 2_000
"""Suppliers, devices or days; a column with more does not group anybody."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
DAY = "Day"
GROUPED = {Role.SUPPLIER: "Supplier", Role.DEVICE: "Device"}


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """What a table holds beside the open ends.

    Attributes:
        respondents: How many are judged.
        closed: Its closed questions.
        grouping: By title, what respondents can be grouped by.
    """

    respondents: int
    closed: tuple[Column, ...]
    grouping: dict[str, Column]


def background_of(visit: Visit, job_id: str) -> Background | None:
    """What is known beside the answers; None where the survey did not come in as a table.

    Raises:
        NotFound: There is no such job, or it is another tenant's.
    """
    upload = visit.service.uploads.of_job(visit.tenant, job_id)
    if upload is None:
        return None
    found = _background(_Key(visit, upload))
    total = visit.service.job(visit.tenant, job_id).total
    return found if found is not None and found.respondents == total else None


def mask(positions: NDArray[np.uint32], total: int) -> NDArray[np.bool_]:
    """By position of all respondents, whether they are among these."""
    found = np.zeros(total, dtype=np.bool_)
    found[positions] = True
    return found


class _Key:
    """An upload, as it is told apart from others; and who may read it."""

    def __init__(self, visit: Visit, upload: Upload) -> None:
        self.visit, self.upload = visit, upload

    def __hash__(self) -> int:
        return hash(self.upload)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.upload == other.upload


@lru_cache(maxsize=MOST_KEPT)
def _background(key: _Key) -> Background | None:
    with original(key.visit, key.upload) as path:
        if not is_table(path):
            return None
        return _read(SurveyTable.read(path, plan_of(key.upload).choice))


def _read(table: SurveyTable) -> Background:
    others = [i for i, each in enumerate(table.taken) if each.role is Role.OTHER][:MOST_COLUMNS]
    codings = {i: Coding() for i in others}
    grouping = {
        title: (column, Coding(MOST_DISTINCT, is_time=title == DAY)) for title, column in _grouping(table).items()
    }
    respondents = 0
    for record in table.judged_rows():
        if not any(record.cells[each.column].strip() for each in table.open_ends):
            continue  # who has answered nothing is not in the batch
        respondents += 1
        for i, coding in codings.items():
            coding.see(record.cells[i].strip())
        for title, (column, coding) in grouping.items():
            cell = record.cells[column].strip()
            coding.see(day_of(cell) if title == DAY else cell)
    closed = [coding.column(table.taken[i].name, table.taken[i].question) for i, coding in codings.items()]
    grouped = {title: coding.column(title, "") for title, (_, coding) in grouping.items()}
    return Background(
        respondents,
        tuple(column for column in closed if column is not None and column.is_closed_question),
        {title: column for title, column in grouped.items() if column is not None and len(column.values) > 1},
    )


def _grouping(table: SurveyTable) -> dict[str, int]:
    started = table.column(Role.STARTED)
    found = {DAY: table.column(Role.ENDED) if started is None else started}
    found |= {title: table.column(role) for role, title in GROUPED.items()}
    return {title: column for title, column in found.items() if column is not None}


def day_of(cell: str) -> str:
    """The date in a cell, as the file writes it; empty where there is none."""
    found = _DAY.search(cell)
    return found.group() if found else ""
