"""The operator's page: health, workers, jobs, keys, people, callbacks, settings. Nobody else is shown that it exists.

What is made here and shown once (a key, a secret) is in the answer to the form that asked for it, and nowhere after.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from anyio import to_thread
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from earnest import __version__
from earnest.api.condition import Symptom, disk, location, settings_in_effect
from earnest.api.desk.pages import page
from earnest.api.desk.survey_files import told
from earnest.api.desk.visits import Visit, visit_of
from earnest.api.errors import Connection
from earnest.checks import EVALUATOR_VERSION
from earnest.errors import InvalidInput, NotFound
from earnest.findings import JobStatus
from earnest.jobs.place import is_gone, own_place
from earnest.service import JobReport, Scope
from earnest.store.people import LONGEST_NAME, SHORTEST_PASSWORD
from earnest.store.workers import Worker

HERE = "/desk/operator"
MOST_JOBS = 200
"""The latest ones, among which those are looked for that have not ended well."""
MOST_LISTED = 20
MOST_TRIES = 30
HOUR, DAY = 3_600, 86_400
LIFETIMES = {"": "for ever", str(30 * DAY): "30 days", str(90 * DAY): "90 days", str(365 * DAY): "a year"}
OVERLAPS = {"0": "at once", str(HOUR): "in an hour", str(DAY): "in a day", str(7 * DAY): "in a week"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown this once.

    Attributes:
        title: What it is.
        secret: It.
        sentence: What to do with it.
    """

    title: str
    secret: str
    sentence: str


Form = list[tuple[str, str]]


async def _operator(request: Connection, state: State) -> Visit:
    """The visit of an operator.

    Raises:
        NotFound: It is nobody who looks after this installation.
    """
    visit = await visit_of(request, state)
    if not visit.visitor.is_operator:
        raise NotFound
    return visit


@get(HERE)
async def operator_page(request: Connection, state: State) -> Response[str]:
    """Show how the installation is."""
    visit = await _operator(request, state)
    return await to_thread.run_sync(_page, visit)


def _page(visit: Visit, shown: Shown | None = None, fault: str = "", status: int = 200) -> Response[str]:
    service = visit.service
    jobs = service.list_jobs(None, limit=MOST_JOBS).items
    return page(
        "operator.html",
        visit,
        status=status,
        shown=shown,
        fault=fault,
        version=__version__,
        evaluator=EVALUATOR_VERSION,
        symptoms=list(_symptoms(visit)),
        workers=[(each, _state_of(each)) for each in service.workers.all()],
        jobs=[each for each in jobs if each.status is not JobStatus.COMPLETED][:MOST_LISTED],
        can_cancel=_can_cancel,
        keys=service.list_keys(),
        tenants=service.tenants(),
        now=datetime.now(tz=UTC),
        people=service.people.list(),
        tries=service.callbacks.latest(undelivered=False, limit=MOST_TRIES),
        receiver_of=receiver_of,
        settings=list(settings_in_effect(service.settings)),
        thresholds=service.settings.thresholds,
        scopes={scope: _MEANING[scope] for scope in Scope},
        lifetimes=LIFETIMES,
        overlaps=OVERLAPS,
        shortest_password=SHORTEST_PASSWORD,
        longest_name=LONGEST_NAME,
    )


_MEANING = {
    Scope.EVALUATE: "send answers",
    Scope.READ: "see what was found",
    Scope.MANAGE: "cancel, resume, sign in here",
}


def _symptoms(visit: Visit) -> Iterator[Symptom]:
    for part, said in visit.service.health().items():
        where = location(visit.service.settings.database_url) if (part, said) == ("database", "ok") else said
        yield Symptom(part, where, fine=said == "ok")
    yield disk(visit.service.spool_folder or Path.cwd())
    if not visit.service.workers.all():
        yield Symptom(
            "workers", "nobody works on batches; start earnest work, or serve without --no-worker", fine=False
        )


def _state_of(worker: Worker) -> str:
    """How a worker is, as far as it can be told from here."""
    if worker.place != own_place():
        return "listed by another machine"
    return "gone" if is_gone(worker.process) else "alive"


def _can_cancel(job: JobReport) -> bool:
    return not job.status.is_final


