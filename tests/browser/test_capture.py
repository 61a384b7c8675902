"""The script in the page: it records what people do, in the contract's form, and says what it could not see."""

import gzip
import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page
from tests.lacking import lacking

from earnest.api.contract import SurveyEntry

pytestmark = pytest.mark.browser

BROWSER = Path(__file__).parents[2] / "browser"
MOST_BYTES = 6000
FORM = """
<label for=why>Why did you choose it?</label> <textarea id=why data-earnest=why></textarea>
<p id=how-label>How was it?</p> <div id=how contenteditable data-earnest=how aria-labelledby=how-label></div>
<input id=name data-earnest=name data-question="Which one?"> <textarea id=other></textarea>
<input id=secret type=password data-earnest=secret> <input id=code autocomplete=one-time-code data-earnest=code>
"""

RESTORED = """<!doctype html><textarea data-earnest=why>Last </textarea><script src=/capture.js></script><script>
const capture = Earnest.capture();
addEventListener("DOMContentLoaded", () => document.querySelector("textarea").value += "week I said this.");
</script>"""


def record(page: Page, script: Path, html: str = FORM, options: str = "{}") -> None:
    page.set_content(f"<!doctype html>{html}")
    page.add_script_tag(path=script)
    page.evaluate(f"window.capture = Earnest.capture({options})")


def entry(page: Page, name: str = "why") -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("name => capture.entry(name)", name)
    msgspec.convert(found, SurveyEntry)  # it is what the API takes
    return found


def inputs(page: Page, name: str = "why") -> list[tuple[str, int, bool]]:
    return [(each["i"], each["n"], each.get("u", False)) for each in entry(page, name)["capture"]["inputs"]]


