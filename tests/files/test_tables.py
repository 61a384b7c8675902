"""A survey table goes in and comes out: every row, every column, and what was found beside them."""

import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from earnest.errors import InvalidInput
from earnest.files.columns import Choice, Role
from earnest.files.delimited import Delimited
from earnest.files.evaluated import Added, as_table
from earnest.files.formats import write_table
from earnest.files.tables import SurveyTable
from earnest.findings import CheckName, Finding, RespondentEvaluation
from earnest.scoring import evaluate_entry, evaluate_respondent
from earnest.survey import Entry, KeyStroke, Paste, Respondent

TABLE = """respondent_id,age,What do you like about it?,Q2,Q2__keys,Q2__pastes,Q2__honeypot
A,31,The taste and the price,My friend told me,"[{""k"":""M"",""t"":1,""ht"":8.5,""c"":""KeyM""}]",PASTES,blue owl
B,45,=SUM(A1:A9) is what I do with it,,,,
C,28,,It was easy to order,[],,
""".replace("PASTES", '"[{""t"":5,""c"":""x""}]"')


def survey(tmp_path: Path, text: str = TABLE, *, name: str = "survey.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def judged(respondents: list[Respondent], *, evidence: str = "Nothing in it says why.") -> list[RespondentEvaluation]:
    finding = Finding(CheckName.LOW_EFFORT, 90.0, True, evidence, ("VAGUE",))
    return [
        evaluate_respondent(each, [evaluate_entry(entry, [finding]) for entry in each.entries]) for each in respondents
    ]


def rows(path: Path, delimiter: str | None = None) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream, delimiter=delimiter or ("\t" if path.suffix == ".tsv" else ",")))


def test_open_ends_respondents_and_events_are_found(tmp_path: Path) -> None:
    first, second, third = SurveyTable.read(survey(tmp_path)).respondents()
    assert [each.identifier for each in (first, second, third)] == ["A", "B", "C"]
    taste, friend = first.entries
    assert taste.question == taste.question_identifier == "What do you like about it?"
    assert taste.key_events is UNSET
    assert (friend.question, friend.question_identifier, friend.honeypot_phrase) == ("", "Q2", "blue owl")
    assert friend.key_events == (KeyStroke("M", 1.0, 8.5, "KeyM"),)
    assert friend.paste_events == (Paste(5.0, "x"),)
    assert [entry.answer for entry in second.entries] == ["=SUM(A1:A9) is what I do with it"]
    assert third.entries[0].key_events == ()
    assert third.entries[0].paste_events is UNSET


def test_columns_can_be_named_instead(tmp_path: Path) -> None:
    table = SurveyTable.read(
        survey(tmp_path), Choice(open_ends=("Q2",), identifier="age", questions={"Q2": "How did you hear of it?"})
    )
    assert [each.label for each in table.open_ends] == ["Q2"]
    assert [each.identifier for each in table.respondents()] == ["31", "45", "28"]
    assert table.open_ends[0].question == "How did you hear of it?"


