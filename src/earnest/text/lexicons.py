"""English that says nothing: don't-knows, refusals, nones, praise, and words that fit any answer.

An answer is a don't-know, a refusal or a none only if *all* of it is: a phrase that says so, and beside it only words
that point but name nothing. "I don't know anyone who dislikes it" and "None of the buses go to my street" name
something. Everything here is in comparable form (`normalize.comparable`): small letters, no apostrophes.
"""

import re
from enum import StrEnum

LONGEST_NON_ANSWER = 30
"""Words up to which a text is looked at for a non-answer; nobody needs more to say nothing."""


class NonAnswer(StrEnum):
    """What an answer says instead of answering."""

    DONT_KNOW = "dont_know"
    REFUSAL = "refusal"
    NOTHING = "nothing"


def non_answer(words: tuple[str, ...]) -> NonAnswer | None:
    """Return what a text says instead of an answer, or None if any of its words says something."""
    if not 0 < len(words) <= LONGEST_NON_ANSWER:
        return None
    said = " ".join(words)
    for kind, phrases in _PHRASES.items():
        rest, found = phrases.subn(" ", said)
        if found and BESIDE.issuperset(rest.split()):
            return kind
    none = not _NONE_WORDS.isdisjoint(words) and BESIDE.issuperset(words)
    return NonAnswer.NOTHING if none else None


def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _phrases(alternatives: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(line.strip() for line in alternatives.strip().splitlines()) + r")\b")


EMPTY = _list("""
    a an the and or but so if as at by for from in into of off on onto out over than then to up with without about
    around i me my mine myself im ive id ill we us our you your u ur he she they them him her his their it its itself
    this that these those there here thats theres what whats who which when where why how whether am is are was were
    be been being do does did doing done has have had having will would could can should shall may might must get got
    gets go going say says said tell think thinking thought guess suppose mean know see want need like any anything
    anyone anybody some something all every everything else more much many most one ones thing things other another
    both each either same such own lot lots bit not no yes yeah yep ok okay well now yet still just only even also too
    very really quite rather actually basically simply truly honestly frankly personally currently presently recently
    probably perhaps maybe possibly certainly definitely absolutely literally completely totally exactly particularly
    specifically especially generally mostly sorry unfortunately sadly thanks thank please lol haha tbh um umm uh hm
    hmm er erm oh ah moment time point right today far top head mind hand opinion case answer answers question
    questions survey topic subject comment anymore because cause cant dont didnt doesnt isnt wasnt wouldnt couldnt
    havent hasnt honest honesty enough ever never always again though man dude sir guys mate bro atm
""")
"""Words that point, link or hedge, and name nothing."""

_NONE_WORDS = _list("""
    no nope nah naw none nothing nothin nowt nil null na nada zilch void noth nill non nought
""")
_BESIDE = _list("""
    n applicable comes come came springs spring stands add report mention share complain declare contribute specific
    special particular additional further extra major big significant clearly offhand urgent required missing wrong
    bad negative comments complaints complaint concerns concern issues issue problems problem suggestions suggestion
    requests request feedback remarks changes change improvements improvement improve thoughts ideas reason reasons
    needed immediate obvious new different needs examples notes response experience find fault idea clue sure familiar
    aware heard x present guesses name recall
""")
BESIDE = (EMPTY | _NONE_WORDS | _BESIDE) - _list("he she him her his")  # "…, he does all that" tells of somebody
"""Words that stand beside a don't-know, a refusal or a none without naming anything ("nothing comes to mind")."""

