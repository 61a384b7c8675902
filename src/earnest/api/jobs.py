"""Our own operations on jobs: which there are, how one stands, ending it and taking it up again."""

from functools import partial

import msgspec
from anyio import to_thread
from litestar import MediaType, Response, get, post
from litestar.datastructures import State

from earnest.api.auth import authorised
from earnest.api.data_quality import limit_of
from earnest.api.errors import Connection
from earnest.service import JobList, JobReport, Scope


@get("/api/v1/earnest/jobs")
async def list_jobs(request: Connection, state: State) -> Response[bytes]:
    """List the tenant's jobs, the newest first."""
    tenant = await authorised(request, state.service, Scope.READ)
    cursor, limit = request.query_params.get("cursor") or None, limit_of(request.query_params.get("limit"))
    asked = {"cursor": cursor} if limit is None else {"cursor": cursor, "limit": limit}
    return _json(await to_thread.run_sync(partial(state.service.list_jobs, tenant, **asked)))


@get("/api/v1/earnest/jobs/{batch_job_id:str}")
async def get_job(request: Connection, state: State) -> Response[bytes]:
    """Tell how a job stands, and who could not be judged."""
    tenant = await authorised(request, state.service, Scope.READ)
    return _json(await to_thread.run_sync(state.service.job, tenant, request.path_params["batch_job_id"]))


@post("/api/v1/earnest/jobs/{batch_job_id:str}/cancel", status_code=200)
async def cancel_job(request: Connection, state: State) -> Response[bytes]:
    """End a job that is not wanted any longer."""
    tenant = await authorised(request, state.service, Scope.MANAGE)
    return _json(await to_thread.run_sync(state.service.cancel, tenant, request.path_params["batch_job_id"]))


@post("/api/v1/earnest/jobs/{batch_job_id:str}/resume", status_code=200)
async def resume_job(request: Connection, state: State) -> Response[bytes]:
    """Do what a failed job has left to do."""
    tenant = await authorised(request, state.service, Scope.MANAGE)
    return _json(await to_thread.run_sync(state.service.resume, tenant, request.path_params["batch_job_id"]))


def _json(found: JobReport | JobList) -> Response[bytes]:
    return Response(msgspec.json.encode(found), status_code=200, media_type=MediaType.JSON)


ROUTES = [list_jobs, get_job, cancel_job, resume_job]
