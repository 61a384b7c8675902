"""The same table in any format: nothing is lost on the way through, and the same answers are judged."""

import tempfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.files import exports
from tests.files.exports import ANSWERS, CHANGE, WHY, judged, save_csv, save_workbook, sheet_xml

from earnest.errors import InvalidInput, TooLarge
from earnest.files.cells import ROWS_AT_ONCE, Cells, Column, Output, Value, number_in, shown
from earnest.files.columns import Choice
from earnest.files.excel import Workbook
from earnest.files.formats import open_cells, write_table
from earnest.files.kinds import TABLES_OUT
from earnest.files.spss_out import spss_names
from earnest.files.tables import SurveyTable
from earnest.survey import Respondent

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30).map(str.strip)
TYPED: dict[str, list[Value]] = {
    "id": ["R1", "007", "123456789012345678"],
    "age": [31, None, 45],
    "score": [1.5, -2.25, None],
    "day": [date(2026, 11, 24), None, date(1999, 1, 2)],
    "moment": [datetime(2026, 11, 24, 10, 30, 5), datetime(2001, 2, 3, 4), None],  # noqa: DTZ001 - as in files
    "spent": [timedelta(hours=30, minutes=5), None, timedelta(seconds=59)],
    "why": ["=1+1", "it was nice_x0041_", "a\ttab and\na line"],
}


def table_of(columns: dict[str, list[Value]], about: dict[str, Column] | None = None) -> Output:
    return Output(
        header=[list(columns)],
        columns=[(about or {}).get(name, Column()) for name in columns],
        rows=[list(row) for row in zip(*columns.values(), strict=True)],
        ours=len(columns),
    )


def values(source: Cells) -> list[list[Value]]:
    return [list(record.values) for record in source.records()][1:]


def cells(source: Cells) -> list[list[str]]:
    return [record.cells for record in source.records()]


@given(
    rows=st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=6), suffix=st.sampled_from(TABLES_OUT)
)
@settings(deadline=None, max_examples=40)
def test_any_text_comes_back_from_any_format(rows: list[list[str]], suffix: str) -> None:
    kept = [row for row in rows if any(row)]
    if suffix == ".sav":  # SPSS takes no difference between line ends and other controls away, but cannot hold NUL
        kept = [[cell.rstrip() for cell in row] for row in kept]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{suffix}"
        columns: dict[str, list[Value]] = {name: [row[i] for row in kept] for i, name in enumerate(("id", "Q1", "Q2"))}
        write_table(path, table_of(columns, {name: Column(is_text=True) for name in columns}))
        if kept:
            assert cells(open_cells(path, encoding="utf-8-sig" if suffix in {".csv", ".tsv"} else None))[1:] == kept


@pytest.mark.parametrize("suffix", [".xlsx", ".sav", ".parquet"])
def test_types_come_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"table{suffix}"
    write_table(path, table_of(TYPED))
    found = values(open_cells(path))
    assert found == [list(row) for row in zip(*TYPED.values(), strict=True)]
    write_table(
        tmp_path / f"again{suffix}",
        table_of({n: list(c) for n, c in zip(TYPED, zip(*found, strict=True), strict=True)}),
    )
    assert values(open_cells(tmp_path / f"again{suffix}")) == found


def test_the_same_survey_is_read_from_every_format(tmp_path: Path) -> None:
    first = SurveyTable.read(save_csv(tmp_path / "survey.csv", exports.google_forms()))
    respondents: dict[str, list[Respondent]] = {}
    for suffix in TABLES_OUT:
        path = tmp_path / f"copy{suffix}"
        rows = [list(record.values) for record in first.rows()]
        about = [Column(wording=text, is_text=True) for text in first.heading.wordings]
        write_table(path, Output([first.header], about, rows, ours=3))
        respondents[suffix] = SurveyTable.read(path).respondents()
    for found in respondents.values():
        assert [[(e.question, e.answer) for e in each.entries] for each in found] == [
            [(question, answer) for question, answer in zip((WHY, CHANGE), each, strict=True) if answer]
            for each in ANSWERS
        ]


@pytest.mark.parametrize("suffix", [".sav", ".parquet"])
@pytest.mark.parametrize("rows", [ROWS_AT_ONCE - 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1])
def test_a_file_that_is_read_in_parts_loses_no_row(tmp_path: Path, suffix: str, rows: int) -> None:
    path = tmp_path / f"long{suffix}"
    write_table(path, table_of({"number": [*range(rows)]}))
    read = list(open_cells(path).records())
    assert [each.cells for each in read] == [["number"], *([str(i)] for i in range(rows))]
    assert [each.row for each in read] == [*range(1, rows + 2)]


