"""Kinds of text that answer no question of a survey, told by their manner: advertising, and talk with a chat program.

A linear model over turns of phrase, the text's vector and its likeness to the question, fitted to constructed examples
and near misses by `training/fit_irrelevant.py`. Turns of phrase alone flag people who write about offers or prompts;
vectors alone do not tell an advertisement from a complaint about one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp

import numpy as np
from numpy.typing import NDArray


class Genre(StrEnum):
    """What a text is instead of an answer."""

    ADVERTISING = "advertising"
    CHAT_REMARK = "chat_remark"


def _cue(alternatives: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(line.strip() for line in alternatives.strip().splitlines()) + r")\b")


_CALL = (
    "(?:buy|order|shop|book|call|ring|subscribe|sign up|join|register|click|visit|check out|dm|message|text|e ?mail"
    "|contact|whatsapp|apply|claim|download|grab|follow|enquire|hire|rent|enter|vote)"
)
_ASK_FOR = "(?:quotes?|details|prices?|price list|info|proposal|brochure|catalogue|pictures)"
_CUES = {
    Genre.ADVERTISING: (
        _cue(rf"""
            {_CALL}(?: \w+){{0,3}} (?:now|today|tonight|below|here|online|free|yours)
            {_CALL} (?:\w+ ){{0,2}}for (?:a |an )?(?:free |more )?{_ASK_FOR}
            {_CALL} (?:\w+ ){{0,2}}(?:on (?:telegram|whatsapp|insta\w*|the number)|to learn how)
            (?:ask|see) (?:\w+ ){{0,2}}(?:how|for) (?:the |our |my )?{_ASK_FOR}
        """),
        _cue(r"""
            (?:link|shop|details?) (?:in|below|on) (?:my |the )?(?:bio|profile|website|description)
            link below
            (?:click|follow|dm|add|whatsapp|inbox) (?:on )?(?:me|my|here|the link|below)
        """),
        _cue(r"""
            www|https?|dot (?:com|net|shop|org)|\w+ (?:com|net) \w+
        """),
        _cue(r"""
            \d+ ?(?:%|percent|pct)? off|half price|buy (?:one|two|\d) (?:\w+ ){0,3}get
            from (?:only|just) \d+|(?:promo|discount|referral|coupon)s? codes?|(?:use|with) code \w+
        """),
        _cue(r"""
            free (?:trial|quotes?|estimates?|shipping|delivery|gift|spins?|followers|consultation|webinar|reading)
            money back|satisfaction guaranteed|guaranteed? (?:returns?|results?)|limited time|while stocks last
            fully (?:insured|licensed|licenced)|(?:best|lowest) (?:prices?|rates|deals)|low interest
            no (?:skills|experience|collateral|deposit|call out fee)(?: needed| required)?|without prescription
        """),
        _cue(r"""
            (?:make|earn|win|lose|save|receive) (?:\w+ ){0,2}(?:up to )?\d+\w* (?:\w+ ){0,2}(?:an?|per|in|every) \w+
            passive income|be your own boss|congratulations you (?:have|ve|are)|you have been selected
        """),
        _cue(r"""
            we (?:offer|provide|sell|buy|ship)|for sale|wholesale|selling (?:my|two|\d+)
            our (?:\w+ )?(?:clinic|shop|store|app|plumbers|products?|services?) (?:offers?|is now|are available)
            (?:bitcoin|crypto|forex|casino|viagra|backlinks?|spell caster|quick loans?) \w+
        """),
    ),
    Genre.CHAT_REMARK: (
        _cue(r"""
            (?:as|im|i am|since im) (?:just |only )?an? (?:ai|artificial intelligence|(?:large )?language model)
            (?:as|im|i am|since im) (?:just |only )?an? (?:virtual|digital|helpful) assistant
            (?:knowledge|training)(?: data)? (?:cut ?off|doesnt|does not|only|was)|large language model
        """),
        _cue(r"""
            regenerate response|stop generating|copy code|new chat|generating a response|chatgpt can
            (?:message|usage|rate|daily) limit|free messages|session has expired|conversation is too long
            upgrade (?:your plan|to (?:plus|pro|continue))|something went wrong|please wait and retry|network error
        """),
        _cue(r"""
            ignore (?:all |any |the |your )?(?:previous |prior |above |earlier )?(?:instructions|prompts?)
            forget (?:everything|all)(?: that| you| the)|system prompt|you are an? \w+ (?:respondent|assistant)
            act as an? \w+|(?:previous|prior) instructions
        """),
        re.compile(r"^(?:certainly|sure|of course|absolutely|great question|thats a great question|got it)\b"),
        _cue(r"""
            here(?:s| is| are) (?:\w+ ){0,4}(?:versions?|drafts?|responses?|answers?|summary|examples?)
            below is an? (?:\w+ ){0,2}(?:example|answer|response|version)|option 1|option a
            (?:feel free to|you (?:can|could) (?:say|use|adjust|write))
            your (?:answer|response|message) (?:could|was|can)
        """),
        _cue(r"""
            (?:would you like|do you want) (?:me|it) to|would you like (?:it|another)|let me know if you
            (?:can|could) you (?:please )?(?:provide|share|rephrase|clarify|describe|paste|tell me)
            i can help (?:with|you)|how can i (?:help|assist)|i can (?:help|assist)
            (?:please|just) (?:paste|provide|share|send) (?:\w+ ){0,3}(?:text|question|content|context|survey)
        """),
        _cue(r"""
            i (?:cant|cannot|am unable to|dont|do not) (?:\w+ )?(?:view|access|open|browse|participate)
            i (?:dont|do not) have (?:personal|real time|access|feelings|opinions|enough context)
            unable to (?:view|open|access)
            i (?:cant|cannot) (?:help|assist) with
        """),
        _cue(r"""
            (?:rewrite|rephrase|reword|shorten|summari[sz]e|translate|paraphrase|correct) (?:this|it|the|my|that|your)
            make (?:it|this) (?:shorter|longer|more|sound|less)|sound (?:human|natural)|human sounding
            (?:casual|formal|friendly|natural|polished) (?:tone|version)|in (?:one or two|\d+) sentences
            (?:write|give me|generate|answer) (?:\w+ ){0,4}(?:answers|versions|in the style|words minimum)
            answer (?:\w+ ){0,2}(?:as|like) an?|(?:this|the) (?:survey )?question as an?
        """),
        re.compile(r"^(?:assistant|system prompt|you said) \w+"),
    ),
}
MOST_CUES = 3
MOST_WORDS = 80
"""Words that are looked at: such phrases stand early."""


def cues(genre: Genre, words: Sequence[str]) -> list[str]:
    """Return the turns of phrase of a genre that a text's words hold, one of each kind."""
    said = " ".join(words[:MOST_WORDS])
    return [found[0] for cue in _CUES[genre] if (found := cue.search(said))]


@dataclass(frozen=True, slots=True, eq=False)
class Manner:
    """The weights of one genre.

    Attributes:
        bias: Log-odds where all is 0.
        cues: What each turn of phrase adds, up to MOST_CUES.
        asked: What likeness to the question adds, or takes.
        meaning: Shape (dimensions,): what the vector adds.
    """

    bias: float
    cues: float
    asked: float
    meaning: NDArray[np.float64]

    def probability(self, found: int, asked: float, vector: NDArray[np.float16]) -> float:
        """Return the probability that a text is of this genre, 0–1.

        Args:
            found: Number of turns of phrase.
            asked: Likeness to the question.
            vector: The text's vector.
        """
        meaning = float(self.meaning @ vector.astype(np.float64))
        return 1 / (1 + exp(-(self.bias + self.cues * min(found, MOST_CUES) + self.asked * asked + meaning)))
