"""The desk: where people look at surveys, decide about respondents and hand the result over.

Server-rendered pages, one file for each place; htmx swaps parts of them, and without JavaScript forms still work. Every
page needs a visit (`visits`), every change its CSRF token; a page never holds a whole survey.
"""

from litestar import Router

from earnest.api.desk import (
    coders,
    copies,
    entrance,
    evidence,
    exports,
    glance,
    operator,
    questions,
    reviewing,
    surveys,
    uploads,
    what_if,
)
from earnest.api.desk.visits import TO_THE_DOOR

_PLACES = (
    *(entrance, uploads, surveys, glance, what_if, questions, copies),
    *(reviewing, evidence, coders, exports, operator),
)
_HANDLERS = [each for place in _PLACES for each in place.ROUTES]
ROUTES = [Router("/", route_handlers=_HANDLERS, exception_handlers=TO_THE_DOOR)]
