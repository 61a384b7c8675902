"""`earnest doctor`: what this installation depends on, whether it is there, and the mend where it is not."""

import os
import platform
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
from rich import box
from rich.table import Table
from rich.text import Text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from earnest import __version__, models
from earnest.api.condition import Symptom, disk, shown
from earnest.cli import checkup
from earnest.cli.serve import require_free_port
from earnest.cli.terminal import output, printable
from earnest.errors import EarnestError, InvalidSettings, StoreUnavailable
from earnest.service import Service
from earnest.settings import KNOBS, Settings, variable_of


def examine() -> bool:
    """Look at everything and show it; return whether all is well."""
    symptoms = list(_symptoms())
    rows = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for each in symptoms:
        mark = Text("ok", "green") if each.fine else Text("WRONG", "bold red")
        rows.add_row(mark, Text(each.part, "bold"), Text(printable(each.said), "" if each.fine else "red"))
    output.print()
    output.print(rows)
    wrong = sum(not each.fine for each in symptoms)
    output.print(f"\n{wrong} to mend." if wrong else "\nAll is well.")
    return not wrong


def _symptoms() -> Iterator[Symptom]:
    yield Symptom("earnest", __version__)
    yield Symptom("python", f"{platform.python_version()} ({sys.executable})")
    try:
        settings = Settings.load()
    except InvalidSettings as fault:
        faults = fault.details or {"settings": fault.message}  # without details, it is the file that cannot be read
        yield from (Symptom(name, sentence, fine=False) for name, sentence in faults.items())
        return
    yield from _settings(settings)
    for name, shipped in models.SHIPPED.items():
        yield _tried(f"model {name}", partial(models.read, name), f"{shipped.file}, {shipped.revision}")
    yield from _database(settings)
    yield _port(settings)


def _settings(settings: Settings) -> Iterator[Symptom]:
    """Those that were set; the defaults are in the documentation."""
    given = [name for name in ("settings", *KNOBS) if os.environ.get(variable_of(name), "").strip()]
    for name in given:
        value = "set, see below" if name == "database_url" else shown(settings, name)
        yield Symptom(variable_of(name), value)
    if not given:
        yield Symptom("settings", "all defaults; no EARNEST_ variable is set")
    yield from checkup.thresholds(settings)


def _database(settings: Settings) -> Iterator[Symptom]:
    try:
        url = make_url(settings.database_url)
    except ArgumentError:
        yield Symptom("database", "EARNEST_DATABASE_URL must be like sqlite:///earnest.db", fine=False)
        return
    if url.get_backend_name() == "sqlite" and url.database:
        path = Path(url.database).absolute()
        if not path.parent.is_dir():
            yield Symptom("database", f"{path.parent} is not there; make it or set EARNEST_DATABASE_URL", fine=False)
            return
        yield disk(path.parent)
        if not path.exists():
            yield Symptom("database", f"{path} will be made when it is first needed")
            return
    try:
        service = Service.open(settings)
    except StoreUnavailable as fault:
        yield Symptom("database", fault.message, fine=False)
        return
    yield Symptom("database", url.render_as_string(hide_password=True))
    try:
        for part, said in service.health().items():
            if said != "ok" or part != "database":
                yield Symptom(part, said, fine=said == "ok")
        yield from checkup.symptoms_of(service)
    except StoreUnavailable as fault:
        yield Symptom("database", fault.message, fine=False)
    finally:
        service.close()


def _port(settings: Settings) -> Symptom:
    place = f"{settings.host}:{settings.port}"
    symptom = _tried("port", partial(require_free_port, settings), f"{place} is free")
    if not symptom.fine and _earnest_answers(place):
        return Symptom("port", f"Earnest is already serving on {place}")
    return symptom


def _earnest_answers(place: str) -> bool:
    try:
        return bool(httpx.get(f"http://{place}/healthz", timeout=2, trust_env=False).json() == {"status": "ok"})
    except (httpx.HTTPError, ValueError):
        return False


def _tried(part: str, attempt: Callable[[], object], said: str) -> Symptom:
    try:
        attempt()
    except EarnestError as fault:
        return Symptom(part, fault.message, fine=False)
    return Symptom(part, said)
