"""Pages of the desk: what all of them have in common."""

from litestar import MediaType, Response

from earnest.api.console import render
from earnest.api.desk.visits import Visit

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)
"""Nothing is loaded from elsewhere, nothing inline runs, and forms go nowhere else."""


def page(template: str, visit: Visit | None, *, status: int = 200, **shown: object) -> Response[str]:
    """A page, or the part of one that htmx asked for; all that is put into it is escaped.

    Args:
        template: Its file in console/templates/desk.
        visit: Who looks; None before signing in.
        status: HTTP status.
        **shown: What the template names.
    """
    html = render(f"desk/{template}", visit=visit, **shown)
    return Response(html, status_code=status, media_type=MediaType.HTML, headers={"Content-Security-Policy": POLICY})