def receiver_of(url: str) -> str:
    """Host and port only: the rest of a callback URL may be a secret."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


async def _change(request: Connection, state: State, work: Callable[[Visit, Form], Shown | str]) -> Response[str]:
    """Do what a form asks for, and show what came of it, or what is wrong with the form.

    Args:
        request: The form.
        state: Of the application.
        work: Returns what is shown once, or else the part of the page to go back to.
    """
    visit = await _operator(request, state)
    form = [(name, str(value).strip()) for name, value in (await request.form()).multi_items()]

    def change() -> Response[str]:
        try:
            done = work(visit, form)
        except (InvalidInput, NotFound) as fault:
            return _page(visit, fault=told(fault), status=400 if isinstance(fault, InvalidInput) else 404)
        if isinstance(done, Shown):
            return _page(visit, done)
        back: Response[str] = Response("", status_code=303, headers={"Location": f"{HERE}#{done}"})
        return back

    return await to_thread.run_sync(change)


def _of(form: Form, name: str) -> str:
    return next((value for key, value in form if key == name), "")


def _seconds(form: Form, name: str, offered: dict[str, str]) -> float:
    """One of the durations that the page offers; 0 for none."""
    given = _of(form, name)
    if given not in offered:
        raise InvalidInput(f"The {name} is none that is offered.")
    return float(given or 0)


@post(HERE + "/keys", status_code=200)
async def make_key(request: Connection, state: State) -> Response[str]:
    """Make a key and show it, once."""
    return await _change(request, state, _make_key)


def _make_key(visit: Visit, form: Form) -> Shown:
    name, tenant = _of(form, "name"), _of(form, "tenant")
    scopes = frozenset(scope for scope in Scope if ("scope", scope.value) in form)
    if not name or len(name) > LONGEST_NAME or not scopes:
        raise InvalidInput("A key needs a name, and something that it may do.")
    lifetime_s = _seconds(form, "lifetime", LIFETIMES) or None
    key = visit.service.create_key(name, tenant, scopes=scopes, lifetime_s=lifetime_s)
    return Shown(f"The key {name!r}", key, "Send it in the header X-Aftercare-Key. It is not shown again.")


@post(HERE + "/keys/{key_id:str}/rotate", status_code=200)
async def rotate_key(request: Connection, state: State, key_id: FromPath[str]) -> Response[str]:
    """Replace a key and show the new one, once."""

    def work(visit: Visit, form: Form) -> Shown:
        key = visit.service.rotate_key(key_id, overlap_s=_seconds(form, "overlap", OVERLAPS))
        return Shown("The new key", key, f"{key_id} ends {OVERLAPS[_of(form, 'overlap')]}. This is not shown again.")

    return await _change(request, state, work)


@post(HERE + "/keys/{key_id:str}/revoke", status_code=200)
async def revoke_key(request: Connection, state: State, key_id: FromPath[str]) -> Response[str]:
    """Accept a key no longer; visits that it opened end."""

    def work(visit: Visit, _: Form) -> str:
        visit.service.revoke_key(key_id)
        return "keys"

    return await _change(request, state, work)


@post(HERE + "/people", status_code=200)
async def add_person(request: Connection, state: State) -> Response[str]:
    """Let somebody sign in."""

    def work(visit: Visit, form: Form) -> str:
        is_operator = ("operator", "yes") in form
        tenant = _of(form, "tenant")
        if not 1 <= len(tenant) <= LONGEST_NAME:
            raise InvalidInput(f"The tenant must have 1 to {LONGEST_NAME} characters.")
        visit.service.people.add(_of(form, "name"), _of(form, "password"), tenant=tenant, is_operator=is_operator)
        return "people"

    return await _change(request, state, work)


@post(HERE + "/people/password", status_code=200)
async def set_password(request: Connection, state: State) -> Response[str]:
    """Change somebody's password; their visits end."""

    def work(visit: Visit, form: Form) -> str:
        visit.service.people.set_password(_of(form, "name"), _of(form, "password"))
        return "people"

    return await _change(request, state, work)


@post(HERE + "/people/disable", status_code=200)
async def disable_person(request: Connection, state: State) -> Response[str]:
    """Let somebody sign in no longer; their visits end."""

    def work(visit: Visit, form: Form) -> str:
        if _of(form, "name") == visit.visitor.name:
            raise InvalidInput("Nobody locks themselves out; another operator can.")
        visit.service.people.disable(_of(form, "name"))
        return "people"

    return await _change(request, state, work)


@post(HERE + "/callbacks/{job_id:str}/redeliver", status_code=200)
async def redeliver(request: Connection, state: State, job_id: FromPath[str]) -> Response[str]:
    """Post a callback once more."""

    def work(visit: Visit, _: Form) -> str:
        visit.service.callbacks.redeliver(None, job_id)
        return "callbacks"

    return await _change(request, state, work)


@post(HERE + "/secrets", status_code=200)
async def rotate_secret(request: Connection, state: State) -> Response[str]:
    """Make a new secret that signs a tenant's callbacks, and show it, once."""

    def work(visit: Visit, form: Form) -> Shown:
        tenant = _of(form, "tenant")
        if not 1 <= len(tenant) <= LONGEST_NAME:
            raise InvalidInput(f"The tenant must have 1 to {LONGEST_NAME} characters.")
        secret = visit.service.callbacks.rotate_secret(tenant, overlap_s=_seconds(form, "overlap", OVERLAPS))
        until = OVERLAPS[_of(form, "overlap")]
        return Shown(f"The secret of {tenant}", secret, f"Give it to the receivers; the old one ends {until}.")

    return await _change(request, state, work)


@post(HERE + "/jobs/{job_id:str}/{what:str}", status_code=200)
async def change_job(request: Connection, state: State, job_id: FromPath[str], what: FromPath[str]) -> Response[str]:
    """Cancel or resume a job."""

    def work(visit: Visit, _: Form) -> str:
        changes = {"cancel": visit.service.cancel, "resume": visit.service.resume}
        if what not in changes:
            raise NotFound
        changes[what](None, job_id)
        return "jobs"

    return await _change(request, state, work)


ROUTES: list[ControllerRouterHandler] = [
    operator_page,
    make_key,
    rotate_key,
    revoke_key,
    add_person,
    set_password,
    disable_person,
    redeliver,
    rotate_secret,
    change_job,
]
