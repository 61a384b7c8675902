"""The container files name what is there: settings, commands, files. (No container is started.)"""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from earnest.cli import app
from earnest.settings import KNOBS, variable_of

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
HOW_TO = (ROOT / "docs/how-to/scale-out.md").read_text(encoding="utf-8")


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", DOCKERFILE.replace("\\\n", ""), re.MULTILINE)


@pytest.mark.parametrize("service", ["api", "worker"])
def test_a_service_is_started_as_the_command_line_understands_it(service: str) -> None:
    command, *options = SERVICES[service]["command"]
    said = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})
    assert said.exit_code == 0
    assert all(option in said.output for option in options if option.startswith("--"))


@pytest.mark.parametrize("service", ["api", "worker"])
def test_a_service_sets_what_is_a_setting(service: str) -> None:
    assert set(SERVICES[service]["environment"]) <= {variable_of(knob) for knob in KNOBS}
    assert (SERVICES[service]["read_only"], SERVICES[service]["cap_drop"]) == (True, ["ALL"])


def test_only_the_api_is_reached_and_only_from_this_machine() -> None:
    ports = {name: each["ports"] for name, each in SERVICES.items() if "ports" in each}
    assert ports == {"api": ["127.0.0.1:8000:8000"]}


def test_a_variable_without_default_is_explained() -> None:
    assert set(re.findall(r"\$\{(\w+):\?", COMPOSE)) == {"EARNEST_DATABASE_PASSWORD"}
    assert "EARNEST_DATABASE_PASSWORD" in HOW_TO


def test_the_image_is_built_from_what_is_there_and_pinned() -> None:
    copied = [source for each in instructions("COPY") for source in each.split()[:-1]]
    assert all((ROOT / source).exists() for source in copied)
    assert all(f"!{source}" in IGNORED for source in copied)
    assert "--require-hashes --requirement requirements/run.txt" in DOCKERFILE


def test_the_image_runs_as_nobody_special() -> None:
    [user] = instructions("USER")
    assert user not in {"root", "0"}
    assert DOCKERFILE.index("USER ") < DOCKERFILE.index("ENTRYPOINT ")
    assert instructions("HEALTHCHECK")


def test_units_of_the_how_to_start_what_there_is() -> None:
    started = [shlex.split(each)[1:] for each in re.findall(r"^ExecStart=(.+)$", HOW_TO, re.MULTILINE)]
    assert {command for command, *_ in started} == {"serve", "work"}
    for command, *options in started:
        said = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output
        assert all(option in said for option in options if option.startswith("--"))


def test_the_how_to_names_what_is_a_setting() -> None:
    named = set(re.findall(r"EARNEST_[A-Z_]+", HOW_TO)) - {"EARNEST_DATABASE_PASSWORD"}
    assert named <= {variable_of(knob) for knob in (*KNOBS, "settings")}
