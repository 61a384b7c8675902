"""However a table is written, its cells arrive as they were meant, or one error says what to mend."""

from pathlib import Path

import pytest

from earnest.errors import InvalidInput
from earnest.files.delimited import Delimited

ROWS = [["id", "Why?"], ["1", "Le café était très bon"], ["2", "Because, well; it | was nice"]]
COMMAS = 'id,Why?\n1,Le café était très bon\n2,"Because, well; it | was nice"\n'


def cells(path: Path, *, encoding: str | None = None) -> list[list[str]]:
    return [record.cells for record in Delimited.open(path, encoding=encoding).records()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_are_found(tmp_path: Path, encoding: str, line_end: str) -> None:
    path = tmp_path / "survey.csv"
    path.write_bytes(COMMAS.replace("\n", line_end).encode(encoding))
    assert cells(path) == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in ROWS), encoding="utf-8")
    assert cells(path) == ROWS


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Потому что цена была хорошая"),
        ("cp932", "値段がちょうどよかったからです"),
        ("big5", "咖啡很好喝，價格太貴了"),
        ("euc_kr", "커피가 정말 맛있어요"),
    ],
)
def test_other_scripts_are_found_and_said(tmp_path: Path, encoding: str, text: str) -> None:
    path = tmp_path / "survey.csv"
    path.write_bytes(f"id,why\n1,{text}\n".encode(encoding))
    source = Delimited.open(path)
    assert [record.cells for record in source.records()][1] == ["1", text]
    assert encoding in source.notes[0]


def test_an_encoding_that_is_named_is_used(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_bytes("id,why\n1,świeża i żółta\n".encode("cp1250"))
    assert cells(path, encoding="cp1250")[1] == ["1", "świeża i żółta"]


def test_excel_s_delimiter_hint_is_obeyed_and_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("sep=;\nid;a,b\n1;c,d\n", encoding="utf-8")
    assert cells(path) == [["id", "a,b"], ["1", "c,d"]]


def test_quoted_line_breaks_quotes_nul_and_very_long_cells_survive(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    long = "very good " * 100_000
    path.write_text(f'id,why\n1,"two\nlines and ""quotes"""\n2,a \0 in it\n3,{long}\n\n', encoding="utf-8", newline="")
    assert cells(path)[1:] == [["1", 'two\nlines and "quotes"'], ["2", "a \0 in it"], ["3", long]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "is empty"),
        (b"sep=;\n", "is empty"),
        (b"PK\x03\x04rest", "damaged zip archive or workbook"),
        (b"\0\1\2\3" * 300, "is not text"),
        ("id,why\n1,ok\n".encode("utf-16")[:-1], "is not valid utf-16"),
        (b'id,why\n1,ok\n2,"my "friend" said"\n', "row 3 (from line 3"),
        (b'id,why\n1,"a\nb"\n2,"never ends\n3,x\n', "row 3 (from line 4"),
    ],
)
def test_what_cannot_be_read_is_one_error_with_the_mend(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "survey.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as raised:
        cells(path)
    assert said in raised.value.message


@pytest.mark.parametrize("encoding", ["no-such", "base64"])
def test_an_unknown_encoding_is_said(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "survey.csv"
    path.write_text(COMMAS, encoding="utf-8")
    with pytest.raises(InvalidInput, match="no text encoding"):
        Delimited.open(path, encoding=encoding)
