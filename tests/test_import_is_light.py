"""`import earnest` costs next to nothing: no model, no server, no database."""

import subprocess
import sys

import pytest

HEAVY = {"onnxruntime", "tokenizers", "litestar", "polars", "dbos", "sqlalchemy", "numpy", "httpx", "uvicorn"}


@pytest.mark.parametrize("what", ["earnest", "earnest.cli"])
def test_nothing_heavy_is_imported(what: str) -> None:
    asked = f"import {what}, sys; print(*({sorted(HEAVY)!r} & sys.modules.keys()))".replace("[", "{").replace("]", "}")
    seen = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert seen.stdout.split() == []


def test_the_client_needs_no_model_and_no_server() -> None:
    asked = f"import earnest.client, sys; print(*({HEAVY - {'httpx'}!r} & sys.modules.keys()))"
    seen = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert seen.stdout.split() == []