@pytest.mark.parametrize(
    "choice",
    [
        Choice(open_ends=("Q9",)),
        Choice(identifier="Q9"),
        Choice(questions={"Q9": "Why?"}),
        Choice(roles={"Q9": Role.OTHER}),
    ],
)
def test_a_column_that_is_not_there_is_said_with_those_that_are(tmp_path: Path, choice: Choice) -> None:
    with pytest.raises(InvalidInput, match=r"no column 'Q9'.*respondent_id"):
        SurveyTable.read(survey(tmp_path), choice)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("id,Why did you?\n1,too cheap, really\n2,it was nice\n", "row 2"),
        ("id,Why did you?,x\n1,it broke\nafter a day,5\n", "row 2"),
        ('id,Why did you?,Why did you?__keys\n1,it broke at once,"[{""k"":"\n', "row 2, Why did you?__keys"),
        ("id,Why did you?,Why did you?__keys\n1,it broke at once,[{}]\n", "row 2, Why did you?__keys"),
        ('id,Q,Q__pastes\n1,it broke at once,"[{""t"":1e999,""c"":""x""}]"\n', "row 2, Q__pastes"),
    ],
)
def test_a_bad_row_or_cell_is_named(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        SurveyTable.read(survey(tmp_path, text)).respondents()
    assert place in raised.value.details


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,Why did you?\n", "no respondents"),
        ("id,age\n1,2\n", "Name each one with --open-end"),
        ('id,Q1\nid,Why did you?\n"{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}"\n', "no respondents"),
        ("id,Why did you?\n,Open-Ended Response\n", "no respondents"),
    ],
)
def test_a_table_that_cannot_be_judged_says_what_to_do(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        SurveyTable.read(survey(tmp_path, text))


def test_names_that_repeat_do_not_make_two_people_one(tmp_path: Path) -> None:
    path = survey(tmp_path, "id,Why did you?\n1,it was nice\n1,it was very cheap\n")
    table = SurveyTable.read(path)
    assert [each.identifier for each in table.respondents()] == ["row 2", "row 3"]
    assert "'id'" in table.notes[0]
    with pytest.raises(InvalidInput) as raised:
        SurveyTable.read(path, Choice(identifier="id"))
    assert raised.value.details == {"row 3": "has the same 'id' as row 2"}


def test_repeated_and_empty_headers_are_told_by_their_place(tmp_path: Path) -> None:
    path = survey(
        tmp_path, "id,Why?,Why?,\n1,it was nice,my friend said so,so I took it\n2,no idea why,to try it,it is fine\n"
    )
    table = SurveyTable.read(path)
    assert [each.label for each in table.open_ends] == ["Why?", "Why? (column 3)", "(column 4)"]
    assert [each.question for each in table.open_ends] == ["Why?", "Why?", ""]


@pytest.mark.parametrize("name", ["out.csv", "out.tsv"])
def test_nothing_is_lost_and_what_was_found_stands_beside_it(tmp_path: Path, name: str) -> None:
    path = survey(tmp_path)
    table = SurveyTable.read(path)
    table.write(tmp_path / name, judged(table.respondents()))
    before, after = rows(path), rows(tmp_path / name)
    assert [row[:7] for row in after] == before
    assert after[0][7:] == [
        *(
            "What do you like about it?_demerit",
            "What do you like about it?_issues",
            "What do you like about it?_evidence",
            "What do you like about it?_cannot_tell",
        ),
        *("Q2_demerit", "Q2_issues", "Q2_evidence", "Q2_cannot_tell"),
        *("earnest_demerit", "earnest_issues", "earnest_proposal"),
    ]
    silent = "Nonsensical; Irrelevant; LLM Generated; Repeated Answers; Duplicate Answers"
    found = ["90", "Low Effort", "Low Effort: Nothing in it says why.", silent]
    assert after[2][7:] == [*found, "", "", "", "", "90", "Low Effort", "remove"]
    assert after[3][7:] == ["", "", "", "", *found, "90", "Low Effort", "remove"]


def test_where_no_check_could_tell_there_is_no_demerit_and_the_checks_are_named(tmp_path: Path) -> None:
    table = SurveyTable.read(survey(tmp_path), Choice(open_ends=("Q2",)))
    silent = [evaluate_respondent(each, [evaluate_entry(e, []) for e in each.entries]) for each in table.respondents()]
    wanted = {CheckName.LOW_EFFORT, CheckName.IRRELEVANT}
    table.write(tmp_path / "out.csv", silent, Added(wanted=wanted))
    answered = [row[7:] for row in rows(tmp_path / "out.csv")[1:] if row[table.open_ends[0].column].strip()]
    assert answered
    assert all(row[:4] == ["", "", "", "Irrelevant; Low Effort"] for row in answered)


def test_what_we_add_never_runs_as_a_formula(tmp_path: Path) -> None:
    table = SurveyTable.read(survey(tmp_path, "id,=HYPERLINK(1) why did you\n1,it was nice\n"))
    table.write(tmp_path / "out.csv", judged(table.respondents()))
    assert rows(tmp_path / "out.csv")[0][2] == "'=HYPERLINK(1) why did you_demerit"


def test_evaluating_an_evaluated_table_again_replaces_what_was_found(tmp_path: Path) -> None:
    table = SurveyTable.read(survey(tmp_path))
    table.write(
        tmp_path / "once.csv", judged(table.respondents(), evidence="First this sentence was written about it.")
    )
    again = SurveyTable.read(tmp_path / "once.csv")
    assert again.open_ends == table.open_ends
    again.write(tmp_path / "twice.csv", judged(again.respondents()))
    assert rows(tmp_path / "twice.csv")[0] == rows(tmp_path / "once.csv")[0]
    assert "First this" not in (tmp_path / "twice.csv").read_text(encoding="utf-8-sig")


def test_a_failed_result_leaves_the_old_one_and_no_litter(tmp_path: Path) -> None:
    table = SurveyTable.read(survey(tmp_path))
    (tmp_path / "out.csv").write_text("old", encoding="utf-8")
    with pytest.raises(ValueError, match="shorter"):
        table.write(tmp_path / "out.csv", judged(table.respondents())[:2])
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "survey.csv"]


