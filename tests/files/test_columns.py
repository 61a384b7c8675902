"""Open ends are told from everything else by content."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from earnest.files.columns import ColumnProfile, identifier_rank, wording

OPEN_ENDS = {
    "reasons": [
        "The price was fair",
        "my friend told me",
        "I saw it on TV",
        "none",
        "it tastes better than the others",
    ],
    "with don't-knows": ["don't know", "no idea really", "nothing", "nothing", "because of the taste and the price"],
    "Japanese": ["値段がちょうどよかった", "友達が教えてくれた", "味が好きだから"],
    "German": ["weil der Preis gut war", "ein Freund hat es mir empfohlen", "schmeckt mir besser"],
}
OTHERS = {
    "ids": ["R_1a2b3c", "R_2b3c4d", "R_3c4d5e"],
    "dates": ["2026-11-24 10:30:00", "2026-11-24 10:31:12", "24 Nov 2026 10:33"],
    "numbers": ["1", "2.5", "1,200", "-99"],
    "a scale": ["Very satisfied with it", "Rather satisfied with it", "Not satisfied at all"] * 10,
    "several choices": ["Price of the bag, Taste of it, Brand", "Taste of it, Brand", "Price of the bag, Brand"] * 10,
    "cities": ["London", "Leeds", "York", "New York"],
    "links": ["https://example.com/a b", "https://example.com/c", "https://example.com/d"],
    "mail addresses": ["a@example.com", "b@example.com"],
    "browsers": ["Mozilla/5.0 (X11; Linux x86_64) one two three", "Mozilla/5.0 (Windows NT) one two three four"],
    "nothing": [],
}


def profile(cells: list[str]) -> ColumnProfile:
    seen = ColumnProfile()
    for cell in cells:
        seen.see(cell)
    return seen


@pytest.mark.parametrize("cells", OPEN_ENDS.values(), ids=OPEN_ENDS)
def test_answers_in_people_s_own_words_are_an_open_end(cells: list[str]) -> None:
    assert profile(cells).is_open_end("Q7")


@pytest.mark.parametrize("cells", OTHERS.values(), ids=OTHERS)
def test_what_was_chosen_or_made_by_a_machine_is_not(cells: list[str]) -> None:
    assert not profile(cells).is_open_end("Q7")


def test_a_postal_address_is_not_an_open_end_whatever_it_looks_like() -> None:
    assert not profile(["High Street in the old town", "Mill Lane near the church"]).is_open_end("Home address")


@pytest.mark.parametrize("header", ["Q3", "Q3 text", "Comments", "why_chosen", "", "  "])
def test_a_code_or_caption_is_no_wording(header: str) -> None:
    assert wording(header) == ""


@pytest.mark.parametrize("header", ["Why?", "What do you like", "Q3. What do you like?", "なぜそれを選びましたか"])
def test_a_question_is_its_own_wording(header: str) -> None:
    assert wording(header) == header


def test_identifier_columns_are_known_in_any_spelling() -> None:
    assert [identifier_rank(name) is not None for name in ("ResponseId", "respondent_id", "PROLIFIC_PID", "age")] == [
        True,
        True,
        True,
        False,
    ]
    best, other = identifier_rank("ResponseId"), identifier_rank("id")
    assert best is not None
    assert other is not None
    assert best < other


@pytest.mark.shared
def test_nearly_all_real_open_ends_are_found() -> None:
    data = Path(__file__).resolve().parents[2] / "../shared/data/dev"
    answers: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in data.glob("*.jsonl"):
        if not any(part in path.name for part in ("nonsensical", "train2", "written", "trecqa", "protoqa")):
            for line in path.read_text(encoding="utf-8").splitlines():
                record = json.loads(line)
                if record.get("question") and (record.get("answer") or "").strip():
                    answers[path.name, record["question"]].append(record["answer"].strip())
    if not answers:
        pytest.skip("the labelled data are not here")
    real = [profile(each[:1000]).is_open_end("Q") for each in answers.values() if len(each) >= 20]
    assert sum(real) >= 0.98 * len(real)
