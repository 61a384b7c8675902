"""Makes survey.csv, survey.json and truth.csv from the written answers: python make_survey.py [--output DIR].

The answers were written by a language model and stand in answers/*.toml. What is made here is everything around them:
typing errors of sloppy respondents, closed questions, and the key and paste events of a recorded page. The random
numbers of each respondent are seeded by their place in their file, so the same answers give the same bytes.
"""

import argparse
import csv
import gzip
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

import typists
from closed import COLUMNS, Who, closed_answers, start_of
from typists import Log, Typist

HERE = Path(__file__).resolve().parent
SHIPPED = HERE.parents[1] / "src" / "earnest" / "console" / "example_survey.csv.gz"
SURVEY_NAME = "Coffee at home 2026"
QUESTIONS = {
    "reason": "What is the main reason you signed up for your coffee subscription?",
    "change": "If you could change one thing about your coffee subscription, what would it be and why?",
    "last_delivery": "Thinking of your last delivery: what arrived, and how did it go?",
    "first_brand": "Which coffee brand comes to mind first, and what do you think of when you hear its name?",
}
HONEYPOTS = {"change": "marigold tramway"}
FIELDS = dict(zip(("q1", "q2", "q3", "q4"), QUESTIONS, strict=True))
CHECK_OF_KIND = {
    "keyboard_mash": "Nonsensical",
    "word_salad": "Nonsensical",
    "repeated_characters": "Nonsensical",
    "repeated_words": "Nonsensical",
    "off_topic": "Irrelevant",
    "copied_question": "Irrelevant",
    "spam": "Irrelevant",
    "chat_remark": "Irrelevant",
    "answers_other_question": "Irrelevant",
    "dont_know": "Low Effort",
    "honest_dont_know": "Low Effort",
    "refusal": "Low Effort",
    "bare_praise": "Low Effort",
    "vague": "Low Effort",
    "vague_padding": "Low Effort",
    "pasted_chatbot": "LLM Generated",
    "pasted_text": "LLM Generated",
    "scripted_typing": "LLM Generated",
    "transcribed_chatbot": "LLM Generated",
    "honeypot_victim": "LLM Generated",
    "chatbot_text_only": "LLM Generated",
    "same_text_again": "Repeated Answers",
    "farm_copy": "Duplicate Answers",
    "paraphrased_copy": "Duplicate Answers",
}
DRUMMED = {"keyboard_mash", "repeated_characters"}
UNRECORDED_SHARE = 0.2
"""Of the desktop respondents, how many sat behind something that stops the recording script."""
PHONE_LOGS = {"absent": 0.5, "empty": 0.3, "unidentified": 0.2}
"""What a phone sends: no recording at all, an empty log, or keys without names."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: text, what was recorded while it was given (None: nothing), and its kinds of trouble."""

    text: str
    log: Log | None
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """One respondent, complete but for the identifier, which follows from the order of starting."""

    start: datetime
    closed: Mapping[str, str]
    answers: Mapping[str, Answer]


