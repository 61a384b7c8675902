"""What `from earnest import …` promises."""

import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import earnest

ROOT = Path(__file__).resolve().parent.parent


def test_everything_promised_is_there() -> None:
    assert sorted(earnest.__all__) == sorted(set(earnest.__all__))
    assert {name for name in earnest.__all__ if not hasattr(earnest, name)} == set()


def test_what_is_not_promised_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Evaluators"):
        _ = earnest.Evaluators


def test_the_version_is_the_package_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert earnest.__version__ == project["version"]


def test_the_reading_order_leaves_out_no_part_of_the_package() -> None:
    shown = re.findall(r"^ {4}([a-z, ]+?) {2,}", inspect.getdoc(earnest) or "", re.MULTILINE)
    parts = [path.stem for path in (ROOT / "src" / "earnest").iterdir() if not path.name.startswith("__")]
    not_code = {"console", "data"}
    assert sorted(name for line in shown for name in line.split(", ")) == sorted(set(parts) - not_code)


def test_the_example_in_the_docstring_runs() -> None:
    example = (inspect.getdoc(earnest) or "").split("\n\n")[1:3]
    code = inspect.cleandoc("\n".join(example)).replace("\n    ", "\n") + "\nprint(found.num_issues)"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(seen.stdout) >= 1
