"""Every check on its table of cases (`cases/README.md` has the format)."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET

from earnest.checks import CHECKS
from earnest.checks.base import Check
from earnest.evaluate import Evaluator
from earnest.findings import Finding
from earnest.survey import Entry, KeyStroke, Paste, Respondent, Survey
from earnest.text.encoder import OnnxEncoder

Case = dict[str, Any]
TABLES = {
    file.stem: tomllib.loads(file.read_text(encoding="utf-8"))["case"]
    for file in sorted((Path(__file__).parent / "cases").glob("*.toml"))
}
CHECK_OF = {type(check).__module__.rpartition(".")[2]: check for check in CHECKS}


def cases() -> Iterator[Any]:
    for name, table in TABLES.items():
        for case in table:
            yield pytest.param(CHECK_OF[name], case, id=f"{name}: {case['why']}")


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    return OnnxEncoder.shipped(threads=1)


def keys(case: Case) -> tuple[KeyStroke, ...]:
    """The key log: as the table has it, or of a person or a script who types the answer."""
    if "typed" not in case:
        log = case["keys"]
    elif case["typed"] == "a script":
        log = [[letter, 100.0 * i, 1.0] for i, letter in enumerate(case["answer"])]
    else:
        assert case["typed"] in {"a person", "a person who stops to think"}
        thinks = case["typed"] != "a person"
        letters = [*case["answer"][:3], "x", "Backspace", *case["answer"][3:]]
        at, log = 0.0, []
        for i, letter in enumerate(letters):
            at += 90 + 37 * (i * 7 % 5) + (900 if letter == " " and i % 3 == 0 else 0)
            at += 9_000 if thinks and letter == " " and i % 4 == 0 else 0
            log.append([letter, at, 60 + 11 * (i * 5 % 7)])
    return tuple(
        KeyStroke(
            key=key, down_ms=down, hold_ms=hold, code=f"Key{key.upper()}" if len(key) == 1 and key.isalpha() else key
        )
        for key, down, hold in log
    )


def judged(check: Check, case: Case, encoder: OnnxEncoder) -> Finding | None:
    entry = Entry(
        question=case["question"],
        answer=case["answer"],
        question_context=case.get("context", UNSET),
        honeypot_phrase=case.get("honeypot", UNSET),
        key_events=keys(case) if "keys" in case or "typed" in case else UNSET,
        paste_events=tuple(Paste(*paste) for paste in case["pastes"]) if "pastes" in case else UNSET,
    )
    siblings = tuple(Entry(question=question, answer=answer) for question, answer in case.get("siblings", ()))
    everybody = [
        Respondent("judged", (entry,), earlier=siblings),
        *(Respondent(f"peer {i}", (Entry(entry.question, text),)) for i, text in enumerate(case.get("peers", ()))),
    ]
    evaluator = Evaluator(encoder=encoder, checks=(check,))
    first = evaluator.evaluate(Survey(name=case.get("survey", "")), everybody)[0]
    return next(iter(first.evaluations[0].quality_issue_checks), None)


@pytest.mark.parametrize(("check", "case"), list(cases()))
def test_case(check: Check, case: Case, encoder: OnnxEncoder) -> None:
    finding = judged(check, case, encoder)
    said = "cannot_tell" if finding is None else "issue" if finding.is_issue else "clear"
    assert said == case["expected"], finding
    if finding is None:
        return
    low, high = case.get("score", (0, 100))
    assert low <= finding.score <= high, finding
    assert set(case.get("reasons", ())) <= set(finding.reason_codes), finding
    assert set(finding.reason_codes) <= set(check.reasons), finding
    assert case.get("evidence", "") in (finding.evidence or ""), finding
    assert not finding.is_issue or finding.evidence, "an issue must say why"


@pytest.mark.parametrize("name", list(TABLES))
def test_near_misses_are_half_of_each_table(name: str) -> None:
    issues = sum(case["expected"] == "issue" for case in TABLES[name])
    assert 0.25 <= issues / len(TABLES[name]) <= 0.6
