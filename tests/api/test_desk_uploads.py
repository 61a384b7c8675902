"""Files in, judged, reviewed and out again through the pages: nothing is lost, and the decisions come out as well."""

import json
import re
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from tests.api.conftest import Enter
from tests.api.reviewed import add_people, keep_survey
from tests.files.exports import qualtrics, save_csv
from tests.jobs.tiny import tiny_evaluator

from earnest.api.desk.exports import EXPORTS, attachment
from earnest.api.desk.survey_files import file_name
from earnest.files.cells import Column, Output, Value
from earnest.files.formats import open_cells, write_table
from earnest.review.decisions import Ruling
from earnest.service import Service
from earnest.settings import Settings

PATIENCE_S = 30
HEADER = ["ResponseId", "age", "What do you like about it?"]
ANSWERS = [
    "It tastes of the summers by the sea",
    "",
    "<b>My</b> grandmother always bought it on Sundays",
    "=1+1 is what I think of the price of it",
    "Nothing at all comes to my mind right now",
]
ROWS: list[list[Value]] = [[f"R_{i}", 20 + i, answer] for i, answer in enumerate(ANSWERS)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that works."""
    url = f"sqlite:///{tmp_path_factory.mktemp('desk') / 'earnest.db'}"
    service = Service.open(Settings(database_url=url, max_body_mb=1), evaluator=tiny_evaluator())
    service.start_worker()
    add_people(service)
    yield service
    service.close()


@pytest.fixture
def chief(enter: Enter) -> httpx.Client:
    return enter("chief")


def csrf_on(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page.text)
    assert found, page.text
    return found.group(1)


def send(browser: httpx.Client, name: str, body: bytes) -> httpx.Response:
    csrf = csrf_on(browser.get("/desk/upload"))
    return browser.post("/desk/upload", data={"csrf": csrf}, files={"file": (name, body)})


def uploaded(browser: httpx.Client, name: str, body: bytes) -> str:
    response = send(browser, name, body)
    assert response.status_code == 303, response.text
    return str(response.headers["location"])


def judged(browser: httpx.Client, desk: Service, where: str, **form: str) -> str:
    """The job, when it has ended."""
    response = browser.post(where, data={"csrf": csrf_on(browser.get(where)), "action": "judge", **form})
    assert response.status_code == 303, response.text
    job = response.headers["location"].removeprefix("/desk/")
    deadline = time.monotonic() + PATIENCE_S
    while not desk.job("default", job).status.is_final:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return str(job)


def a_table(folder: Path, suffix: str) -> bytes:
    path = folder / f"survey{suffix}"
    columns = [Column(is_text=True), Column(), Column(is_text=True, wording=HEADER[2])]
    write_table(path, Output(header=[HEADER], columns=columns, rows=ROWS, ours=3))
    return path.read_bytes()


def exported(browser: httpx.Client, job: str, name: str, folder: Path) -> list[list[str]]:
    response = browser.get(f"/desk/{job}/export/{name}")
    assert response.status_code == 200, response.text
    path = folder / name
    path.write_bytes(response.content)
    return [list(record.cells) for record in open_cells(path).records()]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx", ".sav", ".parquet"])
def test_each_kind_of_table_goes_in_and_comes_out_with_the_decisions(
    desk: Service, chief: httpx.Client, tmp_path: Path, suffix: str
) -> None:
    where = uploaded(chief, f"Müsli 100 %{suffix}", a_table(tmp_path, suffix))
    job = judged(chief, desk, where)
    assert desk.job("default", job).total == len([answer for answer in ANSWERS if answer])
    desk.decisions.decide("default", job, [1], coder="chief", ruling=Ruling.REMOVE, reason="934", note="Sundays?")
    kind = "csv" if suffix == ".tsv" else suffix[1:]
    header, *rows = exported(chief, job, f"reviewed.{kind}", tmp_path)
    assert [row[0] for row in rows] == [f"R_{i}" for i in range(5)]
    if suffix == ".csv":
        assert [row[2] for row in rows] == ANSWERS
    decision, note = (next(i for i, h in enumerate(header) if h.endswith(e)) for e in ("_decision", "earnest_note"))
    assert [row[decision] for row in rows] == ["", "", "remove", "", ""]
    assert rows[2][note] == "Sundays?"
    pack = exported(chief, job, "reconciliation.xlsx", tmp_path)
    assert ["R_2", "934"] in [row[:2] for row in pack]
    assert not list(Path(desk.spool_folder or ".").glob(".earnest-*"))


BATCH = {
    "surveyName": "From JSON",
    "responses": [
        {"responseIdentifier": f"R_{i}", "surveyEntries": [{"question": "Why?", "answer": f"Because of {i} things"}]}
        for i in range(3)
    ],
}


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("a.json", [BATCH]),
        ("b.ndjson", [{"surveyName": "From JSON"}, *BATCH["responses"]]),
        ("From JSON.jsonl", BATCH["responses"]),
    ],
)
def test_batches_in_json(desk: Service, chief: httpx.Client, tmp_path: Path, name: str, lines: list[object]) -> None:
    where = uploaded(chief, name, "\n".join(map(json.dumps, lines)).encode())
    assert "From JSON" in chief.get(where).text
    job = judged(chief, desk, where)
    desk.decisions.decide("default", job, [2], coder="chief", ruling=Ruling.REMOVE)
    assert desk.job("default", job).survey_name == "From JSON"
    _, *rows = exported(chief, job, "reviewed.csv", tmp_path)
    assert [row[0] for row in rows] == ["R_0", "R_1", "R_2"]
    assert "remove" in rows[2]
    whole = chief.get(f"/desk/{job}/export/reviewed.json").json()
    assert [each["responseIdentifier"] for each in whole["results"]["items"]] == ["R_0", "R_1", "R_2"]
    assert {name: each["ruling"] for name, each in whole["decisions"].items()} == {"R_2": "remove"}


def test_everything_is_offered_and_comes_as_a_file(desk: Service, chief: httpx.Client, tmp_path: Path) -> None:
    job = judged(chief, desk, uploaded(chief, "x.csv", a_table(tmp_path, ".csv")), survey_name="Müsli & Co")
    page = chief.get(f"/desk/{job}/export").text
    for name in EXPORTS:
        assert f"/desk/{job}/export/{name}" in page
        response = chief.get(f"/desk/{job}/export/{name}")
        assert response.headers["content-disposition"].startswith("attachment;")
        assert response.content
    assert (
        "M%C3%BCsli%20%26%20Co-methods.md" in chief.get(f"/desk/{job}/export/methods.md").headers["content-disposition"]
    )
    assert chief.get(f"/desk/{job}/export/passwords.txt").status_code == 404


def test_columns_are_shown_and_corrected_before_anything_is_judged(
    desk: Service, chief: httpx.Client, tmp_path: Path
) -> None:
    rows = [
        ["id", "like", "code"],
        *([f"r{i}", f"It is nice {i} times for me", f"c{i} of things I own"] for i in range(3)),
    ]
    where = uploaded(chief, "plain.csv", save_csv(tmp_path / "p.csv", rows).read_bytes())
    csrf = csrf_on(chief.get(where))
    form = {
        "csrf": csrf,
        "role-2": "other",
        "question-1": "What do you like?",
        "survey_name": "Tea",
        "check": "Irrelevant",
    }
    assert chief.post(where, data={**form, "action": "look"}).headers["location"] == where
    page = chief.get(where).text
    assert "What do you like?" in page
    assert re.search(r"1 open end\b", page)
    job = judged(chief, desk, where, **form)
    asked = desk.results.asked("default", job)
    assert (asked.survey.name, [check.value for check in asked.wanted]) == ("Tea", ["Irrelevant"])
    [entry] = desk.results.evaluations("default", job, [0])[0].evaluations
    assert entry.survey_entry.question == "What do you like?"
    assert chief.get(where).headers["location"] == f"/desk/{job}"
    again = chief.post(where, data={"csrf": csrf, "action": "judge"})
    assert again.headers["location"] == f"/desk/{job}"


def test_a_table_without_open_ends_says_what_to_do(chief: httpx.Client) -> None:
    where = uploaded(chief, "numbers.csv", b"id,q1\n1,5\n2,3\n")
    assert "No column looks like an open end" in chief.get(where).text
    response = chief.post(where, data={"csrf": csrf_on(chief.get(where)), "action": "judge"})
    assert response.status_code == 400
    assert "Nothing to judge" in response.text
    assert "--" not in re.sub(r"<!--.*?-->", "", response.text)


def test_previews_of_the_survey_stay_in_their_rows(desk: Service, chief: httpx.Client, tmp_path: Path) -> None:
    rows = qualtrics()
    job = judged(chief, desk, uploaded(chief, "q.csv", save_csv(tmp_path / "q.csv", rows).read_bytes()))
    out = exported(chief, job, "reviewed.csv", tmp_path)
    assert [row[: len(rows[0])] for row in out] == rows


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("virus.exe", b"MZ", "Earnest reads .csv"),
        ("a.xlsx", b"PK\x03\x04 no zip", "damaged"),
        ("a.xlsx", b"id,q\n1,two", "rename it"),
        ("a.csv", b"", "empty"),
        ("a.csv", b"id,q\n1,2,3\n", "row 2"),
        ("a.parquet", b"PAR1" + bytes(50) + b"PAR1", "Parquet"),
        ("a.json", b'{"surveyName": 5', "JSON"),
        ("a.ndjson", b'{"surveyName": "x"}\nnonsense\n', "line 2"),
        ("a.json", b"[" * 100_000, "deep"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error_and_not_kept(
    chief: httpx.Client, desk: Service, name: str, body: bytes, said: str
) -> None:
    before = desk.uploads.waiting("default")
    response = send(chief, name, body)
    assert response.status_code == 400
    [fault] = re.findall(r'role="alert">([^<]+)', response.text)
    assert said in fault
    assert "/.earnest-" not in fault
    assert desk.uploads.waiting("default") == before


def test_too_large_a_file_is_refused(chief: httpx.Client) -> None:
    response = send(chief, "a.csv", b"x" * 1_100_000)
    assert response.status_code == 413
    assert "EARNEST_MAX_BODY_MB" in response.text


def test_a_script_is_told_where_it_goes_on(chief: httpx.Client) -> None:
    csrf = csrf_on(chief.get("/desk/upload"))
    response = chief.post("/desk/upload", files={"file": ("a.csv", b"id,q\n1,2\n")}, headers={"X-CSRF-Token": csrf})
    assert response.status_code == 201
    assert chief.get(response.headers["location"]).status_code == 200


def test_nothing_changes_without_proof_that_it_was_meant(chief: httpx.Client, desk: Service, tmp_path: Path) -> None:
    where = uploaded(chief, "a.csv", a_table(tmp_path, ".csv"))
    before = desk.uploads.waiting("default")
    for path in ("/desk/upload", where, f"{where}/discard"):
        assert chief.post(path, data={"action": "judge"}, files={"file": ("b.csv", b"a\n1\n")}).status_code == 403
    assert desk.uploads.waiting("default") == before


def test_a_file_is_discarded(chief: httpx.Client, desk: Service) -> None:
    where = uploaded(chief, "gone.csv", b"id,q\n1,2\n")
    page = chief.get("/desk/upload")
    assert "gone.csv" in page.text
    chief.post(f"{where}/discard", data={"csrf": csrf_on(page)})
    assert "gone.csv" not in chief.get("/desk/upload").text
    assert chief.get(where).status_code == 404


def test_other_tenants_see_nothing(chief: httpx.Client, enter: Enter, tmp_path: Path) -> None:
    where = uploaded(chief, "a.csv", a_table(tmp_path, ".csv"))
    thief = enter("stranger")
    csrf = csrf_on(thief.get("/desk/upload"))
    assert "a.csv" not in thief.get("/desk/upload").text
    assert thief.get(where).status_code == 404
    for path in (where, f"{where}/discard"):
        assert thief.post(path, data={"csrf": csrf, "action": "judge"}).status_code == 404


def test_coders_export_what_they_may_know(desk: Service, chief: httpx.Client, enter: Enter, tmp_path: Path) -> None:
    job = keep_survey(desk, 4)
    desk.decisions.decide("default", job, [0, 1, 2], coder="coder-a", ruling=Ruling.REMOVE)
    desk.decisions.decide("default", job, [1], coder="coder-b", ruling=Ruling.KEEP)
    desk.decisions.decide("default", job, [2], coder="chief", ruling=Ruling.UNSURE, is_final=True)

    def decided(name: str) -> dict[str, str]:
        whole = enter(name).get(f"/desk/{job}/export/reviewed.json").json()
        return {respondent: each["ruling"] for respondent, each in whole.get("decisions", {}).items()}

    assert decided("coder-a") == {"R_0": "remove", "R_1": "remove", "R_2": "unsure"}
    assert decided("coder-b") == {"R_1": "keep", "R_2": "unsure"}
    assert decided("chief") == {"R_0": "remove", "R_2": "unsure"}
    assert "Coders disagree about 1 respondent," in " ".join(chief.get(f"/desk/{job}/export").text.split())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\data\\wave 1.CSV", "wave 1.csv"),
        ("..csv", "csv"),
        ('a"b\r\nc.sav', "a_b_c.sav"),
        ("", "survey"),
        ("ü" * 300 + ".xlsx", "ü" * 60 + ".xlsx"),
    ],
)
def test_names_of_files(given: str, kept: str) -> None:
    assert file_name(given) == kept


def test_names_of_attachments_hold_no_more_than_a_name() -> None:
    said = attachment('Müsli "; x=1\r\n.csv')
    assert "\r" not in said
    assert said == "attachment; filename=\"M_sli __ x_1__.csv\"; filename*=UTF-8''M%C3%BCsli%20%22%3B%20x%3D1%0D%0A.csv"


def test_half_a_file_is_not_kept(desk: Service) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        yield BytesIO(b"of it").read()
        raise InterruptedError

    before = desk.uploads.waiting("default")
    with pytest.raises(InterruptedError):
        desk.uploads.keep("default", "x.csv", pieces())
    assert desk.uploads.waiting("default") == before


def test_a_page_of_thousands_of_columns_stays_small(chief: httpx.Client) -> None:
    names = [f"q{i}" for i in range(1_000)]
    rows = [",".join(f"I like it {row} times so much" for _ in names) for row in range(4)]
    page = chief.get(uploaded(chief, "wide.csv", "\n".join([",".join(names), *rows]).encode()))
    assert "1,000 columns" in page.text
    assert "800 more that were recognised" in page.text
    assert len(page.content) < 250_000
