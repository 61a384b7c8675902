"""The one place where text is made fit for measuring, and comparable.

`clean` keeps what a person would see; `comparable` keeps what they said, the one form in which duplicates and lexicons
compare.
"""

import html
import re
from unicodedata import category, combining, normalize

MAX_CHARACTERS = 20_000
"""Of any text only so many characters are read, counted after invisible ones and surplus white space are gone.
Over an hour of typing at 52 words a minute, the mean of Dhakal et al. (2018)."""

_INVISIBLE = re.compile(
    # NUL and other controls, except those that are white space
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
    # soft hyphen, zero-width characters, direction marks and overrides, other format characters
    "\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a"
    # variation selectors and tags, in which whole sentences can be smuggled
    "\ufe00-\ufe0f\U000e0000-\U000e0fff"
    # halves of characters
    "\ud800-\udfff]+"
)
_BLANK = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
"""Letters and a Braille pattern that draw nothing."""
_DECORATED = re.compile(r"[^\w\s\x00-\x7f]{31,}")
"""No language stacks more than 30 marks (Unicode's own limit, UAX 15 §13); and sorting n of them takes n² steps."""
_DROPPED = frozenset("'’‘ʼ´`′＇")
"""Apostrophes, and what people type for them: "don't", "don´t" and "dont" are the same answer."""
_LONG_NUMBER = re.compile("&#[0-9]{20,};?")
"""No character has such a number, and `int` refuses to read the longest ones."""


def clean(text: str) -> str:
    """Return the text as a person sees it: no invisible characters, single spaces, composed Unicode (NFC).

    Cleaning twice is cleaning once, and extra white space never changes the result.
    """
    if not text.isascii():
        text = _BLANK.sub(" ", _INVISIBLE.sub("", text))
        text = _DECORATED.sub(_without_marks, text)
        text = normalize("NFC", " ".join(text.split())[:MAX_CHARACTERS])
    elif not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())[:MAX_CHARACTERS].rstrip()


def comparable(text: str) -> str:
    """Return the form in which texts compare: letters, digits and marks of any script, no case, single spaces.

    Any text will do, clean or not. Punctuation and symbols part words, except apostrophes, which vanish. A text of
    nothing but symbols keeps them, so that a thumb up is not a thumb down; one of nothing but punctuation becomes ''.
    """
    text = clean(text)
    if text.isascii():
        said = text.lower().translate(_ASCII)
    else:
        said = normalize("NFKC", normalize("NFKC", text.translate(_ANY)).casefold()).translate(_ANY)
    said = " ".join(said.split())[:MAX_CHARACTERS].rstrip()
    return said or " ".join(symbol for symbol in text if category(symbol) == "So")


def words(comparable_text: str) -> tuple[str, ...]:
    """Return the words of a text in comparable form."""
    return tuple(comparable_text.split())


def decode_entities(text: str) -> str:
    """Turn HTML entities into the characters they stand for, once: `&amp;lt;` becomes `&lt;`."""
    return html.unescape(_LONG_NUMBER.sub("\ufffd", text)) if "&" in text else text


def _without_marks(run: re.Match[str]) -> str:
    return "".join(character for character in run.group() if not combining(character))


class _Letters(dict[int, str]):
    """A table for `str.translate` that decides each character when it is first met, and remembers a bounded number."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kept = "" if character in _DROPPED else character if category(character)[0] in "LMN" else " "
        if len(self) < MAX_CHARACTERS:
            self[code] = kept
        return kept


_ANY = _Letters()
_ASCII = {code: _ANY[code] for code in range(128)}
