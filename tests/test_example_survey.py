import csv
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from earnest.api.contract import BatchRequest
from earnest.api.decode import decode
from earnest.files.tables import SurveyTable
from earnest.findings import CheckName
from earnest.survey import Entry, KeyStroke, Paste, Respondent

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "coffee_subscription"
MADE = ("survey.csv", "survey.json", "truth.csv")
SHIFTED = str.maketrans("1234567890-=;'#,./", '!"£$%^&*()_+:@~<>?')
NOT_COMPOSED = ("keyboard_mash", "repeated_characters")  # a key held down is one event
Truth = dict[tuple[str, str], list[str]]


@pytest.fixture(scope="module")
def respondents() -> tuple[Respondent, ...]:
    return tuple(decode((EXAMPLE / "survey.json").read_bytes(), BatchRequest).batch().respondents)


@pytest.fixture(scope="module")
def truth() -> Truth:
    kinds: Truth = {}
    with (EXAMPLE / "truth.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            kinds.setdefault((row["respondent"], row["question"]), []).append(row["kind"])
    return kinds


def test_the_same_answers_make_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, EXAMPLE / "make_survey.py", "--output", tmp_path], check=True)
    for name in MADE:
        assert (tmp_path / name).read_bytes() == (EXAMPLE / name).read_bytes(), name


def test_it_stays_small() -> None:
    assert sum((EXAMPLE / name).stat().st_size for name in MADE) < 6_000_000


def test_about_300_people_answered_four_questions(respondents: Sequence[Respondent]) -> None:
    assert 290 <= len(respondents) <= 310
    assert len({each.identifier for each in respondents}) == len(respondents)
    assert {entry.question_identifier for each in respondents for entry in each.entries} == {
        "reason",
        "change",
        "last_delivery",
        "first_brand",
    }
    assert sum(len(each.entries) for each in respondents) > 3.9 * len(respondents)


def test_trouble_is_rare_and_of_every_kind(respondents: Sequence[Respondent], truth: Truth) -> None:
    troubled = {name for (name, _), kinds in truth.items() if kinds != ["honest_dont_know"]}
    assert 0.12 <= len(troubled) / len(respondents) <= 0.16
    with (EXAMPLE / "truth.csv").open(encoding="utf-8", newline="") as stream:
        checks = Counter(row["check"] for row in csv.DictReader(stream))
    assert set(checks) == set(CheckName)
    assert min(checks.values()) >= 9


def test_truth_names_answers_that_exist(respondents: Sequence[Respondent], truth: Truth) -> None:
    given = {(each.identifier, entry.question_identifier) for each in respondents for entry in each.entries}
    assert truth.keys() <= given


def test_honest_people_differ_and_sometimes_coincide(respondents: Sequence[Respondent], truth: Truth) -> None:
    honest = Counter(
        (entry.question, entry.answer.casefold())
        for each in respondents
        for entry in each.entries
        if (each.identifier, entry.question_identifier) not in truth
    )
    assert honest.total() > 1000
    assert len(honest) > 0.94 * honest.total()
    assert max(honest.values()) >= 5


def test_table_and_batch_hold_the_same(respondents: Sequence[Respondent]) -> None:
    table = SurveyTable.read(EXAMPLE / "survey.csv")
    assert [_without_name(each) for each in table.respondents()] == [_without_name(each) for each in respondents]


def test_composed_answers_replay_from_their_keys(respondents: Sequence[Respondent], truth: Truth) -> None:
    replayed = truncated = 0
    for respondent in respondents:
        for entry in respondent.entries:
            keys, pastes = _events(entry)
            kinds = truth.get((respondent.identifier, str(entry.question_identifier)), ())
            if not keys or keys[0].key == "Unidentified" or set(kinds) & set(NOT_COMPOSED):
                continue
            text = replay(keys, pastes)
            if _log_length(entry) > 24_900:
                assert entry.answer.startswith(text[:300])
                truncated += 1
                continue
            assert text == entry.answer, respondent.identifier
            replayed += 1
    assert replayed > 700
    assert truncated >= 1


