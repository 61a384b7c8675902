"""The recipes of docs/how-to run as they stand there, in the real thing where it is free, else in its markup."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct
from playwright.sync_api import Page
from tests.lacking import lacking

from earnest.survey import Capture, KeyStroke, Paste

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / "browser" / "node_modules"
ADDRESS = "https://earnest.example.com/capture.js"
TYPED = "It was cheap"


class Log(Struct, forbid_unknown_fields=True, rename="camel"):
    """What a recipe keeps beside an answer."""

    key_events: tuple[KeyStroke, ...]
    paste_events: tuple[Paste, ...]
    capture: Capture
    honeypot_phrase: str | None = None


@pytest.fixture
def survey(page: Page, script: Path) -> Page:
    """A page in which the address of the recipes leads to the script."""
    page.route(ADDRESS, lambda route: route.fulfill(path=script, content_type="text/javascript"))
    return page


def code(recipe: str, language: str) -> list[str]:
    text = (ROOT / "docs" / "how-to" / f"{recipe}.md").read_text(encoding="utf-8")
    blocks = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [re.sub(f"^{indent}", "", block, flags=re.MULTILINE) for indent, block in blocks]


def package(name: str) -> Path:
    if not (PACKAGES / name).exists():
        lacking(f"{name} is not there; `npm ci` in browser/ brings it.")
    return PACKAGES / name


def type_in(page: Page, selector: str = "textarea") -> None:
    page.locator(selector).first.click()
    page.keyboard.type(TYPED)


def read(kept: str | None, *, has_honeypot: bool) -> Log:
    """A log that says how it was typed."""
    log = msgspec.json.decode(kept or "", type=Log)
    assert "".join(stroke.key for stroke in log.key_events if stroke.key != "Shift") == TYPED
    assert log.capture == Capture()
    assert bool(log.honeypot_phrase) == has_honeypot
    return log


def sent(page: Page) -> dict[str, str]:
    """What the form sends when it is submitted."""
    page.evaluate(
        """document.querySelector("form").addEventListener("submit", (event) => {
            event.preventDefault();
            window.sent = Object.fromEntries(new FormData(event.target));
        })"""
    )
    page.locator("button").click()
    values: dict[str, str] = page.evaluate("window.sent")
    return values


def test_plain_html(survey: Page) -> None:
    [html] = code("capture", "html")
    survey.set_content(html)
    type_in(survey)
    values = sent(survey)
    assert values["why"] == TYPED
    read(values["why__log"], has_honeypot=True)


def test_qualtrics(survey: Page) -> None:
    """Its question API as published: addOnReady, addOnPageSubmit, the containers, setJSEmbeddedData."""
    [header] = code("capture-qualtrics", "html")
    [question] = code("capture-qualtrics", "javascript")
    survey.set_content(
        f"""{header}<div id="QID1" class="QuestionOuter"><div class="QuestionText">Why did you choose us?</div>
        <textarea id="QR~QID1" name="QR~QID1~TEXT" class="InputText"></textarea></div>
        <script>
            const ready = [], submit = [], kept = {{}};
            window.Qualtrics = {{ SurveyEngine: {{
                addOnReady: (f) => ready.push(f), addOnPageSubmit: (f) => submit.push(f),
                setJSEmbeddedData: (name, value) => (kept["__js_" + name] = value),
            }} }};
        </script><script>{question}</script>
        <script>
            const container = document.querySelector("#QID1");
            ready.forEach((f) => f.call({{
                questionId: "QID1", getQuestionContainer: () => container,
                getQuestionTextContainer: () => container.querySelector(".QuestionText"),
            }}));
        </script>"""
    )
    type_in(survey)
    survey.evaluate("submit.forEach((f) => f('next'))")
    read(survey.evaluate("kept['__js_Q1__log']"), has_honeypot=True)


def test_qualtrics_limit_is_kept_to(survey: Page) -> None:
    """Its help says that embedded data are cut off at 15,000 characters."""
    survey.set_content(f"<textarea data-earnest=Q1></textarea><script src='{ADDRESS}'></script>")
    [question] = code("capture-qualtrics", "javascript")
    [limit] = re.findall(r"limit: (\d+)", question)
    survey.evaluate(f"window.capture = Earnest.capture({{ limit: {limit} }})")
    survey.click("textarea")
    survey.keyboard.type("“Quoted”, and more of it. " * 10)
    survey.evaluate("window.began = performance.now()")
    survey.keyboard.type("abcdefghij " * 50)
    kept = survey.evaluate("JSON.stringify(capture.log('Q1'))")
    assert len(kept) < 15_000
    assert msgspec.json.decode(kept, type=Log).capture.dropped > 0


def test_decipher(survey: Page) -> None:
    """Its styles after a question, the second of which runs when the page is ready; its classes and ids."""
    [xml] = code("capture-decipher", "xml")
    load, run = re.findall(r"<!\[CDATA\[(.*?)\]\]>", xml, re.DOTALL)
    assert "${" not in run  # its own expressions
    survey.set_content(
        f"""<form><div class="question textarea label_Q1" id="question_Q1"><h1 class="question-text">Why?</h1>
        <textarea name="ans1.0.0"></textarea></div>{load}
        <div class="question textarea label_Q1__log" id="question_Q1__log"><textarea name="ans2.0.0"></textarea></div>
        <button>Continue</button></form><script>{{ {run} }}</script>"""
    )
    assert not survey.locator("#question_Q1__log").is_visible()
    type_in(survey)
    read(sent(survey)["ans2.0.0"], has_honeypot=True)


def test_limesurvey(survey: Page) -> None:
    """Its markup of a long free text, its class of a question, its way with braces."""
    [html] = code("capture-limesurvey", "html")
    assert re.findall(r"\{(?![\s])[^}]*\}", html) == ["{SGQ}", "{SGQ}"]
    html = html.replace("{SGQ}", "745X35X5")
    survey.set_content(
        f"""<form id="limesurvey" method="post"><div id="question5" class="text-long question-container">
        <script>window.$ = (f) => document.addEventListener("DOMContentLoaded", f)</script>
        <div id="ls-question-text-745X35X5">Why? {html}</div>
        <textarea class="form-control" name="745X35X5" id="answer745X35X5"
            aria-labelledby="ls-question-text-745X35X5"></textarea></div>
        <div id="question6" class="text-long question-container earnest-log">
        <textarea name="745X35X6" id="answer745X35X6"></textarea></div><button>Next</button></form>"""
    )
    assert not survey.locator("#question6").is_visible()
    type_in(survey)
    values = sent(survey)
    assert values["745X35X5"] == TYPED
    read(values["745X35X6"], has_honeypot=False)


def test_surveyjs(page: Page, script: Path) -> None:
    core, ui = package("survey-core"), package("survey-js-ui")
    [recipe] = code("capture-surveyjs", "javascript")
    page.set_content("<div id='survey'></div>")
    for path in (core / "survey.core.min.js", ui / "survey-js-ui.min.js", script):
        page.add_script_tag(path=path)
    page.add_script_tag(content=recipe.replace("const survey", "window.survey", 1))
    type_in(page)
    page.locator(".sd-navigation__complete-btn").click()
    data: dict[str, Any] = page.evaluate("survey.data")
    assert data["why"] == TYPED
    read(data["why__log"], has_honeypot=False)


def test_jspsych(page: Page, script: Path) -> None:
    core, plugin = package("jspsych"), package("@jspsych/plugin-survey-text")
    [recipe] = code("capture-jspsych", "javascript")
    page.set_content("<!doctype html><body></body>")
    for path in (core / "dist/index.browser.min.js", plugin / "dist/index.browser.min.js", script):
        page.add_script_tag(path=path)
    page.add_script_tag(content=f"{recipe}; const jsPsych = initJsPsych(); jsPsych.run([why]);")
    type_in(page)
    page.locator("#jspsych-survey-text-next").click()
    data: dict[str, Any] = page.evaluate("jsPsych.data.get().last(1).values()[0]")
    assert data["response"]["why"] == TYPED
    read(data["why__log"], has_honeypot=False)


def test_otree(page: Page, script: Path) -> None:
    """Its form, its formfield tag and its block of scripts, as its 6.0 writes them."""
    [template] = code("capture-otree", "html")
    label = "<label class='col-form-label' for='id_why'>Why?</label>"
    field = f"<div>{label}<div class='controls'><textarea id='id_why' name='why'></textarea></div></div>"
    html = template.replace("{{ formfield 'why' }}", field).replace("{{ next_button }}", "<button>Next</button>")
    content, scripts = re.findall(r"\{\{ block \w+ \}\}(.*?)\{\{ endblock \}\}", html, re.DOTALL)
    page.route("**/global/capture.js", lambda route: route.fulfill(path=script, content_type="text/javascript"))
    page.set_content(
        f"<form class='otree-form' id='form' method='post'>{content}</form>"
        + scripts.replace("{{ static 'global/capture.js' }}", "https://otree.example.com/static/global/capture.js")
    )
    type_in(page)
    values = sent(page)
    assert values["why"] == TYPED
    read(values["why_log"], has_honeypot=True)
