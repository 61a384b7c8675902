"""What an installation runs with and what it needs: for `earnest doctor` and for the operator's page."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from earnest.settings import KNOBS, Settings, variable_of

LEAST_FREE_MB = 500
"""Room for some 100,000 answers: about 1 kB each for answer and evaluation, as much for key events, and logs."""
SECRET = tuple(name for name in KNOBS if name.endswith(("_key", "_secret", "_token")))
"""Settings that nobody is shown."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing that was looked at.

    Attributes:
        part: What it is.
        said: What was found, or what is wrong and the mend.
        fine: Whether nothing has to be done.
    """

    part: str
    said: str
    fine: bool = True


@dataclass(frozen=True, slots=True)
class InEffect:
    """A setting as it is.

    Attributes:
        variable: What sets it.
        value: What it is; of a secret, only whether it is set.
        sentence: What it is for.
        is_default: Whether it is what it would be anyway.
    """

    variable: str
    value: str
    sentence: str
    is_default: bool


def settings_in_effect(settings: Settings) -> Iterator[InEffect]:
    """Every setting that a variable can set, without secrets."""
    for knob in fields(settings):
        if knob.name in ("settings", *KNOBS):
            value = getattr(settings, knob.name)
            yield InEffect(
                variable_of(knob.name),
                shown(settings, knob.name),
                str(knob.metadata["sentence"]),
                is_default=value == knob.default,
            )


def shown(settings: Settings, name: str) -> str:
    """The value of a setting, as far as anybody may see it."""
    value = str(getattr(settings, name))
    if name in SECRET:
        return "set, not shown" if value else ""
    return location(value) if name == "database_url" else value


def location(url: str) -> str:
    """Where a database is, without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "not a database URL"


def disk(folder: Path) -> Symptom:
    """Whether there is room."""
    free = shutil.disk_usage(folder).free // 1_000_000
    said = f"{free:,} MB free in {folder}"
    fine = free >= LEAST_FREE_MB
    return Symptom("disk", said if fine else f"{said}; free at least {LEAST_FREE_MB} MB", fine=fine)
