"""Exports of survey tools are read as they are: no row has to be deleted, no header mended."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.files import exports
from tests.files.exports import ANSWERS, CHANGE, WHY, judged, save_csv

from earnest.errors import InvalidInput
from earnest.files.columns import Choice, Role
from earnest.files.headings import Tool
from earnest.files.tables import SurveyTable


def rows(path: Path, delimiter: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream, delimiter=delimiter))


def given(table: SurveyTable) -> list[tuple[str, ...]]:
    """The answers of every respondent."""
    return [tuple(entry.answer for entry in each.entries) for each in table.respondents()]


EXPECTED = [tuple(filter(None, each)) for each in ANSWERS]


@pytest.mark.parametrize(
    ("make", "tool", "questions"),
    [
        (exports.qualtrics, Tool.QUALTRICS, [WHY, f"{CHANGE} - Other: - Text"]),
        (lambda: exports.qualtrics(coded=True), Tool.QUALTRICS, [WHY, f"{CHANGE} - Other: - Text"]),
        (exports.survey_monkey, Tool.SURVEY_MONKEY, [WHY, CHANGE]),
        (exports.lime_survey, Tool.LIME_SURVEY, [WHY, CHANGE]),
        (lambda: exports.lime_survey(codes=True), Tool.LIME_SURVEY, ["", ""]),
        (exports.google_forms, Tool.GOOGLE_FORMS, [WHY, CHANGE]),
    ],
)
def test_an_export_needs_no_preparation_and_comes_out_whole(
    tmp_path: Path, make: Callable[[], list[list[str]]], tool: Tool, questions: list[str]
) -> None:
    path = save_csv(tmp_path / "export.csv", make())
    table = SurveyTable.read(path)
    assert table.heading.tool is tool
    assert [each.question for each in table.open_ends] == questions
    assert given(table) == EXPECTED
    table.write(tmp_path / "out.csv", judged(table))
    width = len(make()[0])
    assert [row[:width] for row in rows(tmp_path / "out.csv")] == make()
    again = SurveyTable.read(tmp_path / "out.csv")
    assert again.open_ends == table.open_ends
    again.write(tmp_path / "again.csv", judged(again))
    assert rows(tmp_path / "again.csv") == rows(tmp_path / "out.csv")


def test_qualtrics_previews_and_spam_stay_in_the_table_and_are_not_judged(tmp_path: Path) -> None:
    table = SurveyTable.read(save_csv(tmp_path / "export.csv", exports.qualtrics()))
    assert [each.identifier for each in table.respondents()] == ["R_1", "R_2", "R_3", "R_4"]
    assert "1 of 'Survey Preview', 1 of 'Spam'" in table.notes[0]
    table.write(tmp_path / "out.csv", judged(table))
    out = rows(tmp_path / "out.csv")
    added = out[0].index("Q1_demerit")
    assert len(out) == len(exports.qualtrics())
    assert all(cell.startswith("Earnest: ") for cell in out[1][added:])
    assert not any(out[3][added:])
    assert not any(out[-1][added:])
    assert out[4][added] == "90"


def test_qualtrics_of_which_only_previews_are_left_is_refused(tmp_path: Path) -> None:
    path = save_csv(tmp_path / "export.csv", exports.qualtrics()[:4])
    with pytest.raises(InvalidInput, match="previews and tests of the survey only"):
        SurveyTable.taken_from(path)


def test_qualtrics_with_two_header_rows_as_in_its_workbooks(tmp_path: Path) -> None:
    names, texts, _, *people = exports.qualtrics()
    table = SurveyTable.read(save_csv(tmp_path / "export.csv", [names, texts, *people]))
    assert table.open_ends[0].question == WHY
    assert given(table) == EXPECTED


def test_a_column_of_survey_monkey_that_goes_on_is_called_by_both_rows(tmp_path: Path) -> None:
    table = SurveyTable.read(save_csv(tmp_path / "export.csv", exports.survey_monkey()))
    assert table.header[3:6] == (
        "Which brands do you know? - Nike",
        "Which brands do you know? - Puma",
        "Which brands do you know? - Other (please specify)",
    )
    assert table.column(Role.SUPPLIER) == 1


def test_forsta_is_tab_delimited_and_cut_answers_are_said(tmp_path: Path) -> None:
    table = SurveyTable.read(save_csv(tmp_path / "export.csv", exports.forsta(), delimiter="\t"))
    assert table.heading.tool is Tool.FORSTA
    assert any("'Q1' (at 200 characters)" in note and "Forsta" in note for note in table.notes)
    assert table.header[table.identifier or 0] == "uuid" or table.header[table.identifier or 0] == "record"


def test_what_stands_beside_the_answers_is_recognised_and_can_be_corrected(tmp_path: Path) -> None:
    path = save_csv(tmp_path / "export.csv", exports.qualtrics())
    roles = {each.name: each.role for each in SurveyTable.read(path).taken}
    assert roles == {
        "StartDate": Role.STARTED,
        "EndDate": Role.ENDED,
        "Status": Role.STATUS,
        "Progress": Role.OTHER,
        "Duration (in seconds)": Role.DURATION,
        "Finished": Role.OTHER,
        "RecordedDate": Role.OTHER,
        "ResponseId": Role.IDENTIFIER,
        "DistributionChannel": Role.OTHER,
        "UserLanguage": Role.LANGUAGE,
        "Q1": Role.OPEN_END,
        "Q2_4_TEXT": Role.OPEN_END,
        "rid": Role.PANEL_ID,
    }
    choice = Choice(roles={"Q1": Role.OTHER, "DistributionChannel": Role.SUPPLIER, "rid": Role.IDENTIFIER})
    table = SurveyTable.read(path, choice)
    assert [each.label for each in table.open_ends] == ["Q2_4_TEXT"]
    assert [each.identifier for each in table.respondents()] == ["rid-1", "rid-2", "rid-3", "rid-4"]
    assert set(table.details(Role.SUPPLIER).values()) == {"anonymous"}
