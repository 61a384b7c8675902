"""Files on disk, the list of checks, their names and their tables of cases are one and the same set."""

import inspect
import re
from pathlib import Path

import pytest

import earnest.checks
from earnest.checks import CHECKS
from earnest.checks.base import Check, Needs
from earnest.findings import CheckName
from earnest.scoring import WEIGHTS

SECTIONS = ["What it finds", "Why it matters", "How it decides", "What it gets wrong", "Reasons", "Example"]
SHARED = {"__init__", "base", "logistic", "relevance", "signs"}  # what checks are made of
FOLDER = Path(inspect.getfile(earnest.checks)).parent

each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name.value)


def file_of(check: Check) -> str:
    return type(check).__module__.rpartition(".")[2]


def test_every_file_is_a_check_in_the_list() -> None:
    assert {file.stem for file in FOLDER.glob("*.py")} - SHARED == {file_of(check) for check in CHECKS}


def test_every_name_has_its_check_and_its_weight() -> None:
    assert [check.name for check in CHECKS] == list(CheckName)
    assert set(WEIGHTS) == set(CheckName)


def test_a_file_is_named_as_its_member() -> None:
    assert [file_of(check) for check in CHECKS] == [check.name.name.lower() for check in CHECKS]


def test_every_check_has_a_table_of_cases() -> None:
    tables = {file.stem for file in (Path(__file__).parent / "cases").glob("*.toml")}
    assert tables == {file_of(check) for check in CHECKS}


@each_check
def test_a_docstring_has_the_six_sections_in_order(check: Check) -> None:
    text = inspect.getdoc(type(check)) or ""
    assert re.findall(r"^([A-Z][a-z ]+):$", text, re.MULTILINE) == SECTIONS


@each_check
def test_every_reason_is_in_the_docstring_and_in_the_code(check: Check) -> None:
    section = (inspect.getdoc(type(check)) or "").partition("Reasons:")[2].partition("Example:")[0]
    named = set(re.findall(r"\b[a-z]+(?:_[a-z]+)*\b", section.partition(";")[0].replace("see `reasons`", "")))
    assert named == set(check.reasons)
    assert all(sentence.endswith(".") for sentence in check.reasons.values())


@each_check
def test_needs_are_needs(check: Check) -> None:
    assert all(isinstance(need, Needs) for need in check.needs)
