"""Columns of labels are found by names that people give them, and read in the words that people use."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from earnest.errors import InvalidInput
from earnest.files.columns import Choice
from earnest.files.labelled import WORDS, LabelledTable, read_label
from earnest.findings import CheckName, bare
from earnest.validation import Verdict

OK, BAD = Verdict(is_bad=False), Verdict(is_bad=True)
WHY, WHAT = "Why did you choose us?", "What should we change?"
ANSWERS = [
    ("Because my sister told me about it", "The opening hours are too short"),
    ("asdkj qwoei zxmcn", "Nothing comes to mind at the moment"),
    ("It was the cheapest one nearby", ""),
]


def save(folder: Path, columns: dict[str, Sequence[object]]) -> Path:
    """A table of ANSWERS with further columns."""
    path = folder / "labelled.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", WHY, WHAT, *columns])
        for i, answers in enumerate(ANSWERS):
            writer.writerow([f"R{i}", *answers, *(cells[i] for cells in columns.values())])
    return path


@pytest.mark.parametrize(
    ("cell", "verdict"),
    [
        ("ok", OK),
        (" OK ", OK),
        ("honest", OK),
        ("0", OK),
        ("0.0", OK),
        ("No", OK),
        ("bad", BAD),
        ("Yes", BAD),
        ("1.0", BAD),
        ("", None),
        ("?", None),
        ("Can't tell", None),
        ("low-effort", Verdict(is_bad=True, checks=frozenset({CheckName.LOW_EFFORT}))),
        ("LLM", Verdict(is_bad=True, checks=frozenset({CheckName.LLM_GENERATED}))),
        ("bad; gibberish", Verdict(is_bad=True, checks=frozenset({CheckName.NONSENSICAL}))),
        (
            "Off-topic, duplicate",
            Verdict(is_bad=True, checks=frozenset({CheckName.IRRELEVANT, CheckName.SHARED_DUPLICATE})),
        ),
    ],
)
def test_a_label_is_read_in_any_spelling(cell: str, verdict: Verdict | None) -> None:
    assert read_label(cell) == verdict


@pytest.mark.parametrize("cell", ["ok, low effort", "cannot tell, bad", "brilliant", "ok 2"])
def test_a_label_that_cannot_be_understood_is_refused_and_not_repeated(cell: str) -> None:
    with pytest.raises(ValueError, match="label") as raised:
        read_label(cell)
    assert cell not in str(raised.value)


def test_each_word_means_one_thing() -> None:
    for meaning, others in WORDS.items():
        assert all(read_label(word) == read_label(meaning) for word in others)
    assert all(read_label(check.name) == Verdict(is_bad=True, checks=frozenset({check})) for check in CheckName)


@pytest.mark.parametrize("form", ["{}_label", "{} label", "{}: Code", "{}__labels", "{} (coding)", "{} - verdict"])
def test_labels_stand_beside_their_open_end(tmp_path: Path, form: str) -> None:
    path = save(tmp_path, {form.format(WHY): ["ok", "mash", ""], form.format(WHAT).upper(): ["", "low effort", "ok"]})
    found = LabelledTable.read(path)
    assert [each.label for each in found.table.open_ends] == [WHY, WHAT]
    mash, lazy = (
        Verdict(is_bad=True, checks=frozenset({check})) for check in (CheckName.NONSENSICAL, CheckName.LOW_EFFORT)
    )
    assert [row.answers for row in found.coded()] == [(OK, None), (mash, lazy), (None,)]
    assert [row.respondent for row in found.coded()] == [None] * 3


def test_a_column_about_respondents(tmp_path: Path) -> None:
    found = LabelledTable.read(save(tmp_path, {"Remove?": [0, 1, ""]}))
    assert [row.respondent for row in found.coded()] == [OK, BAD, None]
    assert all(not any(row.answers) for row in found.coded())


def test_a_column_called_label_is_about_the_only_open_end(tmp_path: Path) -> None:
    found = LabelledTable.read(save(tmp_path, {"label": ["ok", "nonsense", "ok"]}), choice=Choice(open_ends=(WHY,)))
    assert [row.respondent for row in found.coded()] == [None] * 3
    assert [row.answers[0] is not None for row in found.coded()] == [True] * 3


def test_columns_of_any_name_can_be_chosen(tmp_path: Path) -> None:
    path = save(tmp_path, {"Anna": ["ok", "bad", "ok"], "Ben": ["no", "yes", "no"], f"{WHY}_code": [17, 3, 4]})
    found = LabelledTable.read(path, labels=[f"{WHY}=Anna", "Ben"])
    assert [row.respondent for row in found.coded()] == [OK, BAD, OK]
    assert [row.answers for row in found.coded()] == [(OK, None), (BAD, None), (OK,)]
    with pytest.raises(InvalidInput, match="'Carl'"):
        LabelledTable.read(path, labels=["Carl"])


def test_an_open_end_of_single_words_is_judged_where_it_has_labels(tmp_path: Path) -> None:
    found = LabelledTable.read(save(tmp_path, {"brand": ["Nike", "Puma", "Nike"], "brand_label": ["ok", "ok", "ok"]}))
    assert "brand" in [each.label for each in found.table.open_ends]


def test_unknown_labels_are_named_by_row_and_column_and_the_allowed_ones_are_listed(tmp_path: Path) -> None:
    found = LabelledTable.read(save(tmp_path, {f"{WHY}_label": ["ok", "purple", "ok, bad"]}))
    with pytest.raises(InvalidInput, match="cannot tell, nonsensical, irrelevant, low effort") as raised:
        found.coded()
    assert set(raised.value.details) == {f"row 3, {WHY}_label", f"row 4, {WHY}_label"}
    assert "purple" not in f"{raised.value.message}{raised.value.details}"


def test_a_table_with_a_row_for_each_answer_is_refused_with_the_mend(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("respondent,Question,Answer,label\nR1,Why?,It is close to my home,ok\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="a row for each respondent"):
        LabelledTable.read(path)


def test_a_table_without_labels_is_refused_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no column of labels.*_label") as raised:
        LabelledTable.read(save(tmp_path, {"age": [1, 2, 3]}))
    assert "--label" in raised.value.message
    with pytest.raises(InvalidInput, match=r"nothing is coded in .*_label"):
        LabelledTable.read(save(tmp_path, {f"{WHY}_label": ["", "?", ""]})).coded()
    with pytest.raises(InvalidInput, match="'label' and 'remove' could all"):
        LabelledTable.read(save(tmp_path, {"label": ["ok"] * 3, "remove": [0] * 3}))
    with pytest.raises(InvalidInput, match=f"_label' and .*_code' could both hold labels of '{re.escape(WHY)}'"):
        LabelledTable.read(save(tmp_path, {f"{WHY}_label": ["ok"] * 3, f"{WHY}_code": [0] * 3}))


def test_the_how_to_page_lists_every_word() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "validate.md").read_text(encoding="utf-8")
    rows = {row.split("|")[1].strip(" `"): row for row in page.splitlines() if row.startswith("| `")}
    for meaning, others in WORDS.items():
        listed = {each.strip() for each in rows[meaning.lower()].split("|")[3].split(",")}
        assert listed <= set(others)
        assert {bare(each) for each in others} - {bare(each) for each in listed} <= {
            "false",
            "true",
            "earnest",
            "n",
            "y",
        }
