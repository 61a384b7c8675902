"""Files made to do harm, or by accident of such a kind: one clear error, or a right result; never a crash."""

import contextlib
import random
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from tests.files.exports import ANSWERS, WHY, save_csv, save_workbook, sheet_xml

from earnest.errors import InvalidInput, TooLarge
from earnest.files.cells import Column, Output, Value
from earnest.files.formats import open_cells, write_table
from earnest.files.tables import SurveyTable

HEAD = (
    f'<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>{WHY}</t></is></c></row>'
)
ROW = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><t>it was nice to have</t></is></c></row>'


def refused(path: Path) -> InvalidInput:
    with pytest.raises(InvalidInput) as raised:
        SurveyTable.read(path).respondents()
    return raised.value


def test_a_cell_in_the_last_row_and_column_takes_no_memory(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = save_workbook(tmp_path / "far.xlsx", sheet_xml(HEAD + ROW + ROW.replace("2", "3") + far))
    tracemalloc.start()
    assert "column XFD, the header ends at B" in refused(path).message
    assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    tracemalloc.stop()


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    save_workbook(path, sheet_xml(HEAD + ROW))
    body = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(body.replace(size.to_bytes(4, "little"), (3 * 2**30).to_bytes(4, "little")))
    fault = refused(path)
    assert isinstance(fault, TooLarge)
    assert "3.0 GB when unpacked" in fault.message


@pytest.mark.slow
def test_a_real_zip_bomb_is_refused_at_once(tmp_path: Path) -> None:
    path = save_workbook(tmp_path / "bomb.xlsx", sheet_xml(HEAD + ROW))
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as stream,
    ):
        for _ in range(1100):
            stream.write(b" " * 2**20)
    assert path.stat().st_size < 2 * 2**20
    assert isinstance(refused(path), TooLarge)


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>', "declares entities"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><worksheet/>', "declares entities"),
        ("<a>" * 100_000, "nested 64 deep"),
        ("<worksheet><sheetData><row>", "is not XML"),
        (sheet_xml(""), "is empty"),
        (sheet_xml('<row r="9999999"><c><v>1</v></c></row>'), "at most 1,048,576 rows"),
        (sheet_xml('<row><c r="ZZZ1"><v>1</v></c></row>'), "out of order"),
        (sheet_xml('<row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>'), "out of order"),
        (sheet_xml('<row><c t="s"><v>7</v></c></row>'), "a text that is not there"),
    ],
)
def test_xml_that_no_spreadsheet_writes_is_refused(tmp_path: Path, sheet: str, said: str) -> None:
    assert said in refused(save_workbook(tmp_path / "bad.xlsx", sheet)).message


