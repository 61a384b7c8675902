"""A survey file dropped, judged, decided about and exported, in a real browser; and the operator's page in it."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.api.reviewed import PASSWORD, add_people
from tests.api.test_desk_uploads import BATCH, a_table
from tests.browser.serving import Desk, serving
from tests.browser.test_review import enter
from tests.files.exports import qualtrics, save_csv, survey_monkey
from tests.jobs.tiny import tiny_evaluator

from earnest.files.formats import open_cells
from earnest.review.decisions import Ruling
from earnest.service import Service
from earnest.settings import Settings

pytestmark = pytest.mark.browser

PATIENCE_S = 30
DROP = """([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    const form = document.getElementById("upload");
    form.dispatchEvent(new DragEvent("dragover", {dataTransfer: data, bubbles: true, cancelable: true}));
    form.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    path = tmp_path_factory.mktemp("upload") / "earnest.db"
    settings = Settings(database_url=f"sqlite:///{path}", sign_in="always", max_body_mb=1)
    service = Service.open(settings, evaluator=tiny_evaluator())
    service.start_worker()
    add_people(service)
    with serving(service) as desk:
        yield desk


def wait_for(desk: Desk, job: str) -> None:
    """Wait until a survey is judged."""
    deadline = time.monotonic() + PATIENCE_S
    while not desk.service.job("default", job).status.is_final:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_drop_choose_judge_export(page: Page, desk: Desk, tmp_path: Path) -> None:
    rows = qualtrics()
    text = save_csv(tmp_path / "wave.csv", rows).read_text(encoding="utf-8")
    enter(page, desk, "chief", "/desk/upload")
    page.evaluate(DROP, ["wave 1.csv", text])
    page.wait_for_url(f"{desk.address}/desk/upload/*")
    expect(page.locator("h1")).to_have_text("wave 1.csv")
    open_end = page.locator("tr.open-end select").first
    expect(open_end).to_have_value("open-end")
    page.get_by_label("Name of the survey").fill("Wave 1")
    page.get_by_role("button", name="Judge").click()
    page.wait_for_url(lambda url: "/upload" not in url)
    job = page.url.rpartition("/")[2]
    wait_for(desk, job)
    desk.service.decisions.decide("default", job, [0], coder="chief", ruling=Ruling.REMOVE, reason="934")
    page.goto(f"{desk.address}/desk/{job}/export")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    path = tmp_path / "out.csv"
    waiting.value.save_as(path)
    assert waiting.value.suggested_filename == "Wave 1-reviewed.csv"
    out = [record.cells for record in open_cells(path).records()]
    assert [list(row[: len(rows[0])]) for row in out] == rows
    assert sum("remove" in row and "934" in row for row in out) == 1


def as_csv(rows: list[list[str]]) -> Callable[[Path], bytes]:
    return lambda folder: save_csv(folder / "rows.csv", rows).read_bytes()


def as_table(suffix: str) -> Callable[[Path], bytes]:
    return lambda folder: a_table(folder, suffix)


def as_json(*lines: object) -> Callable[[Path], bytes]:
    return lambda _: "\n".join(map(json.dumps, lines)).encode()


KINDS = [
    ("plain.csv", as_table(".csv"), "CSV"),
    ("plain.tsv", as_table(".tsv"), "CSV"),
    ("plain.xlsx", as_table(".xlsx"), "Excel"),
    ("plain.sav", as_table(".sav"), "SPSS"),
    ("plain.parquet", as_table(".parquet"), "Parquet"),
    ("qualtrics.csv", as_csv(qualtrics()), "Excel"),
    ("survey monkey.csv", as_csv(survey_monkey()), "CSV"),
    ("batch.json", as_json(BATCH), "JSON"),
    ("batch.ndjson", as_json({"surveyName": "From JSON"}, *BATCH["responses"]), "JSON"),
]


def removed(path: Path) -> list[str]:
    """The cells of all who are to be removed according to an exported table, or their names according to JSON."""
    if path.suffix == ".json":
        decisions = json.loads(path.read_text(encoding="utf-8"))["decisions"]
        return [name for name, decision in decisions.items() if decision["ruling"] == "remove"]
    rows = [list(record.cells) for record in open_cells(path).records()]
    return [cell for row in rows if "remove" in row for cell in row]


@pytest.mark.parametrize(("name", "made", "wanted"), KINDS, ids=[name for name, *_ in KINDS])
def test_each_kind_of_file_is_judged_decided_about_by_keyboard_and_exported(
    page: Page, desk: Desk, tmp_path: Path, name: str, made: Callable[[Path], bytes], wanted: str
) -> None:
    enter(page, desk, "chief", "/desk/upload")
    page.get_by_label("Choose a survey file").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": made(tmp_path)}
    )
    page.wait_for_url("**/desk/upload/*")
    page.get_by_role("button", name="Judge").press("Enter")
    page.wait_for_url(lambda url: "/upload" not in url)
    wait_for(desk, page.url.rpartition("/")[2])
    page.get_by_role("link", name="Review", exact=True).press("Enter")
    page.wait_for_url("**/review")  # loaded: its keys are listened to
    page.keyboard.press("j")
    page.wait_for_url("**/review/*?*")
    respondent = page.locator("h1").inner_text()
    page.keyboard.press("r")
    expect(page.locator("#said")).to_contain_text(f"{respondent}: remove.")
    page.get_by_role("link", name="the whole queue").press("Enter")
    page.get_by_role("link", name="Export", exact=True).press("Enter")
    with page.expect_download() as waiting:
        page.get_by_role("link", name=wanted, exact=True).press("Enter")
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    cells = removed(path)
    assert cells.count(respondent) == 1
    assert sum("remove" in cell for cell in cells) <= 1


def test_one_clear_error(page: Page, desk: Desk) -> None:
    enter(page, desk, "chief", "/desk/upload")
    page.evaluate(DROP, ["large.csv", "x" * 1_200_000])
    expect(page.get_by_role("alert")).to_contain_text("accepts 1 MB")
    expect(page.get_by_role("button", name="Upload")).to_be_enabled()


def test_without_a_script_it_is_a_form(page: Page, desk: Desk) -> None:
    page.route("**/upload.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    enter(page, desk, "chief", "/desk/upload")
    page.get_by_label("Choose a survey file").set_input_files(
        {"name": "plain.csv", "mimeType": "text/csv", "buffer": b"id,q\n1,I like it very much\n2,So do I my friend\n"}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("h1")).to_have_text("plain.csv")


def test_the_operator_makes_a_key(page: Page, desk: Desk) -> None:
    enter(page, desk, "chief", "/desk/operator")
    page.get_by_label("What it is for").fill("panel")
    page.get_by_role("button", name="Make the key").click()
    key = page.locator(".once code").inner_text()
    assert desk.service.tenant_of(key) == "default"
    expect(page.get_by_role("button", name="Revoke panel")).to_be_visible()


def test_password_is_needed(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.address}/desk/operator")
    expect(page.get_by_label("Password")).to_be_visible()
    assert PASSWORD not in page.content()
