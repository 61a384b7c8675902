"""How surprising it is that two people write the same words.

Two people who say "good service" agree; two who share a sentence of twelve words have copied. What lies between is
weighed in bits of surprise, word by word.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log, log2, sqrt

from earnest.text.contradiction import is_misspelt
from earnest.text.words import zipf

FOCUS = 0.5
"""How much of a word's surprise in the language is left at a question that it fits: people who answer one question
choose among far fewer words. This, SAMPLE_WORTH and ORDER_BITS were chosen, of a grid, to tell planted copies of six
to eight words best from coincidences in real surveys (`training/fit_duplicates.py`, rows of use: train)."""
SAMPLE_WORTH = 8
"""How many answers to the same question tell as much about a word there as its frequency in the language."""
ORDER_BITS = 2
"""Bits for each word that nobody else used, for being in its place: it could have stood elsewhere, in another form."""
BITS_PER_LETTER = 2
"""Bound for words that the frequency list lacks, such as names, typing errors and other languages. Running English
has 1 to 1.5 bits per letter (Shannon 1951); a word out of context has more."""
BITS_PER_IDEOGRAM = 6
"""The same for a character of a script without spaces. Chosen, not measured."""
LONGEST_PHRASE = 4
"""Words that others wrote in a row count as one: "ease of use" is one idea. Longer rows are cut, so that a copied
sentence remains surprising where a part of it is common."""
MOST_WORDS = 100
"""Shared words that are looked at; so many leave no doubt."""
RAREST = 1.0
"""Zipf frequency of a word that the list lacks."""

BIAS = -3.81
WEIGHTS = {"bits": 0.74, "words": 2.05, "typical": -10.21, "variants": -0.49}
"""Log-odds of a copy, by what `copy_signals` measures. Fitted by `training/fit_duplicates.py` on rows of use: train,
with one answer in twenty copied."""
PER_OTHER = 0.2
"""Log-odds lost for each e-fold of answers that were looked through. In theory 1; but the larger the crowd, the better
do the signals say what is common in it. With .2 one threshold fits groups of 2 and of 500."""
TYPICAL = 0.3
"""How alike in meaning an answer is to other answers, where there are none to ask: the middle of real surveys."""
HONEST_ODDS = 6, 0.75
"""A stated chance is 2 to the minus (6 + three quarters of the log-odds). In no survey of
`training/fit_duplicates.py`, exams aside, are more of the honest answers so much like another."""
RAREST_CHANCE = 1e-6
"""No smaller chance is ever stated."""

_DENSE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(f"[{_DENSE}]|[^\\s{_DENSE}]+")


def tokens(comparable: str) -> tuple[str, ...]:
    """The words of a text in order; its characters, where it is written without spaces (Chinese, Japanese, Thai …)."""
    return tuple(_TOKEN.findall(comparable))


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two texts have in common.

    Attributes:
        bits: Surprise if a stranger, who answers the same question, writes that; 0 or more.
        words: How many words it is; a character of a script without spaces is half a word.
    """

    bits: float
    words: float


def agreement(text: str, other: str, *, question: str = "", peers: Sequence[str] = ()) -> Agreement:
    """Weigh what two texts have in common, words with a typing error included.

    Args:
        text: One of the texts, in comparable form like all others here.
        other: The other one.
        question: The question; its words are no surprise.
        peers: Other people's answers to it, those left out that are nearly the same.
    """
    idle = _EVASIVE.union(tokens(question))
    said, spaced = _shared(tokens(text), tokens(other)), [_peer(peer) for peer in peers]
    bits, start = 0.0, 0
    while start < len(said):
        phrase, seen = _longest_phrase(said[start : start + LONGEST_PHRASE], spaced)
        start += len(phrase)
        words = [token for token in phrase if token not in idle]
        if words:
            likely = 2 ** (-FOCUS * sum(map(bits_in_language, words)))
            bits -= log2((seen + SAMPLE_WORTH * likely) / (len(peers) + SAMPLE_WORTH))
            bits += 0 if seen else ORDER_BITS
    return Agreement(max(0.0, bits), sum(0.5 if _is_dense(token) else 1 for token in said))


