"""The command line as a researcher meets it: files in and out, exit codes, and one sentence for every mistake."""

import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import msgspec
import pytest
from typer.testing import CliRunner, Result

from earnest.cli import app
from earnest.client import Client
from earnest.findings import DataQualityBatchResponse
from earnest.service import Service
from earnest.settings import Settings

LIKED, BETTER = "What do you like about the coffee?", "How could we make the delivery better?"
PROGRAM = [sys.executable, "-m", "earnest"]
ANSWERS = [
    (
        "R1",
        "It tastes of chocolate and my husband likes it too.",
        "Please ring the bell, the parcel stood in the rain.",
    ),
    ("R2", "asdfgh jkl asdf", "sdfkjh sdfkj hsdf"),
    ("R3", "I don't know", "nothing"),
    ("R4", "The beans are always fresh, you smell it when you open the bag.", "Let me choose the day, I work shifts."),
    ("R5", "The beans are always fresh, you smell it when you open the bag.", ""),
    (
        "R6",
        "Not too bitter, and decaf is good as well.",
        "It comes on Mondays when I am away, Fridays would be better.",
    ),
    ("R7", "", "Smaller boxes that fit into our letter box."),
    ("R8", 'Fair trade matters to me; "cheap" does not.', "=nothing, it is fine as it is"),
]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a database of its own."""
    for name in [name for name in os.environ if name.startswith("EARNEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EARNEST_DATABASE_URL", f"sqlite:///{tmp_path}/earnest.db")
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


@pytest.fixture
def table(place: Path) -> Path:
    path = place / "survey.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["ResponseId", "age", LIKED, BETTER])
        writer.writerows([name, 30 + i, liked, better] for i, (name, liked, better) in enumerate(ANSWERS))
    return path


@pytest.fixture
def batch(place: Path) -> Path:
    path = place / "batch.json"
    responses = [
        {
            "responseIdentifier": name,
            "surveyEntries": [
                {"question": question, "answer": answer, "questionIdentifier": question}
                for question, answer in ((LIKED, liked), (BETTER, better))
                if answer
            ],
        }
        for name, liked, better in ANSWERS
    ]
    path.write_text(json.dumps({"surveyName": "survey", "responses": responses}), encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t" if path.suffix == ".tsv" else ","))


def test_a_table_and_the_same_batch_get_the_same_findings_in_every_format(
    table: Path, batch: Path, place: Path
) -> None:
    for source, result in ((table, "a.json"), (batch, "b.json"), (table, "a.csv"), (batch, "b.csv"), (table, "a.tsv")):
        done = run("evaluate", source, "--output", result)
        assert (done.exit_code, done.stderr) == (0, ""), done.output
    first, second = (json.loads((place / name).read_bytes()) for name in ("a.json", "b.json"))
    assert first["status"] == second["status"] == "completed"
    assert first["results"] == second["results"]
    assert first["results"]["nextCursor"] is None
    items = first["results"]["items"]
    assert [item["responseIdentifier"] for item in items] == [name for name, _, _ in ANSWERS]
    for name in ("a.csv", "b.csv", "a.tsv"):
        assert [float(row["earnest_demerit"]) for row in rows(place / name)] == [item["demeritScore"] for item in items]
        assert "Nonsensical" in rows(place / name)[1]["earnest_issues"]
        assert rows(place / name)[1][f"{LIKED}_evidence"]
    assert [row["age"] for row in rows(place / "a.csv")] == [str(30 + i) for i in range(len(ANSWERS))]
    assert rows(place / "a.csv")[7][BETTER] == "=nothing, it is fine as it is"


def test_a_table_that_goes_from_format_to_format_gets_the_same_findings(table: Path, place: Path) -> None:
    found = []
    for source, result in (
        (table, "first.json"),
        (table, "a.xlsx"),
        ("a.xlsx", "b.sav"),
        ("b.sav", "c.parquet"),
        ("c.parquet", "last.json"),
    ):
        done = run("evaluate", source, "--output", result)
        assert (done.exit_code, done.stderr) == (0, ""), done.output
    for name in ("first.json", "last.json"):
        items = json.loads((place / name).read_bytes())["results"]["items"]
        found.append([(i["responseIdentifier"], [e["qualityIssueChecks"] for e in i["evaluations"]]) for i in items])
    assert found[0] == found[1]


def test_a_dry_run_shows_what_columns_are_taken_for_and_judges_nothing(table: Path, place: Path) -> None:
    done = run("evaluate", table, "--dry-run", "--output", "out.csv", "--column", "age=supplier")
    assert done.exit_code == 0
    said = " ".join(done.stdout.split())
    for part in ("8 respondents, 4 columns", "ResponseId respondent", "age supplier you said so", "--open-end COLUMN"):
        assert part in said
    assert not (place / "out.csv").exists()


def test_what_is_handed_over_is_written(table: Path, place: Path) -> None:
    names = {"--reconciliation": "pack.csv", "--report": "report.html", "--methods": "methods.md"}
    done = run("evaluate", table, *(part for pair in names.items() for part in pair), "--propose-from", "100%")
    assert done.exit_code == 0
    assert "Nothing was written" not in done.stdout
    assert "pack.csv: " in done.stdout
    assert next(row["RID"] for row in rows(place / "pack.csv")) in {"R2", "R3"}
    assert all(row["reason_code"] in {"930", "934"} and row["evidence"] for row in rows(place / "pack.csv"))
    assert "8 respondents" in (place / "methods.md").read_text(encoding="utf-8")
    assert "proposed for removal" in (place / "report.html").read_text(encoding="utf-8")


def test_responses_line_by_line_are_a_batch(batch: Path, place: Path) -> None:
    body = json.loads(batch.read_bytes())
    responses = "\n".join(json.dumps(each) for each in body.pop("responses"))
    (place / "headed.ndjson").write_text(f"{json.dumps(body)}\n{responses}\n", encoding="utf-8")
    (place / "bare.jsonl").write_text(responses, encoding="utf-8")
    results = []
    for source, options in ((batch, []), ("headed.ndjson", []), ("bare.jsonl", ["--survey-name", "survey"])):
        assert run("evaluate", source, "--output", "out.json", *options).exit_code == 0
        results.append(json.loads((place / "out.json").read_bytes())["results"])
    assert results[0] == results[1] == results[2]


def test_the_summary_says_what_was_found_and_shows_it(table: Path) -> None:
    done = run("evaluate", table, "--survey-name", "Coffee [bold]club[/bold]")
    assert done.exit_code == 0
    assert "Nothing was written. `-o judged.csv` writes it" in " ".join(done.stdout.split())
    for said in ("Coffee [bold]club[/bold]", "8 respondents", "14 answers", "2 questions", "Nonsensical", "R2 wrote"):
        assert said in " ".join(done.stdout.split())


def test_only_the_checks_that_are_wanted_run(table: Path, place: Path) -> None:
    for options, expected in (
        (("--checks", "low-effort,NONSENSICAL"), {"Low Effort", "Nonsensical"}),
        (("--checks", "Shared Duplicate"), {"Duplicate Answers"}),
        (("--mode", "Authenticity", "--checks", "low effort"), {"LLM Generated", "Duplicate Answers"}),
    ):
        assert run("evaluate", table, "--output", "out.json", *options).exit_code == 0
        items = json.loads((place / "out.json").read_bytes())["results"]["items"]
        found = {
            check["type"] for item in items for entry in item["evaluations"] for check in entry["qualityIssueChecks"]
        }
        assert found <= expected
        assert found


def test_an_answer_cannot_steer_the_terminal(place: Path) -> None:
    hostile = "asdf\x1b[2Jjkl \u202eqwer asdf\x07 [red]zxcv[/red]"
    entry = {"question": LIKED, "answer": hostile}
    body = {"surveyName": "\x1b[31mred", "responses": [{"responseIdentifier": "\x1b[5mR1", "surveyEntries": [entry]}]}
    (place / "batch.json").write_text(json.dumps(body), encoding="utf-8")
    done = run("evaluate", "batch.json")
    assert done.exit_code == 0
    assert not set(done.stdout) & {"\x1b", "\x07", "\u202e"}


@pytest.mark.parametrize(
    ("name", "content", "options", "said"),
    [
        ("missing.csv", None, [], "no file"),
        ("survey.docx", b"PK", [], "Save the survey as one of these"),
        ("survey.xlsx", b"id,Why?\n1,it was nice\n", [], "survey.xlsx is not an Excel workbook"),
        ("survey.csv", b"", [], "is empty"),
        ("survey.csv", b"id,Why?\n1,too bad, really\n2,it was nice\n", [], "row 2: has 3 cells"),
        ("survey.csv", b"id,age\n1,2\n", [], "--open-end"),
        ("survey.csv", b"id,Why?\n1,it was nice\n", ["--open-end", "Q9"], "no column 'Q9'"),
        ("survey.csv", b"id,Why?\n1,it was nice\n", ["--question", "Why?"], "COLUMN=WORDING"),
        ("survey.csv", b"id,Why?\n1,it was nice\n", ["--checks", "spelling"], "no check called 'spelling'"),
        ("survey.csv", b"id,Why?\n1,it was nice\n", ["--mode", "Both"], "Both"),
        ("survey.csv", b"id,Why?\n1,it was nice\n", ["--output", "survey.csv"], "never overwritten"),
        (
            "survey.csv",
            b"id,Why?\n1,it was nice\n",
            ["--output", "out.docx"],
            "writes .csv, .tsv, .xlsx, .sav, .parquet, .json",
        ),
        ("survey.csv", b"id,Why?\n1,it was nice\n", ["--output", "no/out.csv"], "make its folder first"),
        ("batch.json", b"{", [], "not valid JSON"),
        ("batch.json", b"[]", [], "must be an object"),
        ("batch.json", b'{"surveyName": "S", "responses": []}', [], "responses"),
        (
            "batch.json",
            b'{"responses": [{"surveyEntries": [{"question": "Q"}]}]}',
            [],
            "responses[0].surveyEntries[0].answer",
        ),
        ("batch.json", b'{"surveyName": "S"}', ["--open-end", "Q"], "about tables"),
        ("batch.json", b'{"surveyName": "S"}', ["--dry-run"], "about the columns of tables"),
        ("batch.ndjson", b'{"surveyEntries": []}\n', [], "--survey-name"),
        ("batch.ndjson", b'{"surveyName": "S"}\n[]\n', [], "line 2 is not a JSON object"),
        ("survey.csv", b"id,Why?\n1,it was nice\n", ["--column", "Why?"], "needs COLUMN=ROLE"),
        ("survey.csv", b"id,Why?\n1,it was nice\n", ["--column", "Why?=nonsense"], "The roles are: open-end"),
        ("survey.csv", b"id,Why?\n1,it was nice\n", ["--sheet", "Data"], "--sheet is about workbooks"),
        ("survey.csv", b"id,Why?\n1,it was nice\n", ["--report", "out.pdf"], "writes .html here"),
        ("survey.csv", b"id,Why?\n1,it was nice\n", ["--report", "a.html", "--propose-from", "0"], "--propose-from"),
        ("survey.csv", b"id,Why?\n1,it was nice\n", ["--methods", "a.md", "--reconciliation", "b.md"], ".xlsx, .csv"),
        ("survey.csv", b"id,Why?\n1,it was nice\n", ["-o", "a.csv", "--reconciliation", "a.csv"], "file of its own"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    place: Path, name: str, content: bytes | None, options: list[str], said: str
) -> None:
    if content is not None:
        (place / name).write_bytes(content)
    done = run("evaluate", name, *options)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert done.stdout == ""
    assert "Traceback" not in done.output
    assert sorted(path.name for path in place.iterdir()) == ([name] if content is not None else [])


def test_what_had_to_be_assumed_is_said(place: Path) -> None:
    (place / "survey.csv").write_bytes("id;Why?\n1;Le café était bon\n1;C'était très cher\n".encode("cp1252"))
    done = run("evaluate", "survey.csv")
    assert done.exit_code == 0
    assert "cp1252" in done.stderr
    assert "'id'" in done.stderr


def test_as_a_program_it_shows_no_progress_and_no_colour_in_a_pipe(table: Path) -> None:
    done = subprocess.run([*PROGRAM, "evaluate", table], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "8 respondents" in " ".join(done.stdout.split())
    assert "\x1b" not in done.stdout


@pytest.mark.slow
def test_a_reader_who_has_seen_enough_hears_no_complaint(table: Path) -> None:
    with subprocess.Popen([*PROGRAM, "evaluate", table], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout
        assert program.stderr
        program.stdout.close()
        assert program.stderr.read() == b""


def test_what_is_kept_is_there_later(table: Path, place: Path) -> None:
    assert run("evaluate", table, "--keep", "--output", "out.json").exit_code == 0
    service = Service.open(Settings.load())
    [job] = service.list_jobs(None).items
    service.close()
    assert job.batch_job_id == json.loads((place / "out.json").read_bytes())["batchJobId"]
    assert (job.survey_name, job.total) == ("survey", len(ANSWERS))


def test_keys_are_made_listed_and_revoked() -> None:
    assert "no keys" in run("keys", "list").stdout
    made = run("keys", "create", "laptop")
    key = made.stdout.strip()
    assert key.startswith("ek_")
    listed = run("keys", "list").stdout
    assert "laptop" in listed
    assert key not in listed
    key_id = key.split("_")[1]
    assert run("keys", "revoke", key_id).exit_code == 0
    unknown = run("keys", "revoke", "nobody")
    assert unknown.exit_code == 2
    assert unknown.stderr.startswith("Error: ")


def test_each_check_explains_itself() -> None:
    every = run("checks").stdout
    assert all(name in every for name in ("Nonsensical", "Irrelevant", "Low Effort", "LLM Generated"))
    one = run("checks", "low-effort").stdout
    assert all(
        title in one for title in ("What it finds", "How it decides", "What it gets wrong", "Reasons", "Example")
    )
    assert run("checks", "spelling").exit_code == 2


def test_the_doctor_finds_what_is_wrong(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # the folder of a test has a long name, which must not be broken
    monkeypatch.setenv("EARNEST_PORT", "1")
    monkeypatch.setenv("EARNEST_HOST", "192.0.2.1")  # an address of nobody (RFC 5737), so that nobody can listen on it
    monkeypatch.setenv("EARNEST_API_KEY", "a-secret-that-is-not-shown")
    monkeypatch.setenv("EARNEST_DATABASE_URL", f"sqlite:///{place}/missing/earnest.db")
    ill = run("doctor")
    assert ill.exit_code == 1
    assert "2 to mend" in ill.stdout
    assert "missing" in ill.stdout
    assert "a-secret" not in ill.stdout
    monkeypatch.setenv("EARNEST_PORT", "many")
    ill = run("doctor")
    assert ill.exit_code == 1
    assert "EARNEST_PORT" in ill.stdout


@pytest.mark.parametrize("written", [None, "port = ", "port = 0", "colour = 1"])
def test_the_doctor_finds_settings_that_cannot_be_read(
    place: Path, monkeypatch: pytest.MonkeyPatch, written: str | None
) -> None:
    if written is not None:
        (place / "mine.toml").write_text(written)
    monkeypatch.setenv("EARNEST_SETTINGS", "mine.toml")
    ill = run("doctor")
    assert (ill.exit_code, "1 to mend" in ill.stdout) == (1, True)


@pytest.mark.parametrize("command", [[], ["evaluate"], ["serve"], ["keys", "create"], ["checks"], ["doctor"]])
def test_every_command_has_help(command: list[str]) -> None:
    assert "Usage" in run(*command, "--help").stdout


@pytest.mark.slow
def test_serve_hands_out_a_first_key_judges_as_evaluate_does_and_stops_cleanly(batch: Path, place: Path) -> None:
    assert run("evaluate", batch, "--output", "here.json").exit_code == 0
    expected = msgspec.json.decode((place / "here.json").read_bytes(), type=DataQualityBatchResponse).results.items
    port = free_port()
    with subprocess.Popen(
        [*PROGRAM, "serve", "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as serving:
        assert serving.stdout
        assert serving.stderr
        said = (
            "".join(iter(serving.stdout.readline, "Try it:\n")) + serving.stdout.readline() + serving.stdout.readline()
        )
        key = re.search(r"^ +(ek_\S+)$", said, re.MULTILINE)
        assert key
        assert f"curl http://127.0.0.1:{port}/api/v1/data-quality -H 'X-Aftercare-Key: {key[1]}'" in said
        with Client(f"http://127.0.0.1:{port}", key[1], transport=httpx.HTTPTransport(retries=5)) as api:
            responses = json.loads(batch.read_bytes())["responses"]
            job = api.quality.evaluate_batch(responses, survey_name="survey")
            done = api.quality.wait_for_batch(job.batch_job_id, poll_seconds=0.1)
        assert done.results.items == expected
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(timeout=30) == 0
        assert serving.stderr.read() == ""


@pytest.mark.slow
def test_serve_says_when_somebody_else_has_the_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", "--port", taken.getsockname()[1])
    assert done.exit_code == 2
    assert "--port" in done.stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
