"""Evidence is true to what a check used: take away what it names, and the score falls."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.checks.test_cases import CHECK_OF, TABLES, Case, judged

from earnest.checks.base import Check
from earnest.text.encoder import OnnxEncoder

QUOTED = re.compile(r"(?<!\w)'(.+?)'(?!\w)")
WORDS = re.compile(r"\w+")
LEAST_LEFT = 2
"""Words. Where the evidence is the whole answer, nothing is left to compare with."""


def without(case: Case, evidence: str) -> Case | None:
    """The case without what the evidence names; None where it names nothing that can be taken away."""
    quoted = QUOTED.findall(evidence)
    peers = {name for name in quoted if re.fullmatch(r"peer \d+", name)}
    if peers:
        kept = [text for i, text in enumerate(case["peers"]) if f"peer {i}" not in peers]
        return {**case, "peers": kept}
    if "closest other answers" in evidence:
        return {name: value for name, value in case.items() if name not in {"peers", "siblings"}}
    if "of this respondent" in evidence:
        return {name: value for name, value in case.items() if name != "siblings"}
    if re.search("pasted|keys|typed|read off", evidence, re.IGNORECASE):
        return {name: value for name, value in case.items() if name not in {"keys", "typed", "pastes"}}
    if "such as" in evidence:  # examples of what is everywhere in the answer
        return None
    answer = case["answer"]
    for span in quoted:
        answer = re.sub(re.escape(span), " ", answer, flags=re.IGNORECASE)
    is_less = answer != case["answer"] and len(WORDS.findall(answer)) >= LEAST_LEFT
    return {**case, "answer": answer} if is_less else None


def flagged() -> Iterator[Any]:
    for name, table in TABLES.items():
        for case in table:
            if case["expected"] == "issue":
                yield pytest.param(CHECK_OF[name], case, id=f"{name}: {case['why']}")


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    return OnnxEncoder.shipped(threads=1)


@pytest.mark.parametrize(("check", "case"), list(flagged()))
def test_score_falls_without_what_the_evidence_names(check: Check, case: Case, encoder: OnnxEncoder) -> None:
    found = judged(check, case, encoder)
    assert found is not None
    less = without(case, str(found.evidence))
    if less is None:
        quoted = " ".join(QUOTED.findall(str(found.evidence))).casefold()
        assert set(WORDS.findall(quoted)) <= set(WORDS.findall(case["answer"].casefold())), "it quotes what is there"
        return
    left = judged(check, less, encoder)
    assert left is None or left.score < found.score, (found.evidence, left)


def test_score_falls_when_the_words_are_put_in_order(encoder: OnnxEncoder) -> None:
    case: Case = {"question": "How was your stay?", "answer": "clean the was very room bed the and comfortable was too"}
    salad = judged(CHECK_OF["nonsensical"], case, encoder)
    sentence = {**case, "answer": "the room was very clean and the bed was comfortable too"}
    ordered = judged(CHECK_OF["nonsensical"], sentence, encoder)
    assert salad is not None
    assert salad.is_issue
    assert "order of a sentence" in str(salad.evidence)
    assert ordered is not None
    assert ordered.score < salad.score / 2
