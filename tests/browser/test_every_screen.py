"""Every screen, empty and with a small survey: readable in light and dark, and never wider than the window."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.api.reviewed import add_people, respondent
from tests.api.test_desk_glance import table_of
from tests.browser.serving import serving
from tests.files.exports import qualtrics, save_csv
from tests.jobs.tiny import tiny_evaluator
from tests.lacking import lacking

from earnest.findings import CheckName
from earnest.review.decisions import Ruling
from earnest.service import Batch, Service
from earnest.settings import Settings
from earnest.survey import Survey

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "browser" / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (390, 1280, 1920)
FAULTS = """rules => axe.run(rules.length ? {runOnly: rules} : {resultTypes: ['violations']}).then(run => run.violations
    .filter(each => ['serious', 'critical'].includes(each.impact))
    .map(each => each.id + ': ' + each.nodes.map(node => node.target.join(' ')).join(', ')))"""
IS_WHOLE = "() => !document.querySelector('[hx-trigger^=load]')"
"""Whatever a page fetches once it is there has taken the place of what fetched it."""
OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""The rules whose outcome the colour scheme can change."""
OF_WIDTH = ["scrollable-region-focusable"]
"""The rule whose outcome the width can change."""

WITHOUT_SURVEY = ["/sign-in", "/desk", "/desk/upload", "/desk/operator", "/demo", "/docs"]
OF_A_SURVEY = ["", "/what-if", "/review", "/review/all", "/questions", "/copies", "/coders", "/export"]
OF_A_JUDGED_SURVEY = ["/questions/0", "/review/0", "/review/2/replay/1", "/review/3", "/review/5"]


def opened(folder: Path) -> Service:
    return Service.open(Settings(database_url=f"sqlite:///{folder / 'earnest.db'}"), evaluator=tiny_evaluator())


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An installation that nobody has used yet."""
    with serving(opened(tmp_path_factory.mktemp("empty"))) as desk:
        yield desk.address


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A survey of which nobody is judged yet."""
    service = opened(tmp_path_factory.mktemp("begun"))
    batch = Batch(survey=Survey(name="Begun"), respondents=[respondent(1)], wanted=frozenset(CheckName))
    job = service.submit("default", batch)
    with serving(service) as desk:
        yield f"{desk.address}/desk/{job}"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """A judged table about which two coders disagree, a file that waits, people and a key; a server, a job, a file."""
    folder = tmp_path_factory.mktemp("small")
    service = opened(folder)
    add_people(service)
    service.create_key("panel")
    job = table_of(service, folder, 8)
    for coder, removed in (("coder-a", [0, 1]), ("coder-b", [0])):
        kept = [position for position in range(4) if position not in removed]
        service.decisions.decide("default", job, removed, coder=coder, ruling=Ruling.REMOVE, reason="934")
        service.decisions.decide("default", job, kept, coder=coder, ruling=Ruling.KEEP, note="It is to the point.")
    file = service.uploads.keep("default", "wave 1.csv", [save_csv(folder / "w.csv", qualtrics()).read_bytes()])
    with serving(service) as desk:
        yield desk.address, job, file.id


@pytest.fixture(scope="module")
def screen(chromium: Browser) -> Iterator[Page]:
    """One page for all: the content security policy is off, or axe could not be put into it."""
    if not AXE.is_file():
        lacking("axe-core is not there: run npm ci in browser/.")
    context = chromium.new_context(bypass_csp=True, reduced_motion="reduce")
    context.add_init_script(path=AXE)
    yield context.new_page()
    context.close()


def faults_of(screen: Page, address: str) -> list[str]:
    """What would keep somebody from reading a page."""
    screen.emulate_media(color_scheme="light")
    screen.set_viewport_size({"width": WIDTHS[1], "height": 900})
    response = screen.goto(address)
    assert response is not None
    assert response.ok, address
    screen.wait_for_function(IS_WHOLE)
    faults = list(screen.evaluate(FAULTS, []))
    screen.emulate_media(color_scheme="dark")
    faults += [f"in dark: {fault}" for fault in screen.evaluate(FAULTS, OF_COLOUR)]
    for width in WIDTHS:
        screen.set_viewport_size({"width": width, "height": 900})
        needed = screen.evaluate("document.documentElement.scrollWidth")
        if needed > screen.evaluate("innerWidth"):
            faults.append(f"{needed} pixels wide in a window of {width}")
        if width == min(WIDTHS):
            faults += [f"on a phone: {fault}" for fault in screen.evaluate(FAULTS, OF_WIDTH)]
    return faults


@pytest.mark.parametrize("path", WITHOUT_SURVEY)
def test_an_empty_installation(screen: Page, empty: str, path: str) -> None:
    assert faults_of(screen, empty + path) == []


@pytest.mark.parametrize("path", OF_A_SURVEY)
def test_a_survey_of_which_nobody_is_judged(screen: Page, begun: str, path: str) -> None:
    assert faults_of(screen, begun + path) == []


@pytest.mark.parametrize("path", OF_A_SURVEY + OF_A_JUDGED_SURVEY)
def test_a_small_survey(screen: Page, small: tuple[str, str, str], path: str) -> None:
    address, job, _ = small
    assert faults_of(screen, f"{address}/desk/{job}{path}") == []


@pytest.mark.parametrize("path", ["", "/upload", "/upload/{file}", "/operator"])
def test_what_is_around_a_small_survey(screen: Page, small: tuple[str, str, str], path: str) -> None:
    address, _, file = small
    assert faults_of(screen, f"{address}/desk{path.format(file=file)}") == []


def test_no_screen_breaks_its_own_content_security_policy(chromium: Browser, small: tuple[str, str, str]) -> None:
    address, job, file = small
    paths = [
        *WITHOUT_SURVEY,
        f"/desk/upload/{file}",
        *(f"/desk/{job}{path}" for path in OF_A_SURVEY + OF_A_JUDGED_SURVEY),
    ]
    said: list[str] = []
    context = chromium.new_context()
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in paths:
        page.goto(address + path)
        expect(page.locator("[hx-trigger^=load]")).to_have_count(0)
    assert said == []
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'broken = 1'}))")
    assert "Content Security Policy" in " ".join(said)
    context.close()