def main() -> None:
    """Write the three files, and the table a second time for the package."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=HERE, help="the folder to write to")
    output: Path = parser.parse_args().output
    people = sorted(everybody(), key=lambda person: person.start)
    named = {f"R{1001 + position}": person for position, person in enumerate(people)}
    write_csv(output / "survey.csv", named)
    write_json(output / "survey.json", named)
    write_truth(output / "truth.csv", named)
    if output == HERE:  # the same table, for the console's "Try the example survey"
        SHIPPED.write_bytes(gzip.compress((output / "survey.csv").read_bytes(), mtime=0))


def everybody() -> Iterator[Person]:
    """Read the answers and add what surrounds them."""
    for path in sorted((HERE / "answers").glob("*.toml")):
        written = tomllib.loads(path.read_text(encoding="utf-8"))["respondent"]
        for position, each in enumerate(written):
            yield person_of(each, Random(f"{path.stem}/{position}"))


def person_of(written: Mapping[str, object], rng: Random) -> Person:
    """Turn one table of an answers file into a respondent."""
    who = Who.read(str(written["who"]))
    typist = typist_of(who, rng)
    recording = recording_of(who, rng, is_honest="trouble" not in written)
    how, trouble = _table(written, "how"), _table(written, "trouble")
    answers: dict[str, Answer] = {}
    for field, question in FIELDS.items():
        named = trouble.get(field, [])
        kinds = (named,) if isinstance(named, str) else tuple(named)
        text = said(str(written[field]), who, rng, is_honest=not kinds)
        log = recorded(text, str(how.get(field, "")), kinds, typist, recording, rng) if text else None
        answers[question] = Answer(text, log, kinds)
    words = sum(len(each.text.split()) for each in answers.values())
    return Person(start_of(who, rng), closed_answers(who, words, rng), answers)


def typist_of(who: Who, rng: Random) -> Typist:
    """How this respondent types: fast, slow or in between, and each in their own way."""
    medians = {"fast": (105, 140), "": (150, 230), "slow": (260, 380)}
    interval = rng.uniform(*medians[who.pace])
    return Typist(
        interval_ms=interval,
        spread=rng.uniform(0.28, 0.45),
        hold_ms=rng.uniform(72, 105) + interval * 0.1,
        slip_rate=rng.uniform(0.015, 0.045),
        think_ms=rng.uniform(3000, 6000) + interval * 2,
        false_start_rate=rng.uniform(0.04, 0.16),
    )


def recording_of(who: Who, rng: Random, *, is_honest: bool) -> str:
    """What the page could record of this respondent: `keys`, `unidentified`, `empty` or `absent`."""
    if who.device == "phone":
        return rng.choices(list(PHONE_LOGS), weights=list(PHONE_LOGS.values()))[0]
    if who.device == "none" or (is_honest and rng.random() < UNRECORDED_SHARE):
        return "absent"
    return "keys"


def recorded(text: str, how: str, kinds: Sequence[str], typist: Typist, recording: str, rng: Random) -> Log | None:
    """The events of one answer, or None where nothing was recorded."""
    if recording != "keys":
        return {"absent": None, "empty": Log(), "unidentified": typists.on_phone(text, rng)}[recording]
    if DRUMMED.intersection(kinds):
        how = "drums"
    ways: dict[str, Callable[[], Log]] = {
        "": lambda: typists.composes(text, typist, rng),
        "drums": lambda: typists.mashes(text, rng),
        "pastes": lambda: typists.pastes(text, rng),
        "pastes_and_edits": lambda: typists.pastes(text, rng, drops_quotes=True),
        "types_then_pastes_url": lambda: typists.types_then_pastes(text, typist, rng),
        "transcribes": lambda: typists.transcribes(text, typist, rng),
        "scripted": lambda: typists.scripted(text, rng),
        "scripted_jitter": lambda: typists.scripted(text, rng, jitter_ms=8.0),
    }
    return ways[how]()


def said(text: str, who: Who, rng: Random, *, is_honest: bool) -> str:
    """The answer as this respondent leaves it: without capitals, or with typing errors in about one word of twenty."""
    if who.is_lower and is_honest:
        text = text.lower()
    if not (who.is_sloppy and is_honest):
        return text
    return " ".join(_mistyped(word, rng) if rng.random() < 0.05 else word for word in text.split(" "))


def write_csv(path: Path, named: Mapping[str, Person]) -> None:
    """Write one row per respondent: closed questions, then each open end with its events and honeypot."""
    header = [*COLUMNS]
    for question, wording in QUESTIONS.items():
        header += [wording, f"{wording}__keys", f"{wording}__pastes"]
        header += [f"{wording}__honeypot"] if question in HONEYPOTS else []
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for name, person in named.items():
            row = {"respondent_id": name, "start_date": f"{person.start:%Y-%m-%d %H:%M:%S}", **person.closed}
            cells = [row[column] for column in COLUMNS]
            for question, answer in person.answers.items():
                cells.append(answer.text)
                cells += ["", ""] if answer.log is None else [_compact(answer.log.keys), _compact(answer.log.pastes)]
                cells += [HONEYPOTS[question]] if question in HONEYPOTS else []
            writer.writerow(cells)


def write_json(path: Path, named: Mapping[str, Person]) -> None:
    """Write the body of POST /api/v1/data-quality/batch, one respondent per line."""
    responses = [
        _compact(
            {
                "responseIdentifier": name,
                "surveyEntries": [_entry(*each) for each in person.answers.items() if each[1].text],
            }
        )
        for name, person in named.items()
    ]
    start = _compact({"surveyName": SURVEY_NAME, "surveyIdentifier": "coffee-at-home-2026"}).removesuffix("}")
    path.write_text(f'{start},"responses":[\n' + ",\n".join(responses) + "\n]}\n", encoding="utf-8", newline="\n")


def write_truth(path: Path, named: Mapping[str, Person]) -> None:
    """Write one row per kind of trouble of an answer; an answer that is not listed was given in earnest."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["respondent", "question", "kind", "check"])
        for name, person in named.items():
            for question, answer in person.answers.items():
                writer.writerows([name, question, kind, CHECK_OF_KIND[kind]] for kind in answer.kinds)


def _entry(question: str, answer: Answer) -> dict[str, object]:
    entry: dict[str, object] = {
        "question": QUESTIONS[question],
        "questionIdentifier": question,
        "answer": answer.text,
    }
    if answer.log is not None:
        entry |= {"keyEvents": answer.log.keys, "pasteEvents": answer.log.pastes}
    if question in HONEYPOTS:
        entry["honeypotPhrase"] = HONEYPOTS[question]
    return entry


def _table(written: Mapping[str, object], name: str) -> dict[str, str | list[str]]:
    table = written.get(name, {})
    return table if isinstance(table, dict) else {}


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _mistyped(word: str, rng: Random) -> str:
    """Lose, double or swap a letter in the middle of a word that is long enough to stay readable."""
    if len(word) < 4 or not word.isalpha():
        return word
    at = rng.randrange(1, len(word) - 1)
    return rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


if __name__ == "__main__":
    main()