def test_spss_labels_codes_missing_values_and_formats_come_back(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": ["a", "b"], "sex": [1.0, -99.0], "day": [13.8e9, None], "Q1": ["it was nice", "to me"]})
    pyreadstat.write_sav(
        frame,
        tmp_path / "in.sav",
        column_labels={"Q1": WHY, "sex": "Sex"},
        variable_value_labels={"sex": {1.0: "Männlich", 2.0: "Weiblich"}},
        missing_ranges={"sex": [-99.0]},
        variable_measure={"sex": "nominal"},
        variable_format={"sex": "F4.0", "day": "DATETIME20", "Q1": "A400"},
    )
    table = SurveyTable.read(tmp_path / "in.sav", Choice(open_ends=("Q1",)))
    assert table.open_ends[0].question == WHY
    table.write(tmp_path / "out.sav", judged(table))
    _, before = pyreadstat.read_sav(tmp_path / "in.sav", output_format="polars", user_missing=True)
    after_frame, after = pyreadstat.read_sav(tmp_path / "out.sav", output_format="polars", user_missing=True)
    for each in ("variable_value_labels", "missing_ranges"):
        assert getattr(after, each) == getattr(before, each)
    for name in before.column_names:
        assert after.original_variable_types[name] == before.original_variable_types[name]
        assert after.variable_measure[name] == before.variable_measure[name]
        assert after.column_names_to_labels[name] == before.column_names_to_labels[name]
    assert after_frame["sex"].to_list() == [1.0, -99.0]
    assert (after.column_names_to_labels["Q1_demerit"] or "").startswith("Earnest: ")
    again = SurveyTable.read(tmp_path / "out.sav", Choice(open_ends=("Q1",)))
    assert [each.name for each in again.taken if each.role.value == "found"] == [
        *("Q1_demerit", "Q1_issues", "Q1_evidence", "Q1_cannot_tell"),
        *("earnest_demerit", "earnest_issues", "earnest_proposal"),
    ]


def test_parquet_types_come_back(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"id": [1, 2], "group": pl.Series(["a", "b"], dtype=pl.Categorical), "n": pl.Series([1, None], dtype=pl.Int8)}
    ).with_columns(Q1=pl.Series(["it was nice for me", "it was too dear for us"]))
    frame.write_parquet(tmp_path / "in.parquet")
    table = SurveyTable.read(tmp_path / "in.parquet")
    table.write(tmp_path / "out.parquet", judged(table))
    assert pl.read_parquet(tmp_path / "out.parquet").select(frame.columns).equals(frame)
    assert pl.read_parquet_schema(tmp_path / "out.parquet")["n"] == pl.Int8


def test_labels_go_through_parquet_as_well(tmp_path: Path) -> None:
    about = {"sex": Column(wording="Sex", value_labels={1.0: "M", 2.0: "F"}), "Q1": Column(wording=WHY)}
    write_table(tmp_path / "a.parquet", table_of({"sex": [1.0, 2.0], "Q1": ["it was", "near me"]}, about))
    found = open_cells(tmp_path / "a.parquet").columns
    assert [(each.wording, each.value_labels) for each in found] == [("Sex", {1.0: "M", 2.0: "F"}), (WHY, {})]


