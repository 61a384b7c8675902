"""Every knob once: its name, its environment variable, its default and a sentence about it.

The reference page and `earnest doctor` are made from this file.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path

from earnest.errors import InvalidSettings
from earnest.findings import CheckName

PREFIX = "EARNEST_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this installation runs.

    Each field is read from the environment variable EARNEST_<FIELD>, or else from the key of its name in the settings
    file; `thresholds` and `evaluator` only from the file.
    """

    settings: str = field(
        default="",
        metadata={"sentence": "A settings file (TOML), such as `earnest validate` writes. Variables win over it."},
    )
    thresholds: Mapping[CheckName, float] = field(
        default_factory=dict,
        metadata={
            "sentence": "By check, the score (0–100) from which an answer is flagged; the others keep their own. "
            "What a check has no reason code for is never flagged."
        },
    )
    evaluator: str = field(
        default="",
        metadata={
            "sentence": "The evaluator's version with which the thresholds were chosen; under another, a note says so."
        },
    )
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
        default=250,
        metadata={
            "sentence": "Larger batches are refused with 413; of a compressed one, what it inflates to counts. 200 MB "
            "are 25,000 to 50,000 respondents with key events.",
            "least": 1,
        },
    )
    slowest_body_kb_s: int = field(
        default=10,
        metadata={
            "sentence": "A body that arrives more slowly (kB a second) is refused with 408 after 20 seconds.",
            "least": 1,
        },
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
        default=0,
        metadata={
            "sentence": "Threads that encode answers; 0 means one for each core. With 1, a worker keeps to one core.",
            "least": 0,
        },
    )
    webhook_secret: str = field(
        default="",
        metadata={
            "sentence": "Signs the callbacks of tenants whose secret was never rotated (`whsec_…`); when empty, each "
            "has one of its own: `earnest callbacks secret show`."
        },
    )
    callback_allow: str = field(
        default="",
        metadata={
            "sentence": "Receivers in your own network that callbacks may reach, separated by commas: host:port, or a "
            "network such as 10.2.0.0/16."
        },
    )
    requests_per_minute: int = field(
        default=0,
        metadata={
            "sentence": "Requests of one tenant that are answered in a minute; beyond that 429. 0 means any number.",
            "least": 0,
        },
    )
    respondents_per_day: int = field(
        default=0,
        metadata={
            "sentence": "Respondents of one tenant that are accepted in a day (UTC); further ones get 429. "
            "0 means any number.",
            "least": 0,
        },
    )
    most_requests: int = field(
        default=100,
        metadata={"sentence": "Requests that a server has in hand at once; further ones get 503.", "least": 1},
    )
    proxies: str = field(
        default="",
        metadata={
            "sentence": "Addresses of reverse proxies, separated by commas. What comes from one is not taken for this "
            "machine's own, even where the proxy runs on it: behind one on this machine, set 127.0.0.1."
        },
    )
    sign_in: str = field(
        default="remote",
        metadata={
            "sentence": "Who must sign in to the pages: `remote`, all but whoever sits at this machine, or `always`."
        },
    )
    metrics_token: str = field(
        default="",
        metadata={
            "sentence": "Opens `/metrics` to other machines, as `Authorization: Bearer …`, at least 20 characters; "
            "when empty, only this machine reads it."
        },
    )
    keep_days: int = field(
        default=0,
        metadata={
            "sentence": "Days after which workers delete answers, what was found about them and their batches; 0 means "
            "never. See `earnest purge`.",
            "least": 0,
        },
    )
    keep_key_events_days: int = field(
        default=0,
        metadata={"sentence": "The same for how answers were typed (key and paste events) alone.", "least": 0},
    )
    log_format: str = field(
        default="text", metadata={"sentence": "`text`, or `json` for one JSON object on each line."}
    )
    log_level: str = field(default="INFO", metadata={"sentence": "DEBUG, INFO, WARNING or ERROR."})

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, *, path: Path | None = None) -> "Settings":
        """Read the settings file and the environment.

        Args:
            environment: Variables; None for those of this process.
            path: The settings file; None for the one that EARNEST_SETTINGS names, if any.

        Raises:
            InvalidSettings: naming every variable or key that has a value it cannot have.
        """
        given = os.environ if environment is None else environment
        file = str(path or given.get(variable_of("settings"), "").strip())
        faults: dict[str, str] = {}
        kept = _read(Path(file)) if file else {}
        thresholds = _thresholds(kept.pop("thresholds", {}), faults)
        evaluator = kept.pop("evaluator", "")
        if not isinstance(evaluator, str):
            faults["evaluator"] = "must stand in quotes"
        faults |= {key: f"is not a setting; these are: {', '.join(KNOBS)}" for key in kept if key not in KNOBS}
        values: dict[str, str | int] = {}
        for knob in fields(cls):
            if knob.name in KNOBS:
                variable = given.get(variable_of(knob.name), "").strip()
                value = variable or kept.get(knob.name)
                try:
                    values |= {} if value is None else {knob.name: _checked(knob, value)}
                except ValueError as fault:
                    faults[variable_of(knob.name) if variable else knob.name] = str(fault)
        if faults:
            where = f"{file}: " if any(not name.startswith(PREFIX) for name in faults) else ""
            raise InvalidSettings(
                where + "; ".join(f"{name} {fault}" for name, fault in faults.items()), details=faults
            )
        return cls(**values, settings=file, thresholds=thresholds, evaluator=evaluator)  # type: ignore[arg-type]


