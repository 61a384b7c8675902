"""Our own operations on verdicts: all versions of one, and which of a survey's have changed since."""

from functools import partial

import msgspec
from anyio import to_thread
from litestar import MediaType, Response, get
from litestar.datastructures import State

from earnest.api.auth import authorised
from earnest.api.data_quality import limit_of
from earnest.api.errors import Connection
from earnest.service import Scope


@get("/api/v1/earnest/surveys/{survey_identifier:str}/responses/{response_identifier:str}")
async def list_verdicts(request: Connection, state: State) -> Response[bytes]:
    """Tell everything that was found about a response."""
    tenant = await authorised(request, state.service, Scope.READ)
    names = request.path_params["survey_identifier"], request.path_params["response_identifier"]
    found = await to_thread.run_sync(state.service.verdicts, tenant, *names)
    return Response(msgspec.json.encode(found), media_type=MediaType.JSON)


@get("/api/v1/earnest/surveys/{survey_identifier:str}/changes")
async def list_changes(request: Connection, state: State) -> Response[bytes]:
    """Tell which verdicts took the place of earlier ones."""
    tenant = await authorised(request, state.service, Scope.READ)
    find = partial(
        state.service.changes,
        tenant,
        request.path_params["survey_identifier"],
        cursor=request.query_params.get("cursor") or None,
        limit=limit_of(request.query_params.get("limit")),
    )
    return Response(msgspec.json.encode(await to_thread.run_sync(find)), media_type=MediaType.JSON)


ROUTES = [list_verdicts, list_changes]
