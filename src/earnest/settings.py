"""Every knob once: its name, its environment variable, its default and a sentence about it.

The reference page and `earnest doctor` are made from this file.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from earnest.errors import InvalidSettings

PREFIX = "EARNEST_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this installation runs. Each field is read from the environment variable EARNEST_<FIELD>."""

    database_url: str = field(
        default="sqlite:///earnest.db",
        metadata={"sentence": "The database that keeps everything, as an SQLAlchemy URL."},
    )
    api_key: str = field(
        default="",
        metadata={
            "sentence": "A first API key to accept, at least 20 characters; further ones: `earnest keys create`."
        },
    )
    host: str = field(default="127.0.0.1", metadata={"sentence": "The address that `earnest serve` listens on."})
    port: int = field(default=8000, metadata={"sentence": "The port that `earnest serve` listens on.", "least": 1})
    max_body_mb: int = field(
        default=100,
        metadata={"sentence": "Larger request bodies are refused with 413 before they are read.", "least": 1},
    )
    chunk_size: int = field(
        default=200, metadata={"sentence": "Respondents of a batch that are evaluated and saved together.", "least": 1}
    )
    page_size: int = field(
        default=200,
        metadata={
            "sentence": "Respondents on a page of batch results when the request names no limit; at most 1000.",
            "least": 1,
            "most": 1000,
        },
    )
    threads: int = field(
        default=0, metadata={"sentence": "Threads that encode answers; 0 means one for each core.", "least": 0}
    )
    webhook_secret: str = field(
        default="",
        metadata={"sentence": "Signs callbacks (`whsec_…`); when empty, one is made and kept in the database."},
    )
    callback_allow: str = field(
        default="",
        metadata={"sentence": "Private receivers that callbacks may reach, as host:port, separated by commas."},
    )
    log_level: str = field(default="INFO", metadata={"sentence": "DEBUG, INFO, WARNING or ERROR."})

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment.

        Raises:
            InvalidSettings: naming every variable that has a value it cannot have.
        """
        given = os.environ if environment is None else environment
        values: dict[str, str | int] = {}
        faults: dict[str, str] = {}
        for knob in fields(cls):
            variable = variable_of(knob.name)
            text = given.get(variable, "").strip()
            if not text:
                continue
            try:
                values[knob.name] = _whole(text, knob.metadata) if knob.type is int else text
            except ValueError as fault:
                faults[variable] = str(fault)
        if values.get("log_level", "INFO") not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            faults[variable_of("log_level")] = "must be DEBUG, INFO, WARNING or ERROR"
        if 0 < len(str(values.get("api_key", ""))) < SHORTEST_KEY:
            faults[variable_of("api_key")] = f"must have at least {SHORTEST_KEY} characters"
        if faults:
            raise InvalidSettings(
                "; ".join(f"{variable} {fault}" for variable, fault in faults.items()), details=faults
            )
        return cls(**values)  # type: ignore[arg-type]


SHORTEST_KEY = 20


def variable_of(name: str) -> str:
    """The environment variable that sets a field."""
    return PREFIX + name.upper()


def _whole(text: str, bounds: Mapping[str, int]) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < bounds["least"]:
        raise ValueError(f"must be a whole number, at least {bounds['least']}")
    if int(text) > bounds.get("most", int(text)):
        raise ValueError(f"must be a whole number, at most {bounds['most']}")
    return int(text)
