"""Which language an answer is in: English until it is shown to be another.

Most answers are too short to be told apart, and a wrong "not English" takes an answer out of several checks. So another
language is named on evidence only: another script, or three words of which few are common English and which
py3langid (Barbaresi 2026, a naive Bayes classifier over bytes) recognises.
"""

from functools import cache
from typing import TYPE_CHECKING

from earnest.text.normalize import comparable, words
from earnest.text.words import zipf

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped]

SUPPORTED = frozenset({"en"})
"""Languages that the checks can read."""
UNDETERMINED = "und"
"""ISO 639-2 code for a language that cannot be named; here: not English, by its script."""

ENGLISH_ZIPF = 4.5
"""Mean Zipf frequency, as English words, from which a text is English: 95 % of English answers of four words or more
reach it, and at most 2 % of Spanish, Portuguese and French texts (training/README.md, "Language")."""
FEWEST_WORDS = 3
LEAST_PROBABILITY = 0.5
"""With these, .1 % of English answers were called another language (most of which were in one), and 88–100 % of the
others, by language, were recognised as not English (same source)."""
MAX_CHARACTERS_READ = 300
"""More does not change what is found, and takes time."""

_CANDIDATES = """
    af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu ha he hi hr ht hu hy id ig is it ja jv ka kk
    km kn ko ku la lo lt lv mk ml mn mr ms my ne nl no pa pl ps pt ro ru si sk sl so sq sr sv sw ta te th tl tr uk ur uz
    vi xh yo zh zu zxx
"""
"""py3langid's languages with many speakers on line, and "no language at all". The 60 others take probability from their
larger neighbours (Aragonese from Spanish), and Nigerian Pidgin from casual English."""
_NO_LANGUAGE = "zxx"


def detect(cleaned: str) -> str | None:
    """Return the ISO 639-1 code of a clean text's language; None where it cannot be told and may be English.

    So None is what a short text gets, and mash; such texts are to be read as English. A text that cannot be English but
    cannot be named either gets `UNDETERMINED`.
    """
    sample = cleaned[:MAX_CHARACTERS_READ]
    said = comparable(sample)
    if _foreign_script(said):
        code, probability = _identifier().classify(sample)
        return code if probability >= LEAST_PROBABILITY and code not in {"en", _NO_LANGUAGE} else UNDETERMINED
    found = words(said)
    if len(found) < FEWEST_WORDS:
        return None
    if sum(map(zipf, found)) >= ENGLISH_ZIPF * len(found):
        return "en"
    code, probability = _identifier().classify(sample)
    return code if probability >= LEAST_PROBABILITY and code != _NO_LANGUAGE else None


def _foreign_script(said: str) -> bool:
    """Whether most letters are of another script than Latin."""
    if said.isascii():
        return False
    letters = [letter for letter in said if letter.isalpha()]
    return 2 * sum(map(_is_latin, letters)) < len(letters)


def _is_latin(letter: str) -> bool:
    return letter < "\u0250" or "\u1e00" <= letter <= "\u1eff"


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415  (100 MB, which English texts seldom need)

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_CANDIDATES.split())
    return identifier