def test_logs_look_like_those_of_the_published_snippet(respondents: Sequence[Respondent]) -> None:
    logs = [(entry, *_events(entry)) for each in respondents for entry in each.entries]
    assert all(_log_length(entry) <= 25_000 for entry, _, _ in logs)
    assert all(
        min([key.down_ms for key in keys] + [paste.at_ms for paste in pastes]) == 0
        for _, keys, pastes in logs
        if keys or pastes
    )
    released = [[key.down_ms + key.hold_ms for key in keys] for _, keys, _ in logs]
    assert all(later - earlier >= -1.5 for times in released for earlier, later in pairwise(times))
    assert any(key.down_ms > later.down_ms for _, keys, _ in logs for key, later in pairwise(keys))


def test_only_victims_repeat_the_honeypot(respondents: Sequence[Respondent], truth: Truth) -> None:
    caught = {
        (each.identifier, str(entry.question_identifier))
        for each in respondents
        for entry in each.entries
        if "marigold tramway" in entry.answer.lower()
    }
    assert caught == {answer for answer, kinds in truth.items() if "honeypot_victim" in kinds}


def test_readme_counts_are_true(truth: Truth) -> None:
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    told = {
        kind: int(count) for kind, count in re.findall(r"^\| `(\w+)` \| [A-Z][\w ]+ \| (\d+) \|", readme, re.MULTILINE)
    }
    assert told == Counter(kind for kinds in truth.values() for kind in kinds)
    troubled = {name for (name, _), kinds in truth.items() if kinds != ["honest_dont_know"]}
    assert f"{len(troubled)} respondents" in readme


def replay(keys: Sequence[KeyStroke], pastes: Sequence[Paste]) -> str:
    """The text that results when these keys and pastes happen in an empty box."""
    shifts = [(key.down_ms, key.down_ms + key.hold_ms) for key in keys if key.key == "Shift"]
    commands = [(key.down_ms, key.down_ms + key.hold_ms) for key in keys if key.key == "Control"]
    happened = sorted(
        [(key.down_ms, key.key, False) for key in keys] + [(paste.at_ms, paste.text, True) for paste in pastes]
    )
    text, cursor = "", 0
    for at_ms, what, is_paste in happened:
        if is_paste:
            text, cursor = text[:cursor] + what + text[cursor:], cursor + len(what)
        elif what == "Backspace":
            text, cursor = text[: max(0, cursor - 1)] + text[cursor:], max(0, cursor - 1)
        elif what == "Delete":
            text = text[:cursor] + text[cursor + 1 :]
        elif what in ("ArrowLeft", "Home", "End"):
            cursor = {"ArrowLeft": cursor - 1, "Home": 0, "End": len(text)}[what]
        elif (len(what) == 1 or what == "Enter") and not _within(at_ms, commands):
            character = "\n" if what == "Enter" else what
            if _within(at_ms, shifts) and len(character) == 1:
                character = character.translate(SHIFTED).upper()
            text, cursor = text[:cursor] + character + text[cursor:], cursor + 1
    return text


def _within(at_ms: float, spans: Sequence[tuple[float, float]]) -> bool:
    return any(start <= at_ms <= end for start, end in spans)


def _events(entry: Entry) -> tuple[tuple[KeyStroke, ...], tuple[Paste, ...]]:
    return entry.key_events or (), entry.paste_events or ()


def _log_length(entry: Entry) -> int:
    """Characters of the log's JSON as a browser writes it: whole numbers, no spaces."""
    keys, pastes = _events(entry)
    happened = [
        *({"k": key.key, "t": int(key.down_ms), "ht": int(key.hold_ms), "c": key.code} for key in keys),
        *({"t": int(paste.at_ms), "c": paste.text} for paste in pastes),
    ]
    return len(json.dumps(happened, ensure_ascii=False, separators=(",", ":")))


def _without_name(respondent: Respondent) -> Respondent:
    """The respondent with questions known by their wording alone, which is all that a table tells."""
    return Respondent(
        respondent.identifier,
        tuple(msgspec.structs.replace(entry, question_identifier=entry.question) for entry in respondent.entries),
    )
