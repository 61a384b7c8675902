"""What is handed over when a survey is reviewed: the table with all decisions, the pack, the report, the methods.

A file is written in a folder of its own, opened, and the folder removed before the first byte is sent: nothing is left
behind, whatever becomes of the connection.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from anyio import to_thread
from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from earnest.api.desk.pages import page
from earnest.api.desk.survey_files import file_name, folder, is_table, original, plan_of
from earnest.api.desk.visits import Visit, visit_of
from earnest.api.errors import Connection
from earnest.errors import InvalidInput, NotFound
from earnest.files.batch_json import write_batch
from earnest.files.evaluated import Added, as_table
from earnest.files.formats import write_table
from earnest.files.handover import outcome_of, rejoined
from earnest.files.methods import write_methods
from earnest.files.outcome import Outcome
from earnest.files.reconciliation import write_pack
from earnest.files.report import write_report
from earnest.files.tables import SurveyTable
from earnest.findings import RespondentEvaluation
from earnest.service import JobReport
from earnest.store.decisions import Ruled, as_decisions, settled
from earnest.store.uploads import PIECE

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_ONCE = 1_000
"""Respondents whose evaluations are read together."""


@dataclass(frozen=True, slots=True)
class Export:
    """Something to hand over.

    Attributes:
        name: Its last part in the URL, and of the file's name.
        title: What it is called.
        sentence: Whom it is for.
        media_type: Of the file.
    """

    name: str
    title: str
    sentence: str
    media_type: str


EXPORTS = {
    each.name: each
    for each in (
        Export("reviewed.xlsx", "Excel", "With filters; to look through and pass on.", WORKBOOK),
        Export("reviewed.csv", "CSV", "For R, Python and whatever else reads tables.", "text/csv"),
        Export("reviewed.sav", "SPSS", "With variable and value labels.", "application/octet-stream"),
        Export("reviewed.parquet", "Parquet", "With types; small and quick.", "application/vnd.apache.parquet"),
        Export("reviewed.json", "JSON", "As the API sends evaluations, and the decisions.", "application/json"),
        Export(
            "reconciliation.xlsx",
            "Reconciliation pack",
            "For the supplier: each respondent who goes, with reason code and evidence.",
            WORKBOOK,
        ),
        Export("report.html", "Report", "For the client: one page that needs nothing else.", "text/html"),
        Export("methods.md", "Methods paragraph", "For the paper: what was checked, removed and why.", "text/markdown"),
    )
}
"""All of them, by name, in the order in which they are offered."""


@get("/desk/{job_id:str}/export")
async def export_page(request: Connection, state: State, job_id: FromPath[str]) -> Response[str]:
    """Offer what can be handed over."""
    visit = await visit_of(request, state)
    return await to_thread.run_sync(_export_page, visit, job_id)


def _export_page(visit: Visit, job_id: str) -> Response[str]:
    job = visit.service.job(visit.tenant, job_id)
    known = _known_decisions(visit, job_id)
    counts = Counter(each.ruling for by_coder in known.values() if (each := settled(by_coder)))
    return page(
        "export.html",
        visit,
        job=job,
        upload=visit.service.uploads.of_job(visit.tenant, job_id),
        exports=list(EXPORTS.values()),
        counts=counts,
        disputed=len(known) - counts.total(),
    )


@get("/desk/{job_id:str}/export/{name:str}")
async def export(request: Connection, state: State, job_id: FromPath[str], name: FromPath[str]) -> Stream:
    """Send one of them."""
    visit = await visit_of(request, state)
    wanted = EXPORTS.get(name)
    if wanted is None:
        raise NotFound("There is no such export.")
    file_called, file = await to_thread.run_sync(_written, visit, job_id, wanted)
    headers = {"Content-Disposition": attachment(file_called)}
    return Stream(_pieces(file), media_type=wanted.media_type, headers=headers)


def attachment(name: str) -> str:
    """The Content-Disposition of a file to save, as RFC 6266 has it."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _written(visit: Visit, job_id: str, wanted: Export) -> tuple[str, BinaryIO]:
    """What the file is called, and the file, which is no longer in any folder."""
    job = visit.service.job(visit.tenant, job_id)
    if not job.status.is_final:
        raise InvalidInput("This survey is still being judged; export it when it is done.")
    upload = visit.service.uploads.of_job(visit.tenant, job_id)
    with ExitStack() as stack:
        place = stack.enter_context(folder(visit.service))
        table = None
        if upload is not None and is_table(Path(upload.file)):
            source = stack.enter_context(original(visit, upload))
            table = SurveyTable.read(source, plan_of(upload).choice)
        stem = Path(file_name(f"{job.survey_name or 'survey'}.x")).stem
        path = place / f"{stem}-{wanted.name}"
        _write(path, visit, job, table)
        return path.name, path.open("rb")


def _write(path: Path, visit: Visit, job: JobReport, table: SurveyTable | None) -> None:
    outcome = _outcome(visit, job, table)
    added = Added(wanted=outcome.wanted, decisions=outcome.decisions, proposed_from=outcome.proposed_from)
    if path.name.endswith("-reconciliation.xlsx"):
        write_pack(path, outcome)
    elif path.suffix == ".html":
        write_report(path, outcome)
    elif path.suffix == ".md":
        write_methods(path, outcome)
    elif path.suffix == ".json":
        write_batch(path, job.batch_job_id, outcome.evaluations, outcome.decisions)
    elif table is not None:
        table.write(path, outcome.evaluations, added)
    else:
        write_table(path, as_table(outcome.evaluations, added))


def _outcome(visit: Visit, job: JobReport, table: SurveyTable | None) -> Outcome:
    found: dict[int, RespondentEvaluation] = {}
    for first in range(0, job.total, AT_ONCE):
        some = range(first, min(job.total, first + AT_ONCE))
        found |= visit.service.results.evaluations(visit.tenant, job.batch_job_id, some)
    final = (settled(by_coder) for by_coder in _known_decisions(visit, job.batch_job_id).values())
    names = {position: each.response_identifier for position, each in found.items()}
    asked = visit.service.results.asked(visit.tenant, job.batch_job_id)
    return outcome_of(
        job.survey_name,
        [found[i] for i in sorted(found)] if table is None else rejoined(table.respondents(), found),
        wanted=frozenset(asked.wanted),
        thresholds=asked.thresholds or {},
        table=table,
        decisions=as_decisions((each for each in final if each is not None), names),
        evaluator=", ".join(job.evaluator_versions),
        on=None if job.finished_at is None else job.finished_at.date(),
    )


def _known_decisions(visit: Visit, job_id: str) -> Mapping[int, Mapping[str, Ruled]]:
    """What this visitor may know of all decisions, by position: coders are blind to one another until one is final."""
    current = visit.service.decisions.current(visit.tenant, job_id)
    if visit.visitor.is_operator:
        return current
    known = {}
    for position, by_coder in current.items():
        is_final = any(each.is_final for each in by_coder.values())
        own = {name: each for name, each in by_coder.items() if is_final or name == visit.visitor.name}
        if own:
            known[position] = own
    return known


ROUTES: list[ControllerRouterHandler] = [export_page, export]
