"""The log of Earnest's script in the survey page, kept in a column beside the answer."""

import json
from pathlib import Path

import pytest
from msgspec import UNSET

from earnest.errors import InvalidInput
from earnest.files.tables import SurveyTable
from earnest.survey import Capture, Entry, Input, KeyStroke, Paste

LOG = {
    "keyEvents": [{"k": "o", "c": "KeyO", "t": 0, "ht": 90}],
    "pasteEvents": [],
    "honeypotPhrase": "velvet heron",
    "capture": {"inputs": [{"t": 3, "i": "insertText", "n": 20}], "dropped": 0, "away": []},
}


def entry_of(tmp_path: Path, label: str, column: str, cell: str) -> Entry:
    quoted = cell.replace('"', '""')
    path = tmp_path / "survey.csv"
    path.write_text(f'id,{label},{column}\n1,it broke at once,"{quoted}"\n', encoding="utf-8")
    [respondent] = SurveyTable.read(path).respondents()
    [entry] = respondent.entries
    return entry


@pytest.mark.parametrize(
    ("label", "column"), [("Q1", "Q1__log"), ("Q1", "__js_Q1__log"), ("player.why", "player.why_log"), ("Q1", "Q1log")]
)
def test_a_log_is_found_under_the_names_that_survey_tools_allow(tmp_path: Path, label: str, column: str) -> None:
    entry = entry_of(tmp_path, label, column, json.dumps(LOG))
    assert entry.key_events == (KeyStroke("o", 0, 90, "KeyO"),)
    assert entry.paste_events == ()
    assert entry.honeypot_phrase == "velvet heron"
    assert entry.capture == Capture(inputs=(Input(3, "insertText", 20),))


def test_a_log_that_the_survey_tool_has_cut_off_is_none(tmp_path: Path) -> None:
    entry = entry_of(tmp_path, "Q1", "Q1__log", json.dumps(LOG)[:90])
    assert entry.key_events is entry.capture is UNSET


def test_a_log_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as raised:
        entry_of(tmp_path, "Q1", "Q1__log", '{"keyEvents": 5}')
    assert "row 2, Q1__log" in (raised.value.details or {})


def test_pastes_beside_a_log_are_found_too(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text('id,Q1,Q1__pastes\n1,it broke at once,"[{""t"":1,""c"":""x""}]"\n', encoding="utf-8")
    [respondent] = SurveyTable.read(path).respondents()
    assert respondent.entries[0].paste_events == (Paste(1, "x"),)
