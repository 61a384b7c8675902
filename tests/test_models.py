"""The shipped files: there, whole, and credited."""

from dataclasses import replace
from pathlib import Path

import pytest

from earnest import models
from earnest.errors import ModelUnusable

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "src/earnest/data"


@pytest.mark.parametrize("name", models.SHIPPED)
def test_each_shipped_file_is_the_one_that_was_made(name: str) -> None:
    assert models.read(name)


def test_every_file_in_the_folder_is_in_the_table() -> None:
    assert {path.name for path in DATA.iterdir()} == {"NOTICE", *(each.file for each in models.SHIPPED.values())}


@pytest.mark.parametrize("name", models.SHIPPED)
def test_each_file_is_credited_and_its_making_recorded(name: str) -> None:
    shipped = models.SHIPPED[name]
    assert shipped.file in (DATA / "NOTICE").read_text()
    record = (ROOT / "training/DATA.md").read_text()
    assert shipped.file in record
    assert shipped.sha256 in record
    assert shipped.licence in record
    assert shipped.file in (ROOT / "docs/explanation/model-card.md").read_text()


@pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"file": "gone.onnx"}])
def test_a_damaged_or_missing_file_is_named_with_the_mend(
    change: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = replace(models.SHIPPED["words"], **change)
    monkeypatch.setitem(models.SHIPPED, "words", changed)
    with pytest.raises(ModelUnusable, match=f"{changed.file}.*reinstall Earnest"):
        models.read("words")
