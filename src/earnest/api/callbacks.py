"""Our own operations about callbacks: how a job's callback fared, and posting it again."""

from anyio import to_thread
from litestar import get, post
from litestar.datastructures import State

from earnest.api.auth import authorised
from earnest.api.errors import Connection
from earnest.service import Scope, Service
from earnest.store.deliveries import CallbackLog


@get("/api/v1/earnest/jobs/{batch_job_id:str}/deliveries")
async def list_deliveries(request: Connection, state: State) -> CallbackLog:
    """Tell how a job's callback fared."""
    service: Service = state.service
    tenant = await authorised(request, service, Scope.READ)
    return await to_thread.run_sync(service.callbacks.log, tenant, request.path_params["batch_job_id"])


@post("/api/v1/earnest/jobs/{batch_job_id:str}/redeliver", status_code=202)
async def redeliver(request: Connection, state: State) -> CallbackLog:
    """Post a job's callback again."""
    service: Service = state.service
    tenant = await authorised(request, service, Scope.MANAGE)
    job_id = request.path_params["batch_job_id"]
    await to_thread.run_sync(service.callbacks.redeliver, tenant, job_id)
    return await to_thread.run_sync(service.callbacks.log, tenant, job_id)


ROUTES = [list_deliveries, redeliver]
