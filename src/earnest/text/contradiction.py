"""Whether two texts that share their words say the opposite of one another."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import fuzz

from earnest.text.words import zipf

MOST_REWRITTEN = 2
"""Differing words on either side up to which a contradiction counts in near copies: the opposite opinion in the same
words has one or two ("would not", "do not like"); beyond, it is an accident of rewriting."""
MISSPELT = 70
"""Per cent of alike letters from which two words are one word spelt twice."""
RARE = 3.0
"""Zipf frequency below which a word may be another one misspelt: fewer than one in a million words."""
REACH = 3
"""Words that a negation bears on: "not", and up to two words between it and what it denies."""
FEW_WORDS = 15
"""Up to so many words one sign of contradiction is enough; in longer texts two kinds of it must meet. Of the
contradicting pairs of SICK 87 % show one, of its equivalent pairs none; among longer rewordings by chat models a fifth
have one "not" more or less, and a tenth show both signs (`training/fit_duplicates.py`)."""
MANY_WORDS = 40
"""Beyond, nobody denies what another says sentence by sentence, and some sentence has a "not" more by accident."""


def contradict(a: str, b: str) -> bool:
    """Whether two texts differ in little else than a negation, their numbers, or a pair of opposites.

    A text that was rewritten in many places is not called the opposite of another for having one "not" more.
    """
    first, second = Counter(a.split()), Counter(b.split())
    only_first, only_second = list((first - second).elements()), list((second - first).elements())
    if max(len(only_first), len(only_second)) > MOST_REWRITTEN:
        return False
    if any(not _OPPOSITES.get(word, set()).isdisjoint(only_second) for word in only_first):
        return True
    only_first, only_second = _without_misspelt(only_first, only_second), _without_misspelt(only_second, only_first)
    if sum(map(_is_negation, only_first)) % 2 != sum(map(_is_negation, only_second)) % 2:
        return True
    return any(word[0].isdigit() for word in only_first) and any(word[0].isdigit() for word in only_second)


def opposed(a: str, b: str) -> bool:
    """Whether two texts, however much is reworded, deny what the other says.

    Signs of it: a word that only one of them denies ("did not switch", "switched"), a pair of opposites, and another
    number of negations.
    """
    first, second = a.split(), b.split()
    if min(len(first), len(second)) > MANY_WORDS:
        return False
    first, second = _corrected(first, second), _corrected(second, first)
    turned = _turned(first, second)
    uneven = sum(map(_is_negation, first)) != sum(map(_is_negation, second))
    if min(len(first), len(second)) <= FEW_WORDS:
        return turned or uneven or _other_numbers(first, second)
    return turned and uneven


def _corrected(words: Sequence[str], others: Iterable[str]) -> list[str]:
    """The words, with negations that nobody spells so ("dnot") as the other text spells them."""
    negations = [other for other in others if other in _NEGATIONS and other not in words]
    return [next((each for each in negations if zipf(word) < RARE and is_misspelt(word, each)), word) for word in words]


def _turned(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether a shared word is denied on one side only, or a word meets its opposite."""
    denied, others = _denied(first), _denied(second)
    if any(denied[word].isdisjoint(others[word]) for word in denied.keys() & others.keys()):
        return True
    return any(
        not denied[word].isdisjoint(others[opposite])
        for word in denied.keys() - others.keys()
        for opposite in _OPPOSITES.get(word, ())
        if opposite in others and opposite not in denied
    )


def _denied(words: Iterable[str]) -> Mapping[str, set[bool]]:
    """Each word but negations and conjunctions: whether it stands within reach of a negation, somewhere or always."""
    found: dict[str, set[bool]] = defaultdict(set)
    since = REACH + 1
    for word in words:
        since = 0 if word in _NEGATIONS else REACH + 1 if word in _CLAUSES else since + 1
        if since and len(word) > 2 and word not in _CLAUSES:
            found[word].add(since <= REACH)
    return found


def _other_numbers(first: Iterable[str], second: Iterable[str]) -> bool:
    numbers, others = ({word for word in words if word[0].isdigit()} for words in (first, second))
    return bool(numbers and others) and numbers.isdisjoint(others)


def _without_misspelt(words: Iterable[str], others: Sequence[str]) -> list[str]:
    """The words that are not merely spelt otherwise among the others."""
    return [word for word in words if not any(is_misspelt(word, other) for other in others)]


def is_misspelt(word: str, other: str) -> bool:
    """Whether one of two words is the other with a typing error; "can" and "cant" are not, nor are numbers."""
    negates = {word + "t", word + "nt"} & {other} or {other + "t", other + "nt"} & {word}
    return not (negates or word[0].isdigit() or other[0].isdigit()) and fuzz.ratio(word, other) >= MISSPELT


def _is_negation(word: str) -> bool:
    return word in _NEGATIONS


_CLAUSE_WORDS = "but yet however although though while whereas because since so and or if when which that"
_CLAUSES = frozenset(_CLAUSE_WORDS.split())
"""Where a negation's reach ends."""

_NEGATING_WORDS = """
    no not never none nobody nothing nowhere neither nor without cannot hardly cant dont doesnt didnt isnt arent wasnt
    werent wont wouldnt couldnt shouldnt hasnt havent hadnt aint
    nicht kein keine keinen keiner keinem nie niemals ohne niet geen nooit pas jamais aucun aucune sans nunca nada sin
    não nao nem sem non mai senza nie bez не нет никогда без
"""
_NEGATIONS = frozenset(_NEGATING_WORDS.split())
"""English, then German, Dutch, French, Spanish, Portuguese, Italian, Polish and Russian. A spelling that two languages
share does no harm: it must occur in one text and not in its near copy."""

_OPPOSING_WORDS = """
    good/bad better/worse best/worst like/dislike love/hate like/hate love/dislike likes/dislikes liked/disliked
    more/less most/least many/few easy/difficult easy/hard easier/harder cheap/expensive cheaper/dearer high/low
    higher/lower increase/decrease increased/decreased increases/decreases fast/slow faster/slower quick/slow
    always/never yes/no helpful/unhelpful agree/disagree satisfied/dissatisfied satisfied/unsatisfied happy/unhappy
    positive/negative clean/dirty friendly/unfriendly friendly/rude fresh/stale big/small large/small bigger/smaller
    long/short longer/shorter strong/weak safe/unsafe reliable/unreliable clear/unclear useful/useless fair/unfair
    comfortable/uncomfortable likely/unlikely possible/impossible right/wrong true/false support/oppose for/against
    advantage/disadvantage before/after early/late loud/quiet hot/cold open/closed buy/sell win/lose men/women
    man/woman boy/girl boys/girls add/remove adding/removing added/removed start/stop starts/stops full/empty warm/cold
    quiet/noisy quietly/loudly polite/rude simple/complicated standing/sitting inside/outside top/bottom rise/fall
    everybody/nobody everyone/nobody everything/nothing improved/worsened near/far front/back
"""
_OPPOSITES: dict[str, set[str]] = {}
for _pair in _OPPOSING_WORDS.split():
    _one, _other = _pair.split("/")
    _OPPOSITES.setdefault(_one, set()).add(_other)
    _OPPOSITES.setdefault(_other, set()).add(_one)
