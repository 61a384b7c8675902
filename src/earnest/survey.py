"""What comes in, already clean: a survey, its respondents, their answers and how these were typed.

The field names on the wire are the published ones (camelCase; `k`, `t`, `ht`, `c` for events). Everything tolerant,
such as old names or HTML entities, is settled before: see `api/contract.py` and `files/`.
"""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field, json

_MOST_MS = 10**15
Milliseconds = Annotated[
    float, Meta(ge=-_MOST_MS, le=_MOST_MS, extra={"must": "be a number of milliseconds, at most 10^15 either way"})
]
"""A time or a duration. The bounds, 30,000 years off, keep infinities out and differences exact."""

Characters = Annotated[float, Meta(ge=0, le=1e9, extra={"must": "be a number from 0 to 10^9"})]
"""How many; more is a fault of the collector. JSON does not tell 149 from 149.0, so neither do we."""


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


class Paste(Struct, frozen=True, omit_defaults=True):
    """One paste, or text dropped into the field.

    Attributes:
        at_ms: When, in milliseconds from the same origin as the keys.
        text: What was on the clipboard; or "sha256:" and 64 hexadecimal digits, those of its UTF-8 in Unicode's form
            NFC with single spaces, where a collector keeps pasted text to itself.
        characters: How long it was, where `text` does not hold all of it.
        is_own: Whether it had been copied from the respondent's answers on the same page.
    """

    at_ms: Milliseconds = field(name="t")
    text: str = field(name="c")
    characters: Characters | None = field(name="n", default=None)
    is_own: bool = field(name="own", default=False)


class Input(Struct, frozen=True, omit_defaults=True):
    """Text that came into a field, or went, otherwise than by a key or a paste: how much, never what.

    Attributes:
        at_ms: When it began, in milliseconds from the same origin as the keys.
        kind: How: the browser's inputType ("insertReplacementText"), or "prefilled" for what stood there from the
            beginning, or "noEvent" for what no event told of, as when a script sets the field's value.
        added: Characters that came.
        removed: Characters that went.
        by_script: Whether a script made the event and no person did; then `kind` may also be "keydown" or "paste".
    """

    at_ms: Milliseconds = field(name="t")
    kind: str = field(name="i")
    added: Characters = field(name="n")
    removed: Characters = field(name="d", default=0)
    by_script: bool = field(name="u", default=False)


class Absence(Struct, frozen=True):
    """A while for which the respondent was in another window or tab.

    Attributes:
        from_ms: Since when, in milliseconds from the same origin as the keys; negative before the first event.
        lasted_ms: For how long.
    """

    from_ms: Milliseconds = field(name="t")
    lasted_ms: Milliseconds = field(name="ms")


class Capture(Struct, frozen=True, omit_defaults=True):
    """What a collector saw of an answer beyond keys and pastes. Without it, text that no key explains is ambiguous.

    Attributes:
        inputs: Dictation, suggestions, input methods, undo, scripts.
        dropped: How many events were left out because the log was full.
        away: When the respondent was elsewhere.
        masked: Whether keys are told by their kind only: "a" for letters, "0" for digits, "." for all other signs.
        touch: Whether the device is mainly used with a finger.
    """

    inputs: tuple[Input, ...] = ()
    dropped: Characters = 0
    away: tuple[Absence, ...] = ()
    masked: bool = False
    touch: bool = False


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
        capture: What Earnest's own collector saw besides; UNSET with other collectors.
    """

    question: str
    answer: str
    question_context: str | UnsetType = UNSET
    question_identifier: str | UnsetType = UNSET
    parent_question_identifier: str | UnsetType = UNSET
    key_events: tuple[KeyStroke, ...] | UnsetType = UNSET
    paste_events: tuple[Paste, ...] | UnsetType = UNSET
    honeypot_phrase: str | UnsetType = UNSET
    capture: Capture | UnsetType = UNSET


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


# Now, not at first use: msgspec 0.22 crashes where two threads are the first to decode a struct at once.
json.Decoder(Respondent)
json.Decoder(Survey)
