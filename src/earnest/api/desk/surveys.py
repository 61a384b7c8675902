"""All surveys, newest first, each with how far it is; and an example to play with."""

import gzip
import tempfile
from importlib.resources import files
from pathlib import Path

import msgspec
from anyio import to_thread
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler

from earnest.api.desk.pages import page
from earnest.api.desk.survey_files import Plan
from earnest.api.desk.visits import Visit, see, visit_of
from earnest.api.errors import Connection
from earnest.evaluate import ALL_CHECKS
from earnest.files.handover import batch_of
from earnest.files.tables import SurveyTable
from earnest.findings import JobStatus
from earnest.store.uploads import PIECE

PER_PAGE = 25
EXAMPLE_FILE, EXAMPLE_NAME = "coffee_subscription.csv", "Coffee at home (example)"
STATES = {
    JobStatus.QUEUED: "Waiting",
    JobStatus.PROCESSING: "Being judged",
    JobStatus.COMPLETED: "Judged",
    JobStatus.FAILED: "Failed",
}


@get("/desk")
async def surveys(request: Connection, state: State) -> Response[str]:
    """List the surveys, newest first, each with how far it is."""
    visit = await visit_of(request, state)
    cursor = request.query_params.get("after") or None
    return await to_thread.run_sync(_list, visit, cursor)


def _list(visit: Visit, cursor: str | None) -> Response[str]:
    jobs = visit.service.list_jobs(visit.tenant, cursor=cursor, limit=PER_PAGE)
    is_running = any(not job.status.is_final for job in jobs.items)
    return page("surveys.html", visit, jobs=jobs, cursor=cursor, is_running=is_running, states=STATES)


@post("/desk/example", status_code=303)
async def try_example(request: Connection, state: State) -> Response[None]:
    """Judge the example survey, as if somebody had uploaded its file."""
    visit = await visit_of(request, state)
    return see(f"/desk/{await to_thread.run_sync(_begin_example, visit)}")


def _begin_example(visit: Visit) -> str:
    data = gzip.decompress(files("earnest").joinpath("console", "example_survey.csv.gz").read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / EXAMPLE_FILE
        path.write_bytes(data)
        table = SurveyTable.read(path)
        batch = batch_of(table, survey_name=EXAMPLE_NAME, wanted=ALL_CHECKS, only_answered=True)

    pieces = (data[i : i + PIECE] for i in range(0, len(data), PIECE))
    upload = visit.service.uploads.keep(visit.tenant, EXAMPLE_FILE, pieces)
    plan = msgspec.json.encode(Plan(survey_name=EXAMPLE_NAME))
    visit.service.uploads.choose(visit.tenant, upload.id, plan)
    job = visit.service.submit(visit.tenant, batch)
    visit.service.uploads.judged_by(visit.tenant, upload.id, job)
    return job


ROUTES: list[ControllerRouterHandler] = [surveys, try_example]
