"""Our own operations on jobs: which there are, how one stands, ending it and taking it up again."""

from functools import partial

from anyio import to_thread
from litestar import get, post
from litestar.datastructures import State

from earnest.api.auth import authorised
from earnest.api.data_quality import page_of
from earnest.api.errors import Connection
from earnest.service import JobList, JobReport, Scope, Service


@get("/api/v1/earnest/jobs")
async def list_jobs(request: Connection, state: State) -> JobList:
    """List the tenant's jobs, the newest first."""
    tenant = await authorised(request, state.service, Scope.READ)
    return await to_thread.run_sync(partial(state.service.list_jobs, tenant, **page_of(request.query_params)))


@get("/api/v1/earnest/jobs/{batch_job_id:str}")
async def get_job(request: Connection, state: State) -> JobReport:
    """Tell how a job stands, and who could not be judged."""
    service: Service = state.service
    tenant = await authorised(request, service, Scope.READ)
    return await to_thread.run_sync(service.job, tenant, request.path_params["batch_job_id"])


@post("/api/v1/earnest/jobs/{batch_job_id:str}/cancel", status_code=200)
async def cancel_job(request: Connection, state: State) -> JobReport:
    """End a job that is not wanted any longer."""
    service: Service = state.service
    tenant = await authorised(request, service, Scope.MANAGE)
    return await to_thread.run_sync(service.cancel, tenant, request.path_params["batch_job_id"])


@post("/api/v1/earnest/jobs/{batch_job_id:str}/resume", status_code=200)
async def resume_job(request: Connection, state: State) -> JobReport:
    """Do what a failed job has left to do."""
    service: Service = state.service
    tenant = await authorised(request, service, Scope.MANAGE)
    return await to_thread.run_sync(service.resume, tenant, request.path_params["batch_job_id"])


ROUTES = [list_jobs, get_job, cancel_job, resume_job]