STYLES = (
    '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="00000"/><numFmt numFmtId="165" '
    'formatCode="[$-409]d\\-mmm\\-yy;@"/><numFmt numFmtId="166" formatCode="&quot;day &quot;0"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>'
    + "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 22, 21, 46, 164, 165, 166))
    + "</cellXfs></styleSheet>"
)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("<c><v>1000000000000</v></c>", 10**12),
        ("<c><v>1.0E12</v></c>", 10**12),
        ("<c><v>0.1</v></c>", 0.1),
        ('<c s="1"><v>46350</v></c>', date(2026, 11, 24)),
        ('<c s="2"><v>46350.4375</v></c>', datetime.fromisoformat("2026-11-24 10:30")),
        ('<c s="3"><v>0.4375</v></c>', time(10, 30)),
        ('<c s="4"><v>1.25</v></c>', timedelta(hours=30)),
        ('<c s="5"><v>123</v></c>', "00123"),
        ('<c s="6"><v>46350</v></c>', date(2026, 11, 24)),
        ('<c s="7"><v>3</v></c>', 3),
        ('<c t="b"><v>1</v></c>', True),
        ('<c t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c t="s"><v>0</v></c>', "rich text"),
        ('<c t="inlineStr"><is><t>in line</t></is></c>', "in line"),
        ('<c t="str"><f>A1</f><v>a_x000D_b</v></c>', "a\rb"),
        ("<c><f>cmd|'/c calc'!A1</f></c>", "=cmd|'/c calc'!A1"),
        ('<c t="d"><v>2026-11-24T10:30:00</v></c>', datetime.fromisoformat("2026-11-24 10:30")),
    ],
)
def test_a_cell_of_a_workbook_is_what_excel_shows(tmp_path: Path, cell: str, value: Value) -> None:
    strings = "<sst><si><r><t>rich </t></r><r><t>text</t></r><rPh><t>hint</t></rPh></si></sst>"
    rows = f'<row><c t="inlineStr"><is><t>x</t></is></c></row><row>{cell}</row>'
    path = save_workbook(tmp_path / "b.xlsx", sheet_xml(rows), strings=strings, styles=STYLES)
    _, (found,) = [record.values for record in Workbook.open(path).records()]
    assert found == value
    assert type(found) is type(value)


def test_merged_cells_and_rows_and_columns_left_out(tmp_path: Path) -> None:
    rows = (
        '<row r="2"><c r="A2" t="inlineStr"><is><t>a</t></is></c><c r="B2" t="inlineStr"><is><t>b</t></is></c></row>'
        '<row r="3"><c r="A3"><v>1</v></c><c r="B3"/></row><row r="4"/><row r="9"><c r="B9"><v>2</v></c></row>'
    )
    sheet = sheet_xml(rows, around='<mergeCells><mergeCell ref="A3:A9"/></mergeCells>')
    records = list(Workbook.open(save_workbook(tmp_path / "b.xlsx", sheet)).records())
    assert [(record.row, record.cells) for record in records] == [(2, ["a", "b"]), (3, ["1", ""]), (9, ["", "2"])]


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    import xlsxwriter  # type: ignore[import-untyped]

    with xlsxwriter.Workbook(str(tmp_path / "two.xlsx")) as book:
        for name in ("Notes", "Data"):
            book.add_worksheet(name).write_string(0, 0, f"of {name}")
    assert cells(open_cells(tmp_path / "two.xlsx")) == [["of Notes"]]
    assert "'Notes' was read" in open_cells(tmp_path / "two.xlsx").notes[0]
    assert cells(open_cells(tmp_path / "two.xlsx", sheet="Data")) == [["of Data"]]
    with pytest.raises(InvalidInput, match=r"no sheet 'Nope'\. Its sheets are: Notes, Data"):
        open_cells(tmp_path / "two.xlsx", sheet="Nope")


@pytest.mark.parametrize(("suffix", "longest"), [(".xlsx", 32_767), (".sav", 32_767)])
def test_a_cell_that_a_format_cannot_hold_is_refused_and_not_cut(tmp_path: Path, suffix: str, longest: int) -> None:
    path = tmp_path / f"long{suffix}"
    write_table(path, table_of({"id": ["a"], "Q1": ["x" * longest]}))
    assert cells(open_cells(path))[1] == ["a", "x" * longest]
    with pytest.raises(TooLarge, match="longer than"):
        write_table(path, table_of({"id": ["a"], "Q1": ["x" * (longest + 1)]}))
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_names_are_made_such_as_spss_allows() -> None:
    given_names = ["Q1", "q1", "What do you like?", "", "1st", "AND", "ü", "x" * 80 + "_demerit", "x" * 80 + "_issues"]
    names = spss_names(given_names)
    assert len({name.upper() for name in names}) == len(names)
    assert all(len(name) <= 64 for name in names)
    assert names[:3] == ["Q1", "q1_2", "What_do_you_like"]
    assert names[-2].endswith("_demerit")


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e12, "1000000000000"), (3.0, "3"), (0.00001, "0.00001"), (True, "TRUE"), (None, ""), (1.5, "1.5")],
)
def test_a_number_is_shown_in_full(value: Value, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize("cell", ["007", "1,5", "5.0", "", "1e5", "+5", "nan", "12345678901234567890", "٣"])
def test_what_is_not_exactly_how_a_number_is_shown_stays_text(cell: str) -> None:
    assert number_in(cell) is None
