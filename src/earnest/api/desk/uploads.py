"""Survey files in: uploaded, looked at, corrected where a column was taken for something else, and judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, cast

import msgspec
from anyio import to_thread
from litestar import Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from earnest.api.desk.pages import page
from earnest.api.desk.survey_files import (
    READ,
    Plan,
    batch_in,
    file_name,
    folder,
    is_table,
    look_at,
    original,
    plan_of,
    told,
)
from earnest.api.desk.visits import CSRF_HEADER, Visit, see, visit_of
from earnest.api.errors import BY_STATUS, Connection
from earnest.errors import InvalidInput, RateLimited
from earnest.files.columns import Choice, Role, Taken
from earnest.files.handover import batch_of
from earnest.files.kinds import SUFFIXES, Kind
from earnest.files.tables import SurveyTable
from earnest.findings import CHECKS_OF_MODE, CheckName, DetectionMode
from earnest.service import Idempotency
from earnest.store.uploads import PIECE, Upload

HERE = "/desk/upload"
ROLES = tuple(role for role in Role if role not in {Role.TYPING, Role.FOUND})
MOST_KNOWN = 200
MOST_OTHERS = 60
"""Columns that are listed, with a role and without; of those without, the rest can be named."""
LOOKED_AT = 40
"""Respondents of whom cells are shown beside the columns."""
MOST_SHOWN = 5
"""Respondents in the preview, and questions of each."""
LONGEST_NAME = 200
LONGEST_CELL = 160


@dataclass(frozen=True, slots=True)
class _Line:
    """A column as the page lists it, with its first cells that are not empty."""

    number: int
    taken: Taken
    examples: tuple[str, ...]

    @property
    def is_fixed(self) -> bool:
        """Whether it is known what it holds, beyond correction."""
        return self.taken.role not in ROLES

    @property
    def is_known(self) -> bool:
        """Whether it is more than one among others."""
        return self.taken.role in ROLES and self.taken.role is not Role.OTHER


@get(HERE)
async def upload_page(request: Connection, state: State) -> Response[str]:
    """Ask for a survey file."""
    visit = await visit_of(request, state)
    return await to_thread.run_sync(_upload_page, visit)


def _upload_page(visit: Visit, fault: str = "", status: int = 200) -> Response[str]:
    return page(
        "upload.html",
        visit,
        status=status,
        fault=fault,
        waiting=visit.service.uploads.waiting(visit.tenant),
        most_mb=visit.service.settings.max_body_mb,
        read=READ,
    )


@post(HERE, status_code=303)
async def receive(request: Connection, state: State) -> Response[None] | Response[str]:
    """Keep a survey file that can be read; a script is told where it goes on, a browser is sent there."""
    try:
        visit = await visit_of(request, state)
    except HTTPException as fault:  # the body had to be read before anybody knew whether it was meant
        return page("upload.html", None, status=fault.status_code, fault=_said(fault))
    try:
        form = await request.form()
    except HTTPException as fault:
        return await to_thread.run_sync(_upload_page, visit, _said(fault), fault.status_code)
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await to_thread.run_sync(_upload_page, visit, "Choose a file first.", 400)
    try:
        kept = await to_thread.run_sync(_keep, visit, file_name(file.filename), cast("BinaryIO", file.file))
    except InvalidInput as fault:
        return await to_thread.run_sync(_upload_page, visit, fault.message, 400)
    where = f"{HERE}/{kept.id}"
    if CSRF_HEADER in request.headers:
        return Response(None, status_code=201, headers={"Location": where})
    return see(where)


def _said(fault: HTTPException) -> str:
    return BY_STATUS[413].message if fault.status_code == 413 else "The upload was broken off. Try it again."


def _keep(visit: Visit, name: str, file: BinaryIO) -> Upload:
    with folder(visit.service) as place:
        path = place / name
        with path.open("wb") as stream:
            copyfileobj(file, stream, PIECE)
        try:
            look_at(path)
        except InvalidInput as fault:
            raise InvalidInput(told(fault, path)) from None
        with path.open("rb") as stream:
            return visit.service.uploads.keep(visit.tenant, name, iter(partial(stream.read, PIECE), b""))


@get(HERE + "/{upload_id:str}")
async def columns_page(request: Connection, state: State, upload_id: FromPath[str]) -> Response[None] | Response[str]:
    """Show what each column is taken for."""
    visit = await visit_of(request, state)
    return await to_thread.run_sync(_columns, visit, upload_id)


def _columns(visit: Visit, upload_id: str) -> Response[None] | Response[str]:
    upload = visit.service.uploads.find(visit.tenant, upload_id)
    if upload.job is not None:
        return see(f"/desk/{upload.job}")
    with original(visit, upload) as path:
        return _shown(visit, upload, path)


def _shown(visit: Visit, upload: Upload, path: Path, fault: str = "") -> Response[str]:
    plan = plan_of(upload)
    status = 400 if fault else 200
    if not is_table(path):
        with batch_in(path) as batch:
            name, count = batch.survey.name, len(batch.respondents)
        return page("upload_batch.html", visit, status=status, upload=upload, fault=fault, name=name, count=count)
    table = SurveyTable.taken_from(path, plan.choice)
    lines, unlisted, hidden = _lines(table)
    return page(
        "upload_columns.html",
        visit,
        status=status,
        upload=upload,
        fault=fault,
        plan=plan,
        table=table,
        notes=[told(InvalidInput(note), path) for note in table.notes],
        known=[each for each in lines if each.is_known],
        unknown=[each for each in lines if not each.is_known],
        unlisted=unlisted,
        hidden=hidden,
        judged=sum(1 for _ in table.judged_rows()),
        preview=[(table.name(each), each.cells) for each in islice(table.judged_rows(), MOST_SHOWN)],
        roles=ROLES,
        modes=[(mode, [c for c in CheckName if c in CHECKS_OF_MODE[mode]]) for mode in list(DetectionMode)[:2]],
        is_text=SUFFIXES[path.suffix.lower()] is Kind.TEXT,
        is_book=SUFFIXES[path.suffix.lower()] is Kind.EXCEL,
        most_shown=MOST_SHOWN,
        longest_cell=LONGEST_CELL,
    )


def _lines(table: SurveyTable) -> tuple[list[_Line], int, int]:
    """The columns to list, open ends first; how many known ones are not listed, and how many of the others."""
    rows = list(islice(table.judged_rows(), LOOKED_AT))
    numbers = sorted(range(len(table.taken)), key=lambda i: table.taken[i].role is not Role.OPEN_END)
    lines = [
        _Line(
            i, table.taken[i], tuple(islice(dict.fromkeys(filter(None, (each.cells[i].strip() for each in rows))), 2))
        )
        for i in numbers
    ]
    known, others = ([each for each in lines if each.is_known is wanted] for wanted in (True, False))
    listed = [*known[:MOST_KNOWN], *others[:MOST_OTHERS]]
    return listed, len(known) - len(known[:MOST_KNOWN]), len(others) - len(others[:MOST_OTHERS])


@post(HERE + "/{upload_id:str}", status_code=303)
async def judge(request: Connection, state: State, upload_id: FromPath[str]) -> Response[None] | Response[str]:
    """Note what was corrected and, where that is wished, begin to judge."""
    visit = await visit_of(request, state)
    form = [(name, str(value)) for name, value in (await request.form()).multi_items()]
    return await to_thread.run_sync(_judge, visit, upload_id, form)


def _judge(visit: Visit, upload_id: str, form: list[tuple[str, str]]) -> Response[None] | Response[str]:
    upload = visit.service.uploads.find(visit.tenant, upload_id)
    if upload.job is not None:
        return see(f"/desk/{upload.job}")
    with original(visit, upload) as path:
        try:
            if not is_table(path):
                return _submitted_batch(visit, upload, path)
            return _submitted_table(visit, upload, path, form)
        except (InvalidInput, RateLimited) as fault:
            return _shown(visit, upload, path, told(fault, path))


def _submitted_table(visit: Visit, upload: Upload, path: Path, form: list[tuple[str, str]]) -> Response[None]:
    plan = _corrected(plan_of(upload), SurveyTable.taken_from(path, plan_of(upload).choice), form)
    table = SurveyTable.taken_from(path, plan.choice)
    visit.service.uploads.choose(visit.tenant, upload.id, msgspec.json.encode(plan))
    if ("action", "judge") not in form:
        return see(f"{HERE}/{upload.id}")
    if not table.open_ends:
        raise InvalidInput("Nothing to judge: say of at least one column that it is an open end.")
    wanted = frozenset(plan.checks or CheckName)
    batch = batch_of(table, survey_name=plan.survey_name, wanted=wanted, only_answered=True)
    if not batch.respondents:
        raise InvalidInput("Nobody has answered any of the open ends.")
    asked = blake2b(msgspec.json.encode(plan), digest_size=16).digest()
    job = visit.service.submit(visit.tenant, batch, idempotency=Idempotency(f"upload {upload.id}", asked))
    return _begun(visit, upload, job)


def _submitted_batch(visit: Visit, upload: Upload, path: Path) -> Response[None]:
    with batch_in(path) as batch:
        again = Idempotency(f"upload {upload.id}", bytes(16))
        return _begun(visit, upload, visit.service.submit(visit.tenant, batch, idempotency=again))


def _begun(visit: Visit, upload: Upload, job: str) -> Response[None]:
    visit.service.uploads.judged_by(visit.tenant, upload.id, job)
    return see(f"/desk/{job}")


def _corrected(plan: Plan, table: SurveyTable, form: list[tuple[str, str]]) -> Plan:
    """A plan with what a form says otherwise.

    Raises:
        InvalidInput: The form names a role, a check or a column that there is not.
    """
    given = dict(form)
    roles, questions = dict(plan.choice.roles), dict(plan.choice.questions)
    for i, each in enumerate(table.taken):
        role = given.get(f"role-{i}", each.role)
        if role != each.role:
            roles[each.name] = _role(role)
        asked = given.get(f"question-{i}", each.question).strip()
        if asked and asked != each.question and roles.get(each.name, each.role) is Role.OPEN_END:
            questions[each.name] = asked
    for name in _named(given.get("more", ""), table):
        roles[name] = Role.OPEN_END
    questions = {name: asked for name, asked in questions.items() if roles.get(name, Role.OPEN_END) is Role.OPEN_END}
    choice = Choice(
        roles=roles,
        questions=questions,
        encoding=given.get("encoding", "").strip() or None,
        sheet=given.get("sheet", "") or None,
    )
    if choice.encoding is not None or choice.sheet is not None:
        SurveyTable.taken_from(table.source.path, Choice(encoding=choice.encoding, sheet=choice.sheet))
    if (choice.encoding, choice.sheet) != (plan.choice.encoding, plan.choice.sheet):
        choice = Choice(encoding=choice.encoding, sheet=choice.sheet)  # other columns: nothing is corrected yet
    checks = tuple(check for check in CheckName if ("check", check.value) in form)
    return Plan(choice, given.get("survey_name", "").strip()[:LONGEST_NAME], checks)


def _role(given: str) -> Role:
    if given not in {role.value for role in ROLES}:
        raise InvalidInput("A column cannot be that.")
    return Role(given)


def _named(more: str, table: SurveyTable) -> Iterator[str]:
    for line in filter(None, map(str.strip, more.splitlines())):
        if line not in table.header:
            raise InvalidInput(f"There is no column {line[:LONGEST_CELL]!r}.")
        yield line


@post(HERE + "/{upload_id:str}/discard", status_code=303)
async def discard(request: Connection, state: State, upload_id: FromPath[str]) -> Response[None]:
    """Forget a file."""
    visit = await visit_of(request, state)
    await to_thread.run_sync(visit.service.uploads.discard, visit.tenant, upload_id)
    return see(HERE)


ROUTES: list[ControllerRouterHandler] = [upload_page, receive, columns_page, judge, discard]