def _shared(said: Sequence[str], others: Sequence[str]) -> list[str]:
    """The words that both texts have, each once; of two spellings the commoner one."""
    known, mine = frozenset(others), frozenset(said)
    left = [other for other in dict.fromkeys(others) if other not in mine]
    found = []
    for token in list(dict.fromkeys(said))[:MOST_WORDS]:
        meant = next((other for other in left[:MOST_WORDS] if is_misspelt(token, other)), None)
        if token in known:
            found.append(token)
        elif meant:
            found.append(min(token, meant, key=lambda each: -zipf(each)))
    return list(dict.fromkeys(found))


def _longest_phrase(said: Sequence[str], peers: Sequence[str]) -> tuple[Sequence[str], int]:
    """The longest beginning that a peer wrote too, or else one word; and how many wrote it."""
    for length in range(len(said), 0, -1):
        phrase = _spaced(said[:length])
        seen = sum(phrase in peer for peer in peers)
        if seen:
            return said[:length], seen
    return said[:1], 0


def _spaced(said: Sequence[str]) -> str:
    return f" {' '.join(said)} "


@lru_cache(maxsize=4096)
def _peer(comparable: str) -> str:
    return _spaced(tokens(comparable)[: 10 * MOST_WORDS])


def copy_signals(found: Agreement, *, typical: float = TYPICAL, variants: int = 1) -> dict[str, float]:
    """What WEIGHTS weighs.

    Args:
        found: What two answers have in common. The root of its bits counts, since words that belong together come
            together, so that bits overrate long agreements.
        typical: How alike in meaning the answer is to others, on average; 0–1.
        variants: How many different texts agree so with the answer: what many put in many ways is common knowledge.
    """
    return {"bits": sqrt(found.bits), "words": log2(1 + found.words), "typical": typical, "variants": log2(variants)}


def copied(signals: Mapping[str, float], *, others: int) -> float:
    """Log-odds that two answers that agree so are no coincidence.

    Args:
        signals: What `copy_signals` measured.
        others: With how many answers this one was compared: the more, the likelier is a coincidence.
    """
    return BIAS + sum(weight * signals[name] for name, weight in WEIGHTS.items()) - PER_OTHER * log(max(1, others))


def probability(odds: float) -> float:
    """The probability of log-odds, 0–1."""
    return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))


def chance(odds: float) -> float:
    """A careful estimate of how often an honest answer agrees so with another by chance, 1e-6 to 1/64."""
    start, per_unit = HONEST_ODDS
    return max(RAREST_CHANCE, 2 ** -(start + per_unit * max(0.0, odds)))


def bits_in_language(token: str) -> float:
    """How surprising a word is in English, in bits: 4 ("the") to 27."""
    per_letter = BITS_PER_IDEOGRAM if _is_dense(token) else BITS_PER_LETTER
    return min(per_letter * len(token), log2(10) * (9 - (zipf(token) or RAREST)))


def _is_dense(token: str) -> bool:
    return re.match(f"[{_DENSE}]", token) is not None


_EVASIVE_WORDS = """
    i im ive my me a it its this that the is be of to at about there any all really else do dont does doesnt did didnt
    donot have havent has can cant cannot could couldnt no not never none nothing nil na n know knows idea clue sure
    unsure unknown think thought comment comments opinion answer say tell guess anything remember recall applicable ok
    okay yes dk idk dunno ich weiß weiss nicht nichts keine kein ahnung kommentar je ne sais pas rien aucun aucune
    idée avis no sé se nada ninguno ninguna sin comentarios não nao sei nenhum nenhuma non so niente nessuno nessuna
    geen idee weet ik niet niets не знаю нет ничего 无 没 有 不 知 道 清 楚 特 に な し わ か ら い あ り ま せ ん
"""
_EVASIVE = frozenset(_EVASIVE_WORDS.split())
"""Sharing these is no evidence: "I don't know", "no idea at all", "nothing" are the commonest answers of all
surveys."""
