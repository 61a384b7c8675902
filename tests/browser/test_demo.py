"""The demo page, end to end: real keys in a real browser, the real server, the real model, the right evidence."""

import random
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from benchmarks.typing_simulators import composed
from playwright.sync_api import Page, expect

from earnest.survey import KeyStroke

pytestmark = pytest.mark.browser

HUMAN = (
    "honestly it was a bit of a rush, I'd missed my bus so grabbed one from the kiosk by the station. tasted burnt but"
    " at least it was hot and the lady was nice about me paying in coins"
)


def press(page: Page, strokes: list[KeyStroke]) -> None:
    """Press keys at the times of a log, without waiting for them: browsers let input devices tell the time."""
    keyboard = page.context.new_cdp_session(page)
    origin = time.time() + 0.1 - strokes[0].down_ms / 1000
    changes = [(s.down_ms, True, s) for s in strokes] + [(s.down_ms + s.hold_ms, False, s) for s in strokes]
    for at_ms, is_down, stroke in sorted(changes, key=lambda change: change[0]):
        kind = {"type": "keyDown" if is_down else "keyUp", "key": stroke.key, "code": stroke.code}
        if is_down and len(stroke.key) == 1:
            kind["text"] = stroke.key
        number = {"Backspace": 8}.get(stroke.key, 0)
        keyboard.send(
            "Input.dispatchKeyEvent", kind | {"timestamp": origin + at_ms / 1000, "windowsVirtualKeyCode": number}
        )


def type_like_a_person(page: Page) -> None:
    press(page, list(composed("", HUMAN.lower(), random.Random(5)).key_events or ()))


def type_like_a_script(page: Page) -> None:
    press(page, [KeyStroke(c, i * 60.0, 20, f"Key{c.upper()}") for i, c in enumerate(HUMAN.lower())])


def paste(page: Page) -> None:
    page.evaluate("text => { document.body.append(document.createElement('pre')); }", "")
    page.locator("pre").last.evaluate(
        "(pre, text) => { pre.textContent = text; getSelection().selectAllChildren(pre) }", HUMAN
    )
    page.keyboard.press("Control+c")
    page.click("#morning")
    page.keyboard.press("Control+v")


def set_value(page: Page) -> None:
    page.evaluate("text => document.querySelector('#morning').value = text", HUMAN)


def feign_keys(page: Page) -> None:
    page.evaluate(
        """text => {
            const field = document.querySelector("#morning");
            for (const key of text) {
                field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
                field.value += key;
                field.dispatchEvent(new InputEvent("input", { data: key, inputType: "insertText", bubbles: true }));
                field.dispatchEvent(new KeyboardEvent("keyup", { key, bubbles: true, composed: true }));
            }
        }""",
        HUMAN,
    )


def judged(page: Page) -> dict[str, Any]:
    """What the page was told of the answer's origin; it shows the same."""
    with page.expect_response("**/demo") as answered:
        page.get_by_role("button", name="Judge my answers").click()
    checks = {each["type"]: each for each in answered.value.json()["evaluations"][0]["qualityIssueChecks"]}
    finding: dict[str, Any] = checks["LLM Generated"]
    expect(page.locator("#outcome")).to_contain_text("Quality")
    expect(page.locator(".verdict[data-of=morning]")).to_contain_text(finding["evidence"])
    return finding


@pytest.mark.parametrize(
    ("answer", "is_issue", "evidence"),
    [
        (type_like_a_person, False, "The keys show it being composed"),
        (paste, True, "characters were pasted in one go"),
        (lambda page: page.keyboard.insert_text(HUMAN), False, "came in by dictation, suggestions or an input method"),
        (set_value, True, "A script put "),
        (feign_keys, True, "feigned"),
        (type_like_a_script, True, "more evenly than people type"),
    ],
    ids=["typed", "pasted", "dictated", "filled by a script", "feigned keys", "typed by a script"],
)
def test_how_an_answer_came_about_leads_to_the_right_evidence(
    page: Page, server: str, answer: Callable[[Page], None], is_issue: bool, evidence: str
) -> None:
    page.goto(f"{server}/demo")
    page.click("#morning")
    answer(page)
    finding = judged(page)
    assert evidence in finding["evidence"]
    assert finding["isIssue"] == is_issue


def test_timing_only_is_enough_to_tell_a_person_from_a_paste(page: Page, server: str) -> None:
    page.goto(f"{server}/demo")
    page.check("#timing")
    page.click("#morning")
    type_like_a_person(page)
    assert "composed" in judged(page)["evidence"]
    page.fill("#morning", "")
    page.uncheck("#timing")
    page.check("#timing")
    paste(page)
    page.wait_for_timeout(100)
    finding = judged(page)
    assert "were pasted in one go" in finding["evidence"]
    assert finding["isIssue"]


def test_an_answer_that_obeys_the_hidden_instruction_is_a_machine_s(page: Page, server: str) -> None:
    page.goto(f"{server}/demo")
    hidden = page.locator("label[for=morning] [aria-hidden=true]").inner_text()
    phrase = hidden.split('"')[1]
    page.click("#morning")
    page.keyboard.insert_text(f"It was as good as a {phrase} could be.")
    finding = judged(page)
    assert finding["isIssue"]
    assert phrase in finding["evidence"]


def test_the_page_may_be_asked_from_here_only_and_the_script_from_everywhere(server: str) -> None:
    assert httpx.get(f"{server}/demo", headers={"Host": "earnest.example.com"}).status_code == 404
    body = {"surveyEntries": [{"question": "Why?", "answer": "Because"}]}
    assert httpx.post(f"{server}/demo", json=body).status_code == 200
    assert httpx.post(f"{server}/demo", json=body, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 404
    assert httpx.post(f"{server}/demo", json={"surveyEntries": []}).status_code == 400
    script = httpx.get(f"{server}/capture.js", headers={"Host": "earnest.example.com"})
    assert script.status_code == 200
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert script.headers["content-type"].startswith("text/javascript")
