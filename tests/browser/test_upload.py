"""A survey file dropped, judged, decided about and exported, in a real browser; and the operator's page in it."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
import uvicorn
from playwright.sync_api import Page, expect
from tests.api.reviewed import PASSWORD, add_people
from tests.browser.test_review import Desk, enter
from tests.files.exports import qualtrics, save_csv
from tests.jobs.tiny import tiny_evaluator

from earnest.api.app import create_app
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
    server = uvicorn.Server(uvicorn.Config(create_app(service), port=0, log_config=None))
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Desk(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", service)
    server.should_exit = True
    thread.join()
    service.close()


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
    deadline = time.monotonic() + PATIENCE_S
    while not desk.service.job("default", job).status.is_final:
        assert time.monotonic() < deadline
        time.sleep(0.05)
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
