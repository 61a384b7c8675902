"""The keys of a British keyboard, and of its neighbours across the Channel where an answer needs their letters."""

from dataclasses import dataclass
from string import ascii_lowercase, digits

MODIFIER_CODES = {"Shift": "ShiftLeft", "AltGraph": "AltRight", "Alt": "AltLeft"}


@dataclass(frozen=True, slots=True)
class Key:
    """How a character is typed.

    Attributes:
        character: What it writes.
        code: The physical key, as in `KeyboardEvent.code`.
        modifier: Shift, AltGraph or Alt (the dash of an Apple keyboard); empty where none is held.
        dead: The physical key of an accent that is struck first; empty where there is none.
    """

    character: str
    code: str
    modifier: str = ""
    dead: str = ""

    @property
    def modifier_code(self) -> str:
        """The modifier's physical key."""
        return MODIFIER_CODES[self.modifier]


PLAIN = {
    " ": "Space", "\n": "Enter", "-": "Minus", "=": "Equal", "[": "BracketLeft", "]": "BracketRight",
    ";": "Semicolon", "'": "Quote", "#": "Backslash", ",": "Comma", ".": "Period", "/": "Slash", "`": "Backquote",
    "ñ": "Semicolon", "ü": "BracketLeft", "ö": "Semicolon", "ä": "Quote", "ß": "Minus",
    "ç": "Digit9", "é": "Digit2", "è": "Digit7", "à": "Digit0",
}  # fmt: skip
SHIFTED = {
    "!": "Digit1", '"': "Digit2", "£": "Digit3", "$": "Digit4", "%": "Digit5", "^": "Digit6", "&": "Digit7",
    "*": "Digit8", "(": "Digit9", ")": "Digit0", "_": "Minus", "+": "Equal", ":": "Semicolon", "@": "Quote",
    "~": "Backslash", "<": "Comma", ">": "Period", "?": "Slash",
}  # fmt: skip
ACCENTED = {"á": "a", "í": "i", "ó": "o", "ú": "u", "â": "a", "ê": "e", "î": "i", "ô": "o", "û": "u"}

KEYS: dict[str, Key] = {
    **{letter: Key(letter, f"Key{letter.upper()}") for letter in ascii_lowercase},
    **{letter.upper(): Key(letter.upper(), f"Key{letter.upper()}", "Shift") for letter in ascii_lowercase},
    **{digit: Key(digit, f"Digit{digit}") for digit in digits},
    **{character: Key("Enter" if character == "\n" else character, code) for character, code in PLAIN.items()},
    **{character: Key(character, code, "Shift") for character, code in SHIFTED.items()},
    **{character: Key(character, f"Key{base.upper()}", dead="Quote") for character, base in ACCENTED.items()},
    "€": Key("€", "Digit4", "AltGraph"),
    "–": Key("–", "Minus", "Alt"),
}
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS: dict[str, str] = {
    letter: "".join(row[max(0, at - 1) : at] + row[at + 1 : at + 2]) for row in ROWS for at, letter in enumerate(row)
}
LEFT_HAND = frozenset("qwertasdfgzxcvb")
BY_FINGER = ("qaz", "wsx", "edc", "rfvtgb", "yhnujm", "ik", "ol", "p")
FINGERS = {letter: finger for finger, letters in enumerate(BY_FINGER) for letter in letters}
COMMON = frozenset(
    {"th", "he", "in", "er", "an", "re", "nd", "at", "on", "nt", "ha", "es", "st", "en", "ed", "to", "it"}
)


def digraph_factor(first: str, second: str) -> float:
    """How much slower or faster than the typist's median the second of two characters follows the first.

    Alternating hands are faster than one hand, one finger is slowest, common pairs are practised (the order is that of
    Dhakal et al. 2018, "Observations on Typing from 136 Million Keystrokes"; the sizes are round guesses).
    """
    first, second = first.lower(), second.lower()
    if second in " \n":
        return 0.9
    if second not in FINGERS:
        return 1.6
    if first not in FINGERS:
        return 1.2
    factor = 0.85 if first + second in COMMON or first == second else 1.0
    if first != second and FINGERS[first] == FINGERS[second]:
        return 1.3 * factor
    return factor * (0.9 if (first in LEFT_HAND) != (second in LEFT_HAND) else 1.05)
