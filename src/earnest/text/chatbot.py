"""What chat assistants leave in a text and people do not: their phrases, and mark-up that a text box has no use for."""

import re
from dataclasses import dataclass

from earnest.text.normalize import clean

MOST_CHARACTERS = 4_000
"""Only so much of an answer is searched; such phrases stand at its beginning or end, and long answers are cut there."""


@dataclass(frozen=True, slots=True)
class GiveAway:
    """A trace of a chat assistant.

    Attributes:
        kind: "identity" (it says what it is), "courtesy" (it talks to whoever asked it), "closing" (as people write
            too, at times) or "markup".
        quote: The words, as they stand in the answer.
    """

    kind: str
    quote: str


_AN_AI = r"an? (?:ai|artificial intelligence)(?: (?:language )?(?:model|assistant)| chatbot)?\b"
_START = r"(?:^|(?<=[.!?:]\s)|(?<=\n))\s*"
_KINDS = (
    (
        "identity",
        _START + r"(?:(?:i'm sorry|sorry|unfortunately|apologies)[^.!?]{0,40}[,.] *(?:but )?)?"
        rf"(?:as {_AN_AI}(?=,| developed| created| i )"
        rf"|i(?:'m| am) (?:just |only )?{_AN_AI}(?=[,.]| (?:and|but|so|that|without|created|trained)\b)"
        r"|as a large language model\b|i(?:'m| am) a large language model\b"
        r"|my (?:knowledge|training data) (?:cut-?off|only goes|was last)\b"
        r"|i(?:'m sorry, but i)? (?:can't|cannot|can not) (?:assist|help) with (?:that|this) request\b)",
    ),
    (
        "courtesy",
        r"^\s*(?:(?:certainly|sure(?: thing)?|of course|absolutely|great question)[!,.:]\s*)"
        r"(?:here(?:'s| is| are) (?!my |mine |what i )|below (?:is|are)\b|i(?:'d| would) be happy to\b)"
        r"|^\s*here(?:'s| is| are) (?:a|an|some|the|my|your|one|two|three|\d+) (?:\w+[ -]){0,5}?"
        r"(?:response|answer|reply|version|example|draft|rewrite|sample)s?\b[^.!?\n]{0,60}:"
        r"|\blet me know if you(?:'d| would) like (?:me to|it|a|any|another|more)\b"
        r"|\bwould you like me to (?:adjust|make|rewrite|write|revise|shorten|expand|tailor)\b"
        r"|\[(?:insert|your|name of|product|brand|company)\b[^\]\n]{0,40}\]",
    ),
    ("closing", _START + r"i hope (?:this|that) helps\b"),
    (
        "markup",
        r"\*\*[^*\n]{2,60}\*\*(?=[\s:.,]|$)|(?:^|\n)#{1,4} +\w[^\n]{2,60}(?=\n)",
    ),
)
_COMPILED = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS)
_QUOTED = re.compile(r"[\"“‘«'][^\"”’»'\n]{0,200}$")


def give_away(text: str) -> GiveAway | None:
    """Return the plainest trace in a text as it came in, line breaks kept; None where there is none.

    A phrase within quotation marks is quoted by a person and no trace.
    """
    lines = [clean(line) for line in text[:MOST_CHARACTERS].replace("’", "'").splitlines()]
    for kind, pattern in _COMPILED:
        for read in ("\n".join(lines), " ".join(filter(None, lines))):  # a phrase may run on over a line break
            for found in pattern.finditer(read):
                if not _QUOTED.search(read[: found.start()].rsplit("\n", 1)[-1]):
                    return GiveAway(kind, " ".join(found[0].split()))
    return None