def compose(page: Page, parts: list[str], text: str) -> None:
    """As an input method does."""
    ime = page.context.new_cdp_session(page)
    for part in parts:
        ime.send("Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)})
    ime.send("Input.insertText", {"text": text})


def test_it_is_small_and_is_what_its_source_builds_to(script: Path, tmp_path: Path) -> None:
    assert len(gzip.compress(script.read_bytes(), 9)) <= MOST_BYTES
    if not shutil.which("node") or not (BROWSER / "node_modules" / ".bin" / "esbuild").exists():
        lacking("Node is not there, or esbuild, which `npm ci` in browser/ brings.")
    built = tmp_path / "capture.js"
    subprocess.run(["npm", "run", "--silent", "build", "--", f"--outfile={built}"], cwd=BROWSER, check=True)
    assert built.read_bytes() == script.read_bytes()


def test_typed_keys_come_in_the_contract_s_form_for_every_kind_of_field(page: Page, script: Path) -> None:
    record(page, script)
    for field, text in (("why", "It's cheap."), ("how", "Good"), ("name", "Nike")):
        page.click(f"#{field}")
        page.keyboard.type(text, delay=5)
        found = entry(page, field)
        assert [key["k"] for key in found["keyEvents"] if key["k"] != "Shift"] == list(text)
        assert found["answer"].strip() == text
        assert found["pasteEvents"] == found["capture"]["inputs"] == []
    assert entry(page)["question"] == "Why did you choose it?"
    assert entry(page, "how")["question"] == "How was it?"
    assert entry(page, "name")["question"] == "Which one?"
    times = [key["t"] for key in entry(page)["keyEvents"]]
    assert times == sorted(times)
    assert all(key["ht"] >= 0 and key["c"] for key in entry(page)["keyEvents"])
    assert page.evaluate("capture.answers().map(each => each.questionIdentifier)") == ["why", "how", "name"]


def test_a_key_that_is_held_is_one_event_and_one_still_down_is_not_lost(page: Page, script: Path) -> None:
    record(page, script)
    page.click("#why")
    page.keyboard.down("a")
    page.keyboard.down("a")
    page.keyboard.down("a")
    page.wait_for_timeout(40)
    [key] = entry(page)["keyEvents"]
    assert key["ht"] >= 40
    assert entry(page)["answer"] == "aaa"
    assert inputs(page) == []


def test_nothing_is_recorded_of_passwords_codes_and_fields_that_were_not_named(page: Page, script: Path) -> None:
    record(page, script)
    for field in ("secret", "code", "other"):
        page.click(f"#{field}")
        page.keyboard.type("hunter2")
        assert page.evaluate("name => capture.entry(name)", field) is None
    page.click("#name")
    page.keyboard.type("seen")
    page.evaluate("document.querySelector('#name').type = 'password'")
    assert page.evaluate("capture.answers()") == []


@pytest.mark.parametrize("field", ["why", "how"])
def test_dictation_suggestions_and_input_methods_are_told_by_kind_and_length(
    page: Page, script: Path, field: str
) -> None:
    record(page, script)
    page.click(f"#{field}")
    page.keyboard.insert_text("dictated text")
    page.keyboard.type("!")
    compose(page, ["に", "にほ", "にほん"], "日本")
    found = entry(page, field)
    assert [key["k"] for key in found["keyEvents"]] == ["!"]
    assert inputs(page, field) == [("insertText", 13, False), ("insertCompositionText", 2, False)]


def test_undo_of_a_word_is_told(page: Page, script: Path) -> None:
    record(page, script)
    page.click("#why")
    page.keyboard.insert_text("a phrase that was dictated")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+z")
    assert [kind for kind, _, _ in inputs(page)] == ["insertText", "historyUndo", "historyRedo"]


SCRIPTS = {
    "value alone": ("el.value = text", [("noEvent", 20, False)]),
    "value and an event": (
        "el.value = text; el.dispatchEvent(new InputEvent('input', {bubbles: true, inputType: 'insertText'}))",
        [("insertText", 20, True)],
    ),
    "key by key": (
        "for (const k of text) { el.dispatchEvent(new KeyboardEvent('keydown', {key: k, bubbles: true}));"
        " el.value += k; el.dispatchEvent(new Event('input', {bubbles: true})) }",
        [("keydown", 20, True), ("input", 20, True)],
    ),
}


@pytest.mark.parametrize("how", SCRIPTS)
def test_text_from_a_script_is_no_key_and_no_paste(page: Page, script: Path, how: str) -> None:
    code, seen = SCRIPTS[how]
    record(page, script)
    page.evaluate(f"(text) => {{ const el = document.querySelector('#why'); {code} }}", "x" * 20)
    found = entry(page)
    assert found["keyEvents"] == found["pasteEvents"] == []
    merged: dict[tuple[str, bool], int] = {}
    for kind, number, by_script in inputs(page):
        merged[kind, by_script] = merged.get((kind, by_script), 0) + number
    assert merged == {(kind, by_script): number for kind, number, by_script in seen}


def test_what_the_page_filled_in_is_not_a_script_s(page: Page, script: Path) -> None:
    record(page, script, "<textarea data-earnest=why>Last week I said this.</textarea>")
    page.evaluate("capture.prefilled()")
    page.evaluate("document.querySelector('textarea').value += ' And this.'; capture.prefilled()")
    assert {kind for kind, _, _ in inputs(page)} == {"prefilled"}


def test_what_is_put_back_while_the_page_loads_is_not_a_script_s(page: Page, script: Path) -> None:
    page.route("https://survey.example.com/", lambda route: route.fulfill(content_type="text/html", body=RESTORED))
    page.route("https://survey.example.com/capture.js", lambda route: route.fulfill(path=script))
    page.goto("https://survey.example.com/")
    assert {kind for kind, _, _ in inputs(page)} == {"prefilled"}


def test_a_page_that_tidies_what_is_typed_accuses_nobody(page: Page, script: Path) -> None:
    record(page, script)
    page.evaluate(
        """() => {
            const [why, name] = ["#why", "#name"].map((each) => document.querySelector(each));
            why.oninput = () => (why.value = why.value.toUpperCase());
            name.onkeydown = (event) => { event.preventDefault(); name.value += event.key + event.key; };
        }"""
    )
    for field in ("why", "name"):
        page.click(f"#{field}")
        page.keyboard.type("tidied")
        assert inputs(page, field) == []


def test_pastes_are_told_with_their_text_and_own_text_as_such(page: Page, script: Path) -> None:
    record(page, script)
    page.click("#other")
    page.keyboard.type("Text from elsewhere.")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    page.click("#why")
    page.keyboard.press("Control+v")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+x")
    page.keyboard.press("Control+v")
    first, second = entry(page)["pasteEvents"]
    assert (first["c"], first.get("own")) == ("Text from elsewhere.", None)
    assert second["own"]
    assert inputs(page) == []


def test_a_full_log_says_how_much_it_left_out(page: Page, script: Path) -> None:
    record(page, script, options="{limit: 500}")
    page.click("#why")
    page.keyboard.type("twenty characters ok")
    found = entry(page)
    assert found["capture"]["dropped"] > 0
    assert found["capture"]["dropped"] + len(found["keyEvents"]) == 20
    assert len(msgspec.json.encode(found["keyEvents"])) <= 500


def test_timing_only_tells_kinds_of_keys_and_a_digest_of_pastes(page: Page, script: Path, server: str) -> None:
    page.goto(f"{server}/demo")  # digests need a secure context
    page.evaluate("capture.stop(); window.capture = Earnest.capture({privacy: 'timing'})")
    page.click("#cancel")
    page.keyboard.type("Ab 7!")
    page.keyboard.press("Backspace")
    page.click("#morning")
    page.keyboard.type("  Pasted\ntext ")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    page.click("#cancel")
    page.keyboard.press("Control+v")
    page.wait_for_timeout(100)
    found = page.evaluate("window.capture.entry('cancel')")
    plain = [key for key in found["keyEvents"] if key["k"] not in {"Shift", "Control"}]
    assert [key["k"] for key in plain] == ["a", "a", " ", "0", ".", "Backspace", "v"]
    assert [key["c"] for key in plain[:5]] == ["KeyA", "KeyA", "Space", "Digit0", "Period"]
    [paste] = found["pasteEvents"]
    assert paste["c"] == "sha256:" + hashlib.sha256(b"Pasted text").hexdigest()
    assert paste["n"] == 11
    assert found["capture"]["masked"]


def test_fields_that_appear_later_come_back_or_live_in_a_shadow_are_recorded(page: Page, script: Path) -> None:
    record(page, script, "<main></main>")
    page.evaluate(
        "window.draw = () => document.querySelector('main').innerHTML = '<textarea data-earnest=late></textarea>';"
        "draw(); const host = document.body.appendChild(document.createElement('div'));"
        "host.attachShadow({mode: 'open'}).innerHTML = '<textarea data-earnest=shade></textarea>'"
    )
    for name in ("late", "shade"):
        page.click(f"[data-earnest={name}]")
        page.keyboard.type("here")
        assert len(entry(page, name)["keyEvents"]) == 4
    page.evaluate("draw(); document.querySelector('[data-earnest=late]').value = 'here'")
    page.click("[data-earnest=late]")
    page.keyboard.press("End")
    page.keyboard.type(" again")
    assert len(entry(page, "late")["keyEvents"]) == 11


def test_a_frame_is_recorded_when_it_is_named(page: Page, script: Path) -> None:
    record(page, script, "<iframe srcdoc='<textarea data-earnest=framed></textarea>'></iframe>")
    page.frame_locator("iframe").locator("textarea").wait_for()
    page.evaluate("window.capture = Earnest.capture({root: document.querySelector('iframe').contentDocument})")
    page.frame_locator("iframe").locator("textarea").click()
    page.keyboard.type("in a frame")
    assert len(entry(page, "framed")["keyEvents"]) == 10


def test_a_closed_shadow_is_recorded_when_it_is_named(page: Page, script: Path) -> None:
    record(page, script, "<div id=host></div>")
    page.evaluate(
        """() => {
            const shade = document.querySelector("#host").attachShadow({ mode: "closed" });
            window.capture = Earnest.capture({ root: shade });
            shade.innerHTML = "<textarea data-earnest=shade></textarea>";
            shade.querySelector("textarea").focus();
        }"""
    )
    page.keyboard.type("in the shade")
    assert len(entry(page, "shade")["keyEvents"]) == 12


def test_absences_are_told_with_their_length(page: Page, script: Path) -> None:
    record(page, script)
    page.click("#why")
    page.keyboard.type("a")
    page.evaluate(
        """() => {
            const elsewhere = (hidden) => {
                Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
                document.dispatchEvent(new Event("visibilitychange"));
            };
            elsewhere(true);
            return new Promise((done) => setTimeout(() => (elsewhere(false), done()), 60));
        }"""
    )
    [absence] = entry(page)["capture"]["away"]
    assert absence["t"] >= 0
    assert absence["ms"] >= 50


def test_when_it_was_stopped_it_records_no_more(page: Page, script: Path) -> None:
    record(page, script)
    page.click("#why")
    page.keyboard.type("one")
    page.evaluate("capture.stop()")
    page.keyboard.type("two")
    assert len(entry(page)["keyEvents"]) == 3


def test_the_honeypot_is_read_and_copied_but_neither_seen_nor_spoken_nor_reached(page: Page, script: Path) -> None:
    record(page, script)
    page.evaluate("capture.honeypot('why', 'velvet heron')")
    bait = page.locator("[aria-hidden=true]")
    assert "velvet heron" in bait.inner_text()
    box = bait.bounding_box()
    assert box
    assert box["width"] <= 1
    assert box["height"] <= 1
    assert "velvet heron" in page.evaluate("getSelection().selectAllChildren(document.body), String(getSelection())")
    assert "velvet heron" not in page.locator("body").aria_snapshot()
    assert entry(page)["honeypotPhrase"] == "velvet heron"
    assert entry(page)["question"] == "Why did you choose it?"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "why"


def test_typing_never_waits_for_us(page: Page, script: Path) -> None:
    """All listeners are passive, and nothing that they ask for makes the browser lay the page out."""
    page.add_init_script(
        """
        window.asked = [];
        window.waited = [];
        const listen = EventTarget.prototype.addEventListener;
        EventTarget.prototype.addEventListener = function (type, what, how) {
            if (!how || !how.passive) window.waited.push(type);
            return listen.call(this, type, what, how);
        };
        const layout = {
            HTMLElement: ["innerText", "offsetWidth", "offsetHeight", "offsetTop", "offsetLeft", "isContentEditable"],
            Element: ["clientWidth", "clientHeight", "scrollWidth", "scrollHeight", "scrollTop", "scrollLeft"],
        };
        for (const [name, getters] of Object.entries(layout)) for (const each of getters) {
            const { get } = Object.getOwnPropertyDescriptor(window[name].prototype, each);
            Object.defineProperty(window[name].prototype, each, {
                get() { window.asked.push(each); return get.call(this); },
            });
        }
        """
    )
    page.goto("about:blank")
    record(page, script)
    assert not {"keydown", "keyup", "input", "paste", "focusin", "blur"} & set(page.evaluate("window.waited"))
    page.evaluate("window.asked.length = 0")
    page.click("#why")
    page.keyboard.type("the quick brown fox")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+x")
    page.keyboard.press("Control+v")
    page.keyboard.insert_text("dictated")
    assert page.evaluate("window.asked") == []
