"""What the README shows works as it stands there."""

import inspect
import re
from pathlib import Path

import pytest

from earnest.client import Client

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_library_snippet_runs_and_finds_the_mash(capsys: pytest.CaptureFixture[str]) -> None:
    [snippet] = [each for each in SNIPPETS if "Evaluator()" in each]
    exec(compile(snippet, "README.md", "exec"), {})
    assert "Nonsensical" in capsys.readouterr().out


def test_the_client_snippet_fits_the_client() -> None:
    [snippet] = [each for each in SNIPPETS if "earnest.client" in each]
    arguments = re.findall(r"api\.quality\.evaluate\(\s*(\w+)=", snippet)
    with Client("http://127.0.0.1:1", key="ek_unused") as api:
        inspect.signature(api.quality.evaluate).bind(**{argument: () for argument in arguments})
