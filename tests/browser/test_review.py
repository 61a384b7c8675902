"""Review as a coder does it: by keyboard, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.api.reviewed import PASSWORD, add_people, judge_survey
from tests.browser.serving import Desk, serving

from earnest.service import Service
from earnest.settings import Settings

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    path = tmp_path_factory.mktemp("review") / "earnest.db"
    service = Service.open(Settings(database_url=f"sqlite:///{path}", sign_in="always"))
    add_people(service)
    with serving(service) as desk:
        yield desk


@pytest.fixture
def job(desk: Desk) -> str:
    return judge_survey(desk.service, 8)


def enter(page: Page, desk: Desk, name: str, path: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{desk.address}/sign-in?next={path}")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{desk.address}{path}*")


def shown(page: Page, name: str) -> None:
    expect(page.locator("h1")).to_have_text(name)


def rulings(desk: Desk, job: str, coder: str) -> dict[int, str]:
    current = desk.service.decisions.current("default", job)
    return {position: by[coder].ruling.value for position, by in current.items() if coder in by}


def test_a_survey_is_reviewed_by_keyboard_only(page: Page, desk: Desk, job: str) -> None:
    enter(page, desk, "coder-a", f"/desk/{job}/review")
    page.keyboard.press("j")
    page.wait_for_url("**/review/0?*")  # loaded: its keys are listened to
    shown(page, "R_0")
    page.keyboard.press("r")
    shown(page, "R_1")
    expect(page.locator("#said")).to_have_text("R_0: remove. R_1")
    expect(page.locator("h1")).to_be_focused()
    page.keyboard.press("k")
    shown(page, "R_2")
    page.keyboard.press("/")
    page.keyboard.type("keep r or u in a note are letters")
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    shown(page, "R_4")
    page.keyboard.press("p")
    shown(page, "R_2")
    expect(page.get_by_text("keep r or u in a note are letters")).to_be_visible()
    assert rulings(desk, job, "coder-a") == {0: "remove", 1: "keep", 2: "unsure"}
    page.keyboard.press("z")
    expect(page.locator("#said")).to_have_text("Undone. R_2")
    assert rulings(desk, job, "coder-a") == {0: "remove", 1: "keep"}
    page.keyboard.press("z")
    shown(page, "R_1")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("k")
    page.keyboard.press("Escape")
    assert rulings(desk, job, "coder-a") == {0: "remove"}


def test_going_back_asks_the_server_and_keeps_no_answers(page: Page, desk: Desk, job: str) -> None:
    enter(page, desk, "coder-a", f"/desk/{job}/review/0")
    page.keyboard.press("n")
    shown(page, "R_1")
    assert page.url.split("?")[0].endswith("/review/1")
    page.go_back()
    shown(page, "R_0")
    assert "refreshing" not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")


def test_the_matched_answer_comes_by_itself(page: Page, desk: Desk, job: str) -> None:
    enter(page, desk, "coder-a", f"/desk/{job}/review/0")
    expect(page.locator("#copies-1 figcaption a")).to_have_text("R_1")
    expect(page.locator("#copies-1 mark.m-common").first).to_be_visible()


def test_the_replay_moves_and_can_be_led(page: Page, desk: Desk, job: str) -> None:
    enter(page, desk, "coder-a", f"/desk/{job}/review/2")
    page.get_by_role("link", name="Replay the typing").click()
    text, scrub = page.locator("[data-text]"), page.get_by_label("Moment of the replay")
    page.get_by_label("Speed").select_option("16")
    expect(page.get_by_role("button", name="Play again")).to_be_visible()
    expect(text).to_have_text("Well. As an AI language model I do not taste, but people often praise it")
    expect(text.locator("mark.m-pasted")).to_have_count(1)
    scrub.fill("0")
    expect(text).to_have_text("W")
    page.get_by_role("button", name="Play").click()
    expect(text).to_contain_text("praise it")


def test_nothing_moves_for_those_who_asked_for_stillness(page: Page, desk: Desk, job: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    enter(page, desk, "coder-a", f"/desk/{job}/review/4/replay/1")
    expect(page.get_by_role("button", name="Play again")).to_be_visible()
    expect(page.locator("[data-text]")).to_have_text("xxxxxxxxxx")


def test_mark_up_in_an_answer_does_nothing(page: Page, desk: Desk, job: str) -> None:
    enter(page, desk, "coder-a", f"/desk/{job}/review/3")
    expect(page.locator("#answer-1 .verbatim")).to_contain_text("<b>bold</b> & so on")
    assert "broken in" not in page.title()


def test_two_coders_agree_and_the_rest_is_settled(page: Page, desk: Desk, job: str) -> None:
    for name, keys in (("coder-a", "rrrkkkkk"), ("coder-b", "rrkkkkkk")):
        enter(page, desk, name, f"/desk/{job}/review/0?order=submitted")
        for i, key in enumerate(keys):
            shown(page, f"R_{i}")
            page.keyboard.press(key)
        shown(page, "Review")
    enter(page, desk, "chief", f"/desk/{job}/coders")
    expect(page.get_by_text("They agree on 7 of 8")).to_be_visible()
    expect(page.get_by_text("κ 0.71")).to_be_visible()
    page.get_by_label("Reason").fill("read twice")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("1 in all, 0 without a final decision.")).to_be_visible()
    assert desk.service.decisions.current("default", job)[2]["chief"].is_final


def test_without_scripts_forms_still_work(page: Page, desk: Desk, job: str) -> None:
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    enter(plain, desk, "coder-a", f"/desk/{job}/review/0")
    plain.get_by_role("button", name="Remove").click()
    shown(plain, "R_1")
    plain.get_by_role("button", name="Undo").click()
    shown(plain, "R_0")
    context.close()
