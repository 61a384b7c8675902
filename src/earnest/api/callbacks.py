"""Our own operations about callbacks: how a job's callback fared, and posting it again."""

from functools import partial

import msgspec
from anyio import to_thread
from litestar import MediaType, Response, get, post
from litestar.datastructures import State

from earnest.api.auth import authorised
from earnest.api.errors import Connection
from earnest.service import Scope, Service


@get("/api/v1/earnest/jobs/{batch_job_id:str}/deliveries")
async def list_deliveries(request: Connection, state: State) -> Response[bytes]:
    """Tell how a job's callback fared."""
    tenant = await authorised(request, state.service, Scope.READ)
    return await _log(state.service, tenant, request.path_params["batch_job_id"], 200)


@post("/api/v1/earnest/jobs/{batch_job_id:str}/redeliver", status_code=202)
async def redeliver(request: Connection, state: State) -> Response[bytes]:
    """Post a job's callback again."""
    tenant = await authorised(request, state.service, Scope.MANAGE)
    job_id = request.path_params["batch_job_id"]
    await to_thread.run_sync(state.service.callbacks.redeliver, tenant, job_id)
    return await _log(state.service, tenant, job_id, 202)


async def _log(service: Service, tenant: str, job_id: str, status: int) -> Response[bytes]:
    log = await to_thread.run_sync(partial(service.callbacks.log, tenant, job_id))
    return Response(msgspec.json.encode(log), status_code=status, media_type=MediaType.JSON)


ROUTES = [list_deliveries, redeliver]
