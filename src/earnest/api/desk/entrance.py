"""Signing in and out."""

from anyio import to_thread
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler

from earnest.api.console import only_here
from earnest.api.desk.pages import page
from earnest.api.desk.visits import COOKIE, SIGN_IN, cookie_of, own_path, see
from earnest.api.errors import Connection
from earnest.errors import InvalidKey
from earnest.service import DEFAULT_TENANT, Scope, Service


@get("/enter", guards=[only_here])
async def enter(request: Connection, state: State) -> Response[None]:
    """Let in whoever sits at this machine."""
    service: Service = state.service
    going_on = own_path(request.query_params.get("next", "/"))
    if service.settings.sign_in == "always":
        return see(SIGN_IN)
    token = await to_thread.run_sync(lambda: service.people.admit(DEFAULT_TENANT, is_operator=True))
    return _admitted(request, token, going_on)


@get("/sign-in", sync_to_thread=False)
def sign_in_page(request: Connection) -> Response[str]:
    """Ask for a name and a password, or for a key."""
    return page("sign_in.html", None, next=own_path(request.query_params.get("next", "/")), fault="")


@post("/sign-in", status_code=200)
async def sign_in(request: Connection, state: State) -> Response[None] | Response[str]:
    """Begin a visit."""
    service: Service = state.service
    form = {name: str(value) for name, value in (await request.form()).items()}
    going_on = own_path(form.get("next", "/"))
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return page("sign_in.html", None, status=403, next=going_on, fault="Sign in on this page.")
    try:
        token = await to_thread.run_sync(_token, service, form)
    except InvalidKey as fault:
        return page("sign_in.html", None, status=403, next=going_on, fault=fault.message)
    return _admitted(request, token, going_on)


def _token(service: Service, form: dict[str, str]) -> str:
    key = form.get("key", "").strip()
    if key:
        return service.people.admit(service.tenant_of(key, Scope.MANAGE), is_operator=False, key=key)
    return service.people.sign_in(form.get("name", "").strip(), form.get("password", ""))


@post("/sign-out", status_code=303)
async def sign_out(request: Connection, state: State) -> Response[None]:
    """End a visit. It needs no proof: at worst somebody signs in again."""
    service: Service = state.service
    token, own_key = request.cookies.get(COOKIE, ""), service.settings.api_key
    await to_thread.run_sync(lambda: service.people.sign_out(token, own_key=own_key))
    response = see(SIGN_IN)
    response.set_cookie(cookie_of("", request))
    return response


def _admitted(request: Connection, token: str, going_on: str) -> Response[None]:
    response = see(going_on)
    response.set_cookie(cookie_of(token, request))
    return response


ROUTES: list[ControllerRouterHandler] = [enter, sign_in_page, sign_in, sign_out]