def test_a_survey_without_a_table_gets_one(tmp_path: Path) -> None:
    why, again = Entry("Why?", "=1+1", question_identifier="q1"), Entry("Why?", "as I said", question_identifier="q1")
    found = judged([Respondent("A", (why, again)), Respondent("B", (Entry("How?", "so"),))])
    write_table(tmp_path / "out.csv", as_table(found, Added()))
    header, first, second = rows(tmp_path / "out.csv")
    assert header[:4] == ["responseIdentifier", "q1", "q1 (2)", "How?"]
    assert first[:4] == ["A", "'=1+1", "as I said", ""]
    assert second[:4] == ["B", "", "", "so"]
    assert second[header.index("How?_issues")] == "Low Effort"


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16"]
PIECES = [
    '"',
    ",",
    "\n",
    "\r\n",
    "\0",
    "\ufeff",
    ";",
    "\t",
    "=1+1",
    "[{",
    '""',
    "sep=;\n",
    "\x1a",
    "\x85",
    "\u2028",
    "😀",
    "é",
]


@given(
    pieces=st.lists(st.sampled_from([*PIECES, "id", "it was nice to have", "Q__keys"])),
    encoding=st.sampled_from(ENCODINGS),
)
@settings(deadline=None, max_examples=200)
def test_whatever_bytes_come_every_row_is_kept_or_the_file_is_refused(pieces: list[str], encoding: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.csv"
        path.write_bytes("".join(pieces).encode(encoding))
        try:
            table = SurveyTable.read(path, Choice(open_ends=("id",) if "id" in pieces[:1] else ()))
            respondents = table.respondents()
        except InvalidInput:
            return
        table.write(Path(folder) / "out.csv", judged(respondents))
        assert isinstance(table.source, Delimited)
        assert [row[: len(table.header)] for row in rows(Path(folder) / "out.csv", table.source.delimiter)] == [
            *map(list, table.heading.rows),
            *(record.cells for record in table.rows()),
        ]


def test_a_question_asked_again_keeps_an_answer_of_its_own_whatever_it_is_called(tmp_path: Path) -> None:
    entries = tuple(Entry(question, f"answer {i}") for i, question in enumerate(["Why", "Why (3)", "Why"]))
    write_table(tmp_path / "out.csv", as_table(judged([Respondent("A", entries)]), Added()))
    header, row = rows(tmp_path / "out.csv")
    assert row[:4] == ["A", "answer 0", "answer 1", "answer 2"]
    assert len(set(header)) == len(header)


def test_a_header_like_excel_s_hint_at_the_delimiter_is_a_header(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text('"sep=;"\nit is warm\n', encoding="utf-8")
    assert SurveyTable.read(path, Choice(open_ends=("sep=;",))).respondents()[0].entries[0].answer == "it is warm"


def test_a_blank_line_in_a_table_of_one_column_is_a_row(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("Why do you like it?\nit is warm\n\nit is cheap\n", encoding="utf-8")
    table = SurveyTable.read(path, Choice(open_ends=("Why do you like it?",)))
    table.write(tmp_path / "out.csv", judged(table.respondents()))
    assert [row[0] for row in rows(tmp_path / "out.csv")[1:]] == ["it is warm", "", "it is cheap"]
