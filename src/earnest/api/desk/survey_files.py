"""Uploaded survey files on disk, as long as somebody reads them: in a folder of their own that is gone afterwards."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from tempfile import TemporaryDirectory

import msgspec

from earnest.api.batch_body import read_batch
from earnest.api.desk.visits import Visit
from earnest.api.pieces import BOM, LARGEST_HEAD
from earnest.errors import EarnestError, InvalidInput, OutOfSpace
from earnest.files.columns import Choice
from earnest.files.kinds import TABLES_IN
from earnest.files.tables import SurveyTable
from earnest.findings import CheckName
from earnest.service import Batch, Service
from earnest.store.uploads import PIECE, Upload

BATCHES = (".json", ".ndjson", ".jsonl")
READ = (*TABLES_IN, *BATCHES)
LONGEST_STEM = 60
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]+')
_OF_THE_SHELL = {
    "name its --encoding": "choose its encoding under Reading the file",
    "(--sheet chooses another)": "(choose another under Reading the file)",
    "--encoding is about": "an encoding is chosen for",
    "--sheet is about": "a sheet is chosen for",
}
"""What the readers say to whoever sits at a shell, and what it is called on a page."""


class Plan(msgspec.Struct, frozen=True):
    """How an uploaded table is to be judged; kept with it, so that the export can join what was found to its rows.

    Attributes:
        choice: Which columns are what, where that was corrected.
        survey_name: Empty for the name of the file.
        checks: Which to run; empty for all.
    """

    choice: Choice = Choice()
    survey_name: str = ""
    checks: tuple[CheckName, ...] = ()


def plan_of(upload: Upload) -> Plan:
    """What was chosen for a file so far."""
    return Plan() if upload.choice is None else msgspec.json.decode(upload.choice, type=Plan)


def is_table(path: Path) -> bool:
    """Whether a file is a table by its name, rather than a batch in JSON."""
    return path.suffix.lower() in TABLES_IN


def file_name(given: str) -> str:
    """A name for a file that came in: what the user calls it, without what a file system could stumble over."""
    path = PurePosixPath(_UNSAFE.sub("_", given.replace("\\", "/").rpartition("/")[2]).lstrip(". "))
    return f"{path.stem.strip()[:LONGEST_STEM] or 'survey'}{path.suffix.lower()[:10]}"


@contextmanager
def folder(service: Service) -> Iterator[Path]:
    """A folder that is gone at the end of the block.

    Raises:
        OutOfSpace: The disk is full.
    """
    try:
        with TemporaryDirectory(dir=service.spool_folder, prefix=".earnest-") as name:
            yield Path(name)
    except OSError as fault:
        if fault.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise OutOfSpace from None
        raise


@contextmanager
def original(visit: Visit, upload: Upload) -> Iterator[Path]:
    """An uploaded file as it came, as long as the block lasts.

    Raises:
        OutOfSpace: The disk is full.
    """
    with folder(visit.service) as place:
        path = place / upload.file
        visit.service.uploads.write(visit.tenant, upload.id, path)
        yield path


def look_at(path: Path) -> None:
    """Read a file once, so that one which cannot be read is refused while its owner is looking.

    Raises:
        InvalidInput: It is of no known kind, of another than its name says, damaged or too large.
    """
    if is_table(path):
        SurveyTable.taken_from(path)
    elif path.suffix.lower() in BATCHES:
        with batch_in(path) as batch:
            for _ in batch.respondents:
                pass
    else:
        raise InvalidInput(f"{path.name}: Earnest reads {', '.join(READ)}. Save the survey as one of these.")


@contextmanager
def batch_in(path: Path) -> Iterator[Batch]:
    """The batch that a file in JSON holds, read as it is walked through.

    Raises:
        InvalidInput: naming all that is wrong with it.
    """
    is_lines = path.suffix.lower() != ".json"
    with (_headed(path) if is_lines else path).open("rb") as stream:
        yield read_batch(stream, lines=is_lines, html=False)


def told(fault: EarnestError, path: Path | None = None) -> str:
    """What is wrong with a file, for whoever looks at a page: without options of the shell or folders of ours."""
    message = fault.message if path is None else fault.message.replace(f"{path.parent}/", "")
    for shell, here in _OF_THE_SHELL.items():
        message = message.replace(shell, here)
    details = [f"{where}: {what}" for where, what in fault.details.items() if where not in message]
    return "\n".join([message, *details])


def _headed(path: Path) -> Path:
    """Lines with the survey's fields first: the file itself, or where all its lines are responses, a copy of it."""
    headed = path.with_name(f"headed{path.suffix}")
    with path.open("rb") as stream:
        first = stream.readline(LARGEST_HEAD).removeprefix(BOM)
        try:
            is_response = "surveyEntries" in msgspec.json.decode(first, type=dict[str, msgspec.Raw])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return path  # what exactly is wrong is told where it is read
        if not is_response:
            return path
        with headed.open("wb") as other:
            other.write(msgspec.json.encode({"surveyName": path.stem}) + b"\n" + first)
            copyfileobj(stream, other, PIECE)
    return headed


# Now, not at first use: msgspec 0.22 crashes where two threads are the first to decode a struct at once.
msgspec.json.Decoder(Plan)