KNOBS = tuple(knob.name for knob in fields(Settings) if knob.name not in {"settings", "thresholds", "evaluator"})
"""Fields that the environment and the file can set alike."""

SHORTEST_KEY = 20


def variable_of(name: str) -> str:
    """The environment variable that sets a field."""
    return PREFIX + name.upper()


def _read(path: Path) -> dict[str, object]:
    """What the settings file holds."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as fault:
        raise InvalidSettings(f"Cannot read the settings file {path}: {fault.strerror or fault}.") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise InvalidSettings(f"{path} is not a settings file in TOML: {fault}.") from fault


def _thresholds(given: object, faults: dict[str, str]) -> dict[CheckName, float]:
    """Thresholds by check; what is wrong with them is added to the faults."""
    if not isinstance(given, dict):
        faults["thresholds"] = "must be a table: write [thresholds] on a line of its own"
        return {}
    thresholds: dict[CheckName, float] = {}
    for name, score in given.items():
        check = CheckName.called(name)
        if check is None:
            faults[f"thresholds.{name}"] = f"is not a check; these are: {', '.join(CheckName)}"
        elif check in thresholds:
            faults[f"thresholds.{name}"] = f"sets {check.value} a second time; keep one of them"
        elif isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 100:
            faults[f"thresholds.{name}"] = "must be a score from 0 to 100"
        else:
            thresholds[check] = float(score)
    return thresholds


def _checked(knob: Field[object], value: object) -> str | int:
    """The value of a knob.

    Raises:
        ValueError: it cannot have this one; says which it can have.
    """
    if knob.type is int:
        return _whole("" if isinstance(value, bool) else str(value), knob.metadata)
    if not isinstance(value, str):
        raise ValueError("must stand in quotes")
    if knob.name == "sign_in" and value not in {"remote", "always"}:
        raise ValueError("must be remote or always")
    if knob.name == "log_format" and value not in {"text", "json"}:
        raise ValueError("must be text or json")
    if knob.name == "log_level" and value not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
    if knob.name in {"api_key", "metrics_token"} and 0 < len(value) < SHORTEST_KEY:
        raise ValueError(f"must have at least {SHORTEST_KEY} characters")
    return value


def _whole(text: str, bounds: Mapping[str, int]) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < bounds["least"]:
        raise ValueError(f"must be a whole number, at least {bounds['least']}")
    if int(text) > bounds.get("most", int(text)):
        raise ValueError(f"must be a whole number, at most {bounds['most']}")
    return int(text)
