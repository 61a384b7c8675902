"""Which language an answer is in: English until it is shown to be another.

Many answers are too short to be told apart, and a wrong "not English" takes an answer out of several checks. So another
language is named on evidence only: another script; three words of which few are common English and which py3langid
(Barbaresi 2026, a naive Bayes classifier over bytes) recognises; or words that are far more common elsewhere.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from earnest.text.normalize import comparable, words
from earnest.text.words import elsewhere, zipf

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
FURTHER_FROM_ENGLISH = (3.5, 2.0, 1.5)
"""By how much more common a text of one, two, or more words must be in another language than in English, in mean Zipf
frequency ("na" is Tagalog, and an English answer): .2 % of English answers of at most five words are (same source)."""
COMMON_ELSEWHERE = 3.5
"""Mean Zipf frequency that such a text must reach there; each word outside the 2,000 commonest counts as 0."""
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
        code = _by_bytes(sample)
        return code if code not in {None, "en"} else _by_words(words(said)) or UNDETERMINED
    found = words(said)
    if not found or sum(map(zipf, found)) >= ENGLISH_ZIPF * len(found):
        return "en" if len(found) >= FEWEST_WORDS else None
    if len(found) >= FEWEST_WORDS:
        code = _by_bytes(sample)
        if code:
            return code
    return _by_words(found)


def _nearest(found: Sequence[str]) -> tuple[float, str]:
    """The other language in which the words are most common, after their mean Zipf frequency there; 0, "" if none."""
    sums: dict[str, float] = defaultdict(float)
    for word in found:
        for language, common in elsewhere(word):
            sums[language] += common
    return max(((common / len(found), language) for language, common in sums.items()), default=(0.0, ""))


def _by_bytes(sample: str) -> str | None:
    """The language that py3langid is sure enough of."""
    code, probability = _identifier().classify(sample)
    return str(code) if probability >= LEAST_PROBABILITY and code != _NO_LANGUAGE else None


def best_in_english(found: Sequence[str]) -> bool:
    """Whether no other language has more common words for these than English has."""
    return _nearest(found)[0] <= sum(map(zipf, found)) / len(found)


def _by_words(found: Sequence[str]) -> str | None:
    """The language in which the words are by far more common than in English, if any."""
    common, language = _nearest(found)
    ahead = common - sum(map(zipf, found)) / len(found)
    needed = FURTHER_FROM_ENGLISH[min(len(found), len(FURTHER_FROM_ENGLISH)) - 1]
    return language if common >= COMMON_ELSEWHERE and ahead >= needed else None


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