def test_macros_and_links_to_other_files_are_neither_run_nor_followed(tmp_path: Path) -> None:
    path = save_workbook(tmp_path / "macros.xlsm", sheet_xml(HEAD + ROW), xl__vbaProject_DOT_bin="macro")
    table = SurveyTable.read(path)
    assert "neither read nor run" in table.notes[0]
    assert table.respondents()[0].entries[0].answer == "it was nice to have"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"PAR1....PAR1", "a.csv is a Parquet file, not text. Rename it so that it ends in .parquet"),
        ("a.csv", b"$FL2@(#)", "an SPSS file"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "with a password"),
        ("a.csv", b"%PDF-1.7", "a PDF"),
        ("a.xlsx", b"id,Why?\n1,it was nice\n", "rename it so that it ends in .csv"),
        ("a.xlsx", b"<html><table><tr><td>id</td></tr></table></html>", "a web page"),
        ("a.sav", b"id,Why?\n1,it was nice\n", "a.sav is not an SPSS file"),
        ("a.sav", b"$FL2@(#) cut", "damaged or was cut"),
        ("a.parquet", b"PAR1 cut", "damaged or was cut"),
        ("a.parquet", b"id,Why?\n", "a.parquet is not a Parquet file"),
        ("a.xlsx", b"PK\x03\x04 cut", "damaged"),
        ("a.csv", b"\x1f\x8b\x08", "a gzip archive"),
    ],
)
def test_a_name_that_lies_is_one_error_that_says_what_the_file_is(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert said in refused(tmp_path / name).message


def test_a_damaged_parquet_file_is_refused_without_a_word_of_polars(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_table(tmp_path / "whole.parquet", Output([["Q1"]], [Column()], [["it was nice for us"]] * 9, ours=1))
    whole = (tmp_path / "whole.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[:4] + bytes(60) + whole[64:])
    assert "damaged" in refused(tmp_path / "cut.parquet").message
    assert capfd.readouterr().err == ""


def test_another_zip_archive_is_no_workbook(tmp_path: Path) -> None:
    for part, said in (("word/document.xml", "a zip archive"), ("content.xml", "an OpenDocument spreadsheet")):
        with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
            archive.writestr(part, "x")
        assert said in refused(tmp_path / "a.xlsx").message


def test_ten_thousand_columns_are_read(tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(10_000)]
    path = save_csv(tmp_path / "wide.csv", [["id", WHY, *names], *(["1", why, *names] for why, _ in ANSWERS)])
    table = SurveyTable.read(path)
    assert [each.label for each in table.open_ends] == [WHY]
    assert len(table.taken) == 10_002


def test_more_columns_than_a_sheet_has_are_refused(tmp_path: Path) -> None:
    path = save_csv(tmp_path / "wide.csv", [[f"c{i}" for i in range(20_000)], ["1"] * 20_000])
    assert isinstance(refused(path), TooLarge)


def test_a_file_of_a_gigabyte_is_refused_before_it_is_read(tmp_path: Path) -> None:
    for suffix in (".csv", ".xlsx", ".sav", ".parquet"):
        path = tmp_path / f"large{suffix}"
        with path.open("wb") as stream:
            stream.truncate(2**30)
        fault = refused(path)
        assert isinstance(fault, TooLarge)
        assert "1,024 MB" in fault.message
        path.unlink()


def test_a_cell_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text('id,why\n1,"' + "very " * 4 * 2**20 + '"\n', encoding="utf-8")
    assert isinstance(refused(path), TooLarge)


@pytest.mark.slow
def test_a_million_empty_rows_are_no_respondents(tmp_path: Path) -> None:
    empty = "".join(f'<row r="{row}"><c r="A{row}" s="1"/></row>' for row in range(3, 1_000_000))
    path = save_workbook(tmp_path / "empty.xlsx", sheet_xml(HEAD + ROW + empty))
    assert len(SurveyTable.read(path).respondents()) == 1


def test_empty_rows_take_no_memory(tmp_path: Path) -> None:
    empty = "".join(f'<row r="{row}"><c r="A{row}" s="1"/></row>' for row in range(3, 20_000))
    path = save_workbook(tmp_path / "empty.xlsx", sheet_xml(HEAD + ROW + empty))
    tracemalloc.start()
    assert sum(1 for _ in open_cells(path).records()) == 2
    assert tracemalloc.get_traced_memory()[1] < 5 * 2**20
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("suffix", "files"), [(".xlsx", 100), (".sav", 100), pytest.param(".parquet", 60, marks=pytest.mark.slow)]
)
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, suffix: str, files: int) -> None:
    rows: list[list[Value]] = [[f"R{i}", float(i), f"it was nice number {i} for us"] for i in range(30)]
    write_table(tmp_path / f"whole{suffix}", Output([["id", "n", "Q1"]], [Column()] * 3, rows, ours=3))
    whole = (tmp_path / f"whole{suffix}").read_bytes()
    chance = random.Random(7)
    for _ in range(files):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 3, 20])):
            damaged[chance.randrange(len(damaged))] = chance.choice([0, 255, chance.randrange(256)])
        path = tmp_path / f"damaged{suffix}"
        path.write_bytes(damaged)
        with contextlib.suppress(InvalidInput):
            list(open_cells(path).records())


def test_nul_and_html_in_answers_come_through_as_they_are(tmp_path: Path) -> None:
    answer = "<script>alert(1)</script> it was \0 nice"
    path = tmp_path / "a.csv"
    path.write_text(f"id,{WHY}\n1,{answer}\n", encoding="utf-8")
    assert [record.cells for record in open_cells(path).records()][1] == ["1", answer]