_DONT = (
    "(?:dont|do not|donot|didnt|did not|wouldnt|would not|doesnt|dosnt|does not"
    "|cant|can not|cannot|couldnt|could not|don t)(?: really| even| actually| honestly)?"
)
_SAY = "(?:say|answer|answering|comment|share|tell|disclose|discuss|talk|respond|write|guess|specify|elaborate|explain)"
_NOT_A = (
    "(?:no|havent an?|havent got an?|havent the|not an?|not the)(?: real| good| strong| slightest| faintest| foggiest)?"
)
_PHRASES = {
    NonAnswer.REFUSAL: _phrases(rf"""
        no comments?
        (?:prefer|rather|choose) not(?: to)?(?: {_SAY})?
        (?:decline|refuse)d?(?: to {_SAY})?
        (?:none|not) (?:of )?(?:your|ur|anyones) (?:damn |bloody )?(?:business|concern)
        mind your (?:own )?business
        (?:thats|its|it is|that is|this is|too) (?:too |very )?(?:private|personal|confidential)
        ^(?:private|personal|confidential|whatever|boring)$
        (?:not|wont|will not|aint) (?:going to )?{_SAY}(?: an? (?:essay|novel|answer))?
        (?:not|wont) writing an? (?:essay|novel)
        {_DONT} (?:want|wish|care|feel like)(?: to)? {_SAY}
        {_DONT} (?:care|want to)$
        who cares|couldnt care less|idc|not interested|no interest|leave me alone|stop asking
        next question|^(?:next|skip|pass|skipped|ill pass|i pass)(?: please| this| on this)?$
        skip this(?: one| question)?|no answer|no response|none given|too many questions|im done|i am done
    """),
    NonAnswer.DONT_KNOW: _phrases(rf"""
        {_DONT} (?:have )?(?:know|kno|knw|konw|now|no|remember|recall|think of|be sure|tell|guess|say|answer|understand)
        {_DONT} have (?:an? |any |a strong |the slightest |the faintest )?(?:ideas?|clue|opinions?)
        {_DONT} have (?:an? |any |a strong |enough |much )?(?:information|experience|knowledge|preference|thoughts?)
        {_DONT} have (?:an? |any )?(?:answer|guess|views?)
        {_NOT_A} (?:ideas?|clues?|opinions?|knowledge|guess|preference)
        (?:not|never|isnt) (?:really |so |too |very |quite |entirely )*(?:sure|certain|aware|familiar)
        unsure|uncertain|undecided|clueless
        (?:hard|difficult|tough|impossible|tricky|too soon|too early) (?:one |question )?to {_SAY}
        (?:hard|difficult|tough|impossible|tricky|too soon|too early) (?:one |question )?to know
        (?:never|not|havent|hasnt|have not) (?:really |even |ever )*(?:heard|thought|considered)
        i forget|i forgot|^forgot$|idk|^dk$|dunno|dnk|duno|idek|beats me|who knows|god knows|^blank$|^unknown$
        your guess is as good as mine
    """),
    NonAnswer.NOTHING: _phrases(r"""
        n a|^x$|not applicable|(?:does not|doesnt) apply
        ^(?:not|isnt|arent|havent) (?:really|clearly|yet|any|much|at all|at the moment|at this|right now|currently)
        not (?:a|one) thing|not that i (?:know|can|am|recall)|not much
        (?:see|as|same as) (?:above|before|previous|previously|last)(?: answer| entry| comment| response)?
        ^ditto$|^same$
        (?:cant|can not|cannot|couldnt) (?:think|come up)
        ^(?:thats|that is) (?:all|it)
    """),
}
"""Phrases that say it, in the order in which they are looked for: "I don't know, no comment" is a refusal."""

PRAISE = _list("""
    good great excellent perfect fine nice amazing awesome fantastic brilliant superb wonderful lovely cool fab fabulous
    outstanding super terrific marvellous marvelous better ok okay alright decent pleasant love loved like liked enjoyed
    happy pleased satisfied satisfactory satisfying impressed bad terrible awful horrible worst worse meh mediocre like
    rubbish crap sucks hated disliked useless perfectly faultless lgtm nicely luck fault
""")
"""Words of praise and blame that say how much, not what."""
PRAISED = _list("keep job work service services likes best complaints problems everyone everybody highly extremely up")
"""Words that go with praise without saying what it is for ("keep up the good work", "excellent service")."""

VAGUE = _list("""
    thing things stuff way ways sort sorts type types various several certain general overall aspect aspects factor
    factors item items someone somebody somewhere anyhow somehow somewhat depends depend idea ideas improve improved
    improves everything something anything lot lots
""")
"""Words that stand where an answer should name something, and name nothing."""
QUANTITIES = _list("all many much more most some several few lots plenty")
"""Words that say how much of something, and not of what."""
PADDING = _list("""
    make makes made making take takes give gives come comes came look looks seem seems seemed feel feels whole
    particular specific degree degrees extent day days end sure true fact matter reason reasons sense term terms
    however since while until once often sometimes usually otherwise generally favourite favorite enjoy enjoys put
    person situation situations basis regard respect wise useful help people whatever big small little live others
    times kind kinds hard harder difficult expected person brand brands works worked find found used use using
""")
"""Words that fit an answer to almost any question; a long answer of nothing else is padding."""

GENERIC = EMPTY | BESIDE | PRAISE | PRAISED | VAGUE
"""A short answer of these tells nothing, nor does a long one of these, PADDING and the question's words."""
AFFIRMATIVE = _list(
    "yes yeah yep yup ya sure ok okay maybe perhaps probably possibly absolutely definitely certainly of course si"
)
"""Answers to a question that can be answered by yes or no, and to no other."""

CHAT_REMARKS = _phrases(r"""
    regenerate response|ignore (?:all |the )?(?:previous|prior|above) instructions
    (?:reached|hit) your (?:message|usage) limit|please paste the text
    (?:certainly|sure|of course) (?:would you like me to|i can help with that)
    here (?:are|is) (?:\w+ )?(?:versions?|drafts?) of the (?:survey|question|response)
    i cant (?:view|access|open) (?:videos|images|files|links)
""")
"""What the window of a chat program says, or its user, beside the answer (what such a program says of itself stands in
`chatbot`)."""
ADVERTISING = _phrases(r"""
    click (?:here|my profile|the link)|free gift cards?|promo code|use code \w+|follow me on|off this week only
    (?:visit|check out) (?:our|my) (?:site|website|shop|channel)|order (?:today|now) and (?:get|save)
    contact us (?:now|today) for|free estimates|ring us on|no experience needed|bad credit ok|apply in \d+ minutes
    crypto signals|make \d+ a day|message \w+ on (?:telegram|whatsapp)|join our (?:group|channel)|seo and backlink
""")
"""What advertisements say, and answers about offers do not."""
