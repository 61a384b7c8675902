"""Our own operations on verdicts: all versions of one, and which of a survey's have changed since."""

from functools import partial

from anyio import to_thread
from litestar import get
from litestar.datastructures import State

from earnest.api.auth import authorised
from earnest.api.data_quality import page_of
from earnest.api.errors import Connection
from earnest.service import Scope, Service
from earnest.store.verdicts import ResponseVerdicts, SurveyChanges


@get("/api/v1/earnest/surveys/{survey_identifier:str}/responses/{response_identifier:str}")
async def list_verdicts(request: Connection, state: State) -> ResponseVerdicts:
    """Tell everything that was found about a response."""
    service: Service = state.service
    tenant = await authorised(request, service, Scope.READ)
    names = request.path_params["survey_identifier"], request.path_params["response_identifier"]
    return await to_thread.run_sync(service.verdicts, tenant, *names)


@get("/api/v1/earnest/surveys/{survey_identifier:str}/changes")
async def list_changes(request: Connection, state: State) -> SurveyChanges:
    """Tell which verdicts took the place of earlier ones."""
    tenant = await authorised(request, state.service, Scope.READ)
    page = page_of(request.query_params)
    find = partial(state.service.changes, tenant, request.path_params["survey_identifier"], **page)
    return await to_thread.run_sync(find)


ROUTES = [list_verdicts, list_changes]
