"""What comes in, already clean: a survey, its respondents, their answers and how these were typed.

The field names on the wire are the published ones (camelCase; `k`, `t`, `ht`, `c` for events). Everything tolerant,
such as old names or HTML entities, is settled before: see `api/contract.py` and `files/`.
"""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

_MOST_MS = 10**15
Milliseconds = Annotated[
    float, Meta(ge=-_MOST_MS, le=_MOST_MS, extra={"must": "be a number of milliseconds, at most 10^15 either way"})
]
"""A time or a duration. The bounds, 30,000 years off, keep infinities out and differences exact."""


class KeyStroke(Struct, frozen=True):
    """One key going down and up again.

    Attributes:
        key: What the key produced ("a", "Enter"), read when it was released, so a capital may arrive as a small letter.
        down_ms: When it went down, in milliseconds from any fixed origin; only differences mean something.
        hold_ms: How long it stayed down, in milliseconds. A key that auto-repeats is one event with a long hold.
        code: The physical key ("KeyA"); empty on many phones.
    """

    key: str = field(name="k")
    down_ms: Milliseconds = field(name="t")
    hold_ms: Milliseconds = field(name="ht")
    code: str = field(name="c")


class Paste(Struct, frozen=True):
    """One paste.

    Attributes:
        at_ms: When, in milliseconds from the same origin as the keys.
        text: What was on the clipboard.
    """

    at_ms: Milliseconds = field(name="t")
    text: str = field(name="c")


class Entry(Struct, frozen=True, rename="camel", omit_defaults=True):
    """One question and one respondent's answer to it.

    Attributes:
        question: The question as it was asked.
        answer: The answer (the verbatim), untouched.
        question_context: What the researcher wants to learn from this question.
        question_identifier: Ties the question to itself across respondents; without one, its wording does.
        parent_question_identifier: The earlier question in a follow-up thread.
        key_events: Key strokes in any order; UNSET where none were recorded, which is not the same as an empty log.
        paste_events: Pastes; UNSET where none were recorded.
        honeypot_phrase: Words that the page hides from people; an answer that holds them was written by a machine.
    """

    question: str
    answer: str
    question_context: str | UnsetType = UNSET
    question_identifier: str | UnsetType = UNSET
    parent_question_identifier: str | UnsetType = UNSET
    key_events: tuple[KeyStroke, ...] | UnsetType = UNSET
    paste_events: tuple[Paste, ...] | UnsetType = UNSET
    honeypot_phrase: str | UnsetType = UNSET


class Respondent(Struct, frozen=True):
    """One person's answers.

    Attributes:
        identifier: The survey's own name for this response, or one that we made; unique within what is judged together.
        entries: The answers to judge, in the order in which they were asked.
        earlier: Answers of the same response that arrived before: compared with, not judged again.
    """

    identifier: str
    entries: tuple[Entry, ...]
    earlier: tuple[Entry, ...] = ()


class Survey(Struct, frozen=True):
    """What the answers belong to.

    Attributes:
        name: As the researcher calls it.
        description: Its purpose; names of brands, products and films that answers may mention.
        identifier: Ties answers together across requests; None where this is all there is of the survey.
    """

    name: str = ""
    description: str = ""
    identifier: str | None = None
