"""Who is looking: the cookie of a visit, and the proof that a change was meant.

The cookie is out of reach of scripts and of other sites (HttpOnly, SameSite=Strict). A form carries besides what only
our own pages know: a digest of the visit, which another site can neither read nor guess.
"""

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import quote, urlsplit

from anyio import to_thread
from litestar import Response
from litestar.datastructures import Cookie, State
from litestar.types import ExceptionHandlersMap

from earnest.api.console import is_here
from earnest.api.errors import Connection
from earnest.errors import InvalidKey
from earnest.service import Service
from earnest.store.people import VISIT_S, Visitor

COOKIE = "earnest_visit"
CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"
SIGN_IN, ENTER = "/sign-in", "/enter"


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who is signed in.

    Attributes:
        visitor: Who.
        csrf: What their forms must carry.
        service: What the page is about to ask.
    """

    visitor: Visitor
    csrf: str
    service: Service

    @property
    def tenant(self) -> str:
        """Whose surveys are shown."""
        return self.visitor.tenant


class NotSignedIn(Exception):
    """Nobody is signed in; the reader is led to where one signs in, and back."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(url)


async def visit_of(request: Connection, state: State) -> Visit:
    """The visit that a request belongs to.

    Raises:
        NotSignedIn: There is none.
        InvalidKey: The request would change something and does not prove that it was meant.
    """
    service: Service = state.service
    token = request.cookies.get(COOKIE, "")
    own_key = service.settings.api_key
    visitor = await to_thread.run_sync(lambda: service.people.visitor(token, own_key=own_key)) if token else None
    if visitor is None:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise NotSignedIn(f"{_door(request)}?next={quote(path if request.method == 'GET' else '/', safe='')}")
    csrf = csrf_of(token)
    if request.method not in {"GET", "HEAD"}:
        await _require_proof(request, csrf)
    return Visit(visitor, csrf, service)


def csrf_of(token: str) -> str:
    """What forms of a visit must carry."""
    return sha256(f"csrf {token}".encode()).hexdigest()


async def _require_proof(request: Connection, csrf: str) -> None:
    shown = request.headers.get(CSRF_HEADER)
    if shown is None and "form" in request.headers.get("content-type", ""):
        shown = (await request.form()).get(CSRF_FIELD)
    if not isinstance(shown, str) or not compare_digest(shown.encode(), csrf.encode()):
        raise InvalidKey("The form is out of date; load the page again.")


def _door(request: Connection) -> str:
    """Where to sign in: whoever sits at this machine just enters, unless the settings say otherwise."""
    service: Service = request.app.state.service
    return ENTER if service.settings.sign_in != "always" and is_here(request) else SIGN_IN


def cookie_of(token: str, request: Connection) -> Cookie:
    """The cookie of a visit; an empty token ends it."""
    is_secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto", "") == "https"
    return Cookie(
        key=COOKIE,
        value=token,
        path="/",
        httponly=True,
        samesite="strict",
        secure=is_secure,
        max_age=VISIT_S if token else 0,
    )


def own_path(url: str) -> str:
    """A path of ours to go on to; "/" for anything that could lead elsewhere."""
    parts = urlsplit(url)
    is_ours = not parts.scheme and not parts.netloc and url.startswith("/") and not url.startswith(("//", "/\\"))
    return url if is_ours and url.isprintable() else "/"


def see(url: str, **headers: str) -> Response[None]:
    """Send the browser to another page."""
    return Response(None, status_code=303, headers={"Location": url, **headers})


def _to_the_door(request: Connection, fault: NotSignedIn) -> Response[None]:
    """Lead the reader to the door; a part of a page that htmx asks for cannot go there, so the whole page must."""
    if "hx-request" in request.headers:
        return Response(None, status_code=204, headers={"HX-Redirect": fault.url})
    return see(fault.url)


TO_THE_DOOR: ExceptionHandlersMap = {NotSignedIn: _to_the_door}
