"""The console in a real browser: the example survey from its button to its numbers, thresholds, questions, copies."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.api.reviewed import judge_survey
from tests.browser.serving import Desk, serving
from tests.lacking import lacking

from earnest.findings import CheckName
from earnest.service import Service
from earnest.settings import Settings

pytestmark = pytest.mark.browser

JUDGED_WITHIN_MS = 240_000
AXE = Path(__file__).parents[2] / "browser" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = "axe.run().then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => v.id))"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    path = tmp_path_factory.mktemp("console") / "earnest.db"
    service = Service.open(Settings(database_url=f"sqlite:///{path}"))
    service.start_worker()
    with serving(service) as desk:
        yield desk


@pytest.fixture(scope="module")
def example(desk: Desk, chromium: Browser) -> str:
    """The address of the example survey, judged; begun by its button, and waited for on its page."""
    page = chromium.new_page()
    page.goto(desk.address)
    expect(page.get_by_role("heading", name="Which answers were given in earnest?")).to_be_visible()
    page.get_by_role("button", name="Try the example survey").click()
    expect(page.locator("h1")).to_have_text("Coffee at home (example)")
    expect(page.locator("#progress.going")).to_be_visible()
    page.get_by_text("The worst answers, and why").wait_for(timeout=JUDGED_WITHIN_MS)
    expect(page.locator("#progress.going")).to_have_count(0, timeout=JUDGED_WITHIN_MS)  # it has loaded itself anew
    address = page.url
    page.close()
    return address


def gone(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator("#outcome [role=status]").inner_text()))


def test_a_glance_fetches_where_respondents_come_from(page: Page, example: str) -> None:
    page.goto(example)
    expect(page.get_by_role("heading", name="By supplier")).to_be_visible()
    expect(page.get_by_role("heading", name="By day")).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("301")


def test_thresholds_are_moved_by_keyboard_and_the_numbers_follow(page: Page, example: str) -> None:
    page.goto(f"{example}/what-if")
    before = gone(page)
    shares = page.locator("#closed table").first
    expect(shares).to_be_visible()
    field = page.get_by_label("Low Effort", exact=True)
    field.fill("20")
    expect(page.get_by_label("Low Effort, slider")).to_have_value("20")
    slider = page.get_by_label("Share, slider")
    slider.focus()
    for _ in range(25):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_label("Per cent")).to_have_value("25")
    expect(page).to_have_url(re.compile(r"low-effort=20.*share=25"))
    expect(page.locator("#outcome [role=status]")).not_to_have_text(re.compile(rf"^{before}\D"))
    assert gone(page) > before
    expect(slider).to_be_focused()
    expect(page.locator("#closed")).to_contain_text(f"{301 - gone(page)} stay")
    with page.expect_download() as download:
        page.get_by_role("link", name="Write these thresholds to a settings file").click()
    assert Settings.load({}, path=download.value.path()).thresholds == {CheckName.LOW_EFFORT: 20}


def test_a_question_shows_what_is_typical(page: Page, example: str) -> None:
    page.goto(f"{example}/questions")
    page.locator(".questions a").first.click()
    expect(page.get_by_role("heading", name="Most typical")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("heading", name="How long the answers are")).to_be_visible()


def test_copies_are_drawn_and_lead_to_the_respondent(page: Page, example: str) -> None:
    page.goto(f"{example}/copies")
    farm = page.locator(".farm").first
    expect(farm.locator("circle")).to_have_count(8)
    name = farm.get_by_role("link").first.inner_text()
    farm.get_by_role("link").first.click()
    expect(page.locator("h1")).to_have_text(name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("part", ["", "/what-if", "/questions", "/questions/0", "/copies"])
def test_no_serious_fault_is_found_by_axe(chromium: Browser, example: str, part: str, scheme: str) -> None:
    if not AXE.is_file():
        lacking("axe-core is not there: run npm ci in browser/.")
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(example + part)
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(SERIOUS) == []
    context.close()


@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize("part", ["", "/what-if", "/questions/0", "/copies"])
def test_no_page_is_wider_than_the_screen(page: Page, example: str, part: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(example + part)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_list_stops_asking_once_nothing_runs(page: Page, desk: Desk, example: str) -> None:
    judge_survey(desk.service, 8)
    page.goto(f"{desk.address}/desk")
    expect(page.locator("#surveys")).not_to_have_attribute("hx-trigger", "every 2s")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2_500)
    assert asked == []
