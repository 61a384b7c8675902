"""English that says nothing: don't-knows, refusals, nones, praise, and words that fit any answer.

An answer is a don't-know, a refusal or a none only if *all* of it is: a phrase that says so, and beside it only words
that point but name nothing. "I don't know anyone who dislikes it" and "None of the buses go to my street" name
something. Everything here is in comparable form (`normalize.comparable`): small letters, no apostrophes.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from earnest.text.words import zipf

LONGEST_NON_ANSWER = 30
"""Words up to which a text is looked at for a non-answer; nobody needs more to say nothing."""
STEM = 5
"""Letters that two words must share to count as the same word ("affect", "affected")."""
USUAL_ZIPF = 3.0
"""Words as frequent as this are what was meant and no slip: "now" is not "know", "nine" not "none"."""


class NonAnswer(StrEnum):
    """What an answer says instead of answering."""

    DONT_KNOW = "dont_know"
    REFUSAL = "refusal"
    NOTHING = "nothing"


def non_answer(words: tuple[str, ...], own: frozenset[str] = frozenset()) -> NonAnswer | None:
    """Return what a text says instead of an answer, or None if any of its words says something.

    Args:
        words: Of the text in comparable form; mistyped ones are read as the word that was meant (`respelt`).
        own: Stems (STEM letters) of the question's words, which name nothing beside a don't-know: "I don't know what
            office he holds".
    """
    if not 0 < len(words) <= LONGEST_NON_ANSWER:
        return None
    if " ".join(words) in OTHER_LANGUAGES:
        return OTHER_LANGUAGES[" ".join(words)]
    said = tuple(part for word in words for part in respelt(word))
    if any(word not in _KNOWN and word[:STEM] not in own for word in said):
        return None
    for kind, phrases in _PHRASES.items():
        rest, found = phrases.subn(" ", " ".join(said))
        if found and _says_nothing(rest.split(), own if kind is NonAnswer.DONT_KNOW else frozenset()):
            return kind
    if not _NONE_WORDS.isdisjoint(said) and BESIDE.issuperset(said) and "yes" not in said:
        return NonAnswer.NOTHING
    # "Nothing, excellent service": but "no good" is a judgement
    return NonAnswer.NOTHING if said[0] in _NONE_FIRST and (BESIDE | PRAISE | PRAISED).issuperset(said) else None


def _says_nothing(rest: list[str], own: frozenset[str]) -> bool:
    return all(word in BESIDE or word[:STEM] in own for word in rest)


@cache
def _misspellings() -> Mapping[str, str]:
    """One slip away from a word that non-answers are made of, and itself no usual word -> that word."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    found: dict[str, str] = {}
    for key in _OFTEN_MISTYPED.split():
        cuts = [(key[:i], key[i:]) for i in range(len(key) + 1)]
        slips = {head + tail[1:] for head, tail in cuts if tail}
        slips |= {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
        slips |= {head + letter + tail for head, tail in cuts for letter in letters}
        slips |= {head + letter + tail[1:] for head, tail in cuts if tail for letter in letters}
        found |= {slip: key for slip in slips if zipf(slip) < USUAL_ZIPF and slip not in found}
    return found


def respelt(word: str) -> tuple[str, ...]:
    """The word or words that were meant: "noithng" is nothing, "nooo" is no, "dontknow" is two words."""
    if word in _SAID or zipf(word) >= USUAL_ZIPF:
        return (word,)
    if word in _RUN_TOGETHER:
        return _RUN_TOGETHER[word]
    short = _ELONGATED.sub(r"\1", word)
    if short != word and (short in _NONE_WORDS or short in EMPTY):
        return (short,)
    return (_misspellings().get(word, word),)


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
    no nope nah naw none nothing nothin nowt nil null na nada zilch void noth nill non nought zip noithng nuthin nuffin
    noone nuh noen nune""")
_NONE_FIRST = _list("nothing none nil nowt nope")
_BESIDE = _list("""
    n applicable comes come came springs spring stands add report mention share complain declare contribute specific
    special particular additional further extra major big significant clearly offhand urgent required missing wrong
    bad negative comments complaints complaint concerns concern issues issue problems problem suggestions suggestion
    requests request feedback remarks changes change improvements improvement improve thoughts ideas reason reasons
    needed immediate obvious new different needs examples notes response experience find fault idea clue sure familiar
    aware heard x present guesses name recall
""")
_BESIDE_ONLY = _list("""
    xx xxx best stop laughs either earthly extend words write writing pick put matter useful useless point tough tricky
    expert help able certain entirely least whatsoever names nt id kept telling pinpoint specifics rly side worth
    worthwhile faults input complains worries immediately believe wish anyways afraid wracked brains coming single
    perfectly concerned answered struggle tried genuinely fair let uhh uhhh hmmm stood question haha type sharing
    answering properly sensible quick sense respect way ways speak informed pls plz
""")
# "…, he does all that" tells of somebody
BESIDE = (EMPTY | _NONE_WORDS | _BESIDE | _BESIDE_ONLY) - _list("he she him her his")
"""Words that stand beside a don't-know, a refusal or a none without naming anything ("nothing comes to mind")."""

_OFTEN_MISTYPED = """
    know dont doesnt idea ideas clue sure nothing anything remember recall guess answer opinion comment comments
    really honestly absolutely heard applicable unsure understand question refuse refused prefer rather interested
    nobody familiar suggestions improvements complaints dunno
"""
_RUN_TOGETHER = {
    "".join(parts): parts
    for text in (
        "i dont know", "dont know", "do not know", "don t know", "i dont", "no idea", "no clue", "no comment",
        "nothing thank you", "no thanks", "no one", "i have no idea", "none really", "nothing really", "not applicable",
        "a clue", "not sure", "im not sure", "but dont", "i do not", "did not", "does nt",
    )
    for parts in [tuple(text.split())]
}  # fmt: skip
_ELONGATED = re.compile(r"(.)\1{2,}")

_DONT = (
    "(?:dont|do not|donot|didnt|did not|wouldnt|would not|wouldn t|doesnt|dosnt|does not|do n t|don t|dont t|dot|dnt"
    "|cant|can not|cannot|couldnt|could not|dunt|unable to|not able to|(?:struggle|struggling) to)"
    "(?: really| even| actually| honestly| ever| quite| feel (?:able|qualified) to)?"
)
_WHAT = (
    "(?: (?:him|her|them)(?: at all)?"
    "| (?:of |about )?(?:this|that|the|these|those|his|her|any of these|any of them)"
    "(?: (?:person|man|guy|people|names?|lady|one))?"
    "| (?:who|what|whose|which)(?: \\w+)? (?:he|she|it|that|this|they|those|these)"
    "(?: \\w+)? (?:is|are|does|do|did|was|were|means|has|holds?)| of (?:him|her|them)| about (?:him|her|them))"
)
"""Whom or what somebody does not know, with words that would say something elsewhere."""
_NOT_HOW = "(?! how to(?! answer| put| say| respond)| where to(?! start))"
_KNOW = "know|kno|knw|knows|konw|now|no|kn ow|remember|recall|think of|be sure|be certain"
_GIVE = "tell|guess|say|answer|help|understand|comment|get it|recognise|recognize|reconize|place|pinpoint|name"
_IDEA = "ideas?|idear|ideal|ideaer|clues?|opinions?|knowledge|guess|guessing|quess|preference|view|feelings"
_QUITE = "really |so |too |very |quite |entirely |at all "
_HARD = "hard|difficult|tough|impossible|tricky|too soon|too early|not easy"
_GOT = "formed an opinion|made up my mind|made my mind up|thought that far|strong feelings|not a clue|faintest idea"
_NEVER = "never|not|havent|hasnt|hadnt|have not|aint never|cant say"
_MET = "heard|thought|think|considered|given it|have an opinion|got an opinion|crossed my mind"
_PRIVATE = "private|personal|confidential"
_SAY = "(?:say|answer|answering|comment|share|tell|disclose|discuss|talk|respond|write|guess|specify|elaborate|explain)"
_NOT_A = (
    "(?:no|havent an?|havent got an?|havent the|not an?|not the)(?: real| good| strong| slightest| faintest| foggiest)?"
)
_PHRASES = {
    NonAnswer.REFUSAL: _phrases(rf"""
        no comment
        (?:prefer|perfer|rather|choose|sooner|wish) not(?: (?:to|2))?(?: {_SAY})?
        (?:declined?|refused?|dont wish|do not wish|not wish)(?: to {_SAY})?
        (?:none|no|non|not) (?:of )?(?:your|ur|anyones|yours)(?: (?:damn|bloody))?(?: (?:bui?si?ness|beeswax|concern))?$
        no concern of yours|whats it to you|why do you (?:want|need) to know
        mind your (?:own )?business|nosy
        (?:thats|its|it is|that is|this is|too|a)(?: an?)? (?:too |very )?(?:{_PRIVATE})(?: matter| question)?
        ^(?:{_PRIVATE}|whatevs?|whatever|bored|done|pnts|private matter|sensitive)$
        (?:not|wont|will not|aint|shant)(?: be)? (?:going to )?{_SAY}(?: an? (?:essay|novel|answer))?
        (?:not|wont) writing an? (?:essay|novel)
        (?:nothing|not something|not anything)(?: that)? i (?:want|wish|care|discuss|share|talk)(?: to)?(?: {_SAY})?
        {_DONT} (?:want|wish|care|cair|feel like)(?: to| it)?(?: {_SAY})?$
        {_DONT} (?:want|wish|care|feel like|feel comfortable)(?: to)? {_SAY}|respectfully
        {_DONT} (?:be )?(?:bothered|arsed|share|disclose)(?: to)?(?: {_SAY})?|cba
        (?:not|isnt)(?: be)? (?:comfortable|willing|prepared|allowed|at liberty)(?: to| with)?(?: {_SAY})?
        keep (?:that|this|it|them|my thoughts|these things) (?:to myself|private)|my lips are sealed
        (?:tired|sick) of (?:typing|writing|this)|pay me (?:more|enough)|(?:not being )?paid enough|over it
        who cares|couldnt care less|could care less|idc|not interested|no interest|leave me alone|stop asking
        next question
        ^(?:next|skip|pass|skipped|skipping|passed|hard pass|ill pass|i pass|move on|moving on|lets move on)\b
        (?:^|skip |leave |left |leaving |pass on )(?:this|it|that)(?: one)?(?: blank| question)?$
        skip (?:this|it|that)(?: one| question)?|(?:intentionally )?left (?:intentionally )?blank
        leave (?:it |this )?blank
        no answer(?: given)?|no (?:response|reply)|none given|(?:too|enough with the) (?:many )?questions|im done
        i am done
        no time|{_DONT} have (?:the )?time|already answered|survey (?:is )?too long|(?:not|isnt) worth it
        not (?:telling|saying|sharing|answering)(?: you)?|^n a (?:skip|pass)
        (?:silly|stupid|dumb|pointless|ridiculous) question
    """),
    NonAnswer.DONT_KNOW: _phrases(rf"""
        {_DONT} (?:have )?(?:a )?(?:{_KNOW}){_NOT_HOW}{_WHAT}?
        {_DONT} (?:have )?(?:{_GIVE})(?: you)?{_WHAT}?
        (?:not know|no know|not knowing|not remembering|ion know|iono|me no know){_WHAT}?
        know(?: of| about)? (?:very |so |too )?(?:little|nothing|not much)
        (?:wish|if only) i (?:knew|had an answer|could remember)|no (?:knowledge|recollection|memory|experience|view)
        {_DONT} have (?:an? |any |a strong |the slightest |the faintest )?(?:ideas?|ideal|clues?|opinions?)
        {_DONT} have (?:an? |any |a strong |enough |much |a good )?(?:information|experience|knowledge|preference)
        {_DONT} have (?:an? |any |many |much )?thoughts?
        {_DONT} have (?:an? |any |a good )?(?:answer|guess|quess|views?|recollection|feelings?)
        {_NOT_A} (?:wild |best |earthly |educated |particular )?(?:{_IDEA})(?: as to| on| about)?{_WHAT}?
        (?:not|never|isnt|nt) (?:{_QUITE})*(?:sure|shure|certain|positive|aware|familiar)(?: with| of| about)?{_WHAT}?
        (?:have |havent |have not |havent got the |got |not )*(?:{_GOT})(?: either way)?(?: sorry)?
        unsure|uncertain|undecided|clueless|none the wiser|on the fence|neither here nor there
        (?:{_HARD}) (?:one |question )?(?:for me )?to (?:{_SAY}|judge|put into words|know)
        (?:{_NEVER})(?: something)?(?: i| ive)?(?: really| even| ever)* (?:{_MET})(?: of| about)*{_WHAT}?(?: before)?
        (?:heard|seen|know|recognise|recognize|knew)(?: of| about)?(?: (?:the|that|his|her|this))? names?
        sounds familiar|names? is familiar
        (?:does not|doesnt|dont|rings? no) (?:even )?(?:ring )?(?:a )?bells?|forget|forgot|forgotten|escapes me
        slipped my mind|drawing a (?:complete )?blank
        mind (?:is|has gone) (?:a )?blank|at a loss|im lost|lost me|beyond me|(?:over|above) my (?:head|pay grade)
        crossed my mind
        idk|dk|d k|^d kn$|dunno|dnk|duno|idek|(?:beats|search) me|who can say|(?:who|god|goodness|lord only|heaven
        lord) knows
        ^blank$|^unknown$
        your guess is as good as mine|anybodys guess|how (?:should|would|am) i (?:supposed to )?know
        only be (?:a guess|guessing)
        (?:need|needs|have|had)(?: more time)? to think(?: more)? about (?:it|this|that)|get back to you
        ask (?:me (?:again|later)|someone else|somebody else)
        (?:not|wrong|isnt) (?:the )?(?:right )?person to ask|not (?:qualified|an expert|my area|my field)|no expert
        leave (?:that|it|this) to (?:the )?(?:experts|others)
        (?:go|be) either way|(?:good|confusing) question|(?:not|isnt) for me to {_SAY}
        (?:not enough|insufficient) (?:information|knowledge)|(?:not|dont) understand|i lack the|the foggiest
        what (?:do you|does (?:this|it|that)(?: even)?) mean|outside my knowledge|up my mind|no strong
    """),
    NonAnswer.NOTHING: _phrases(r"""
        n a|^x+$|not applicable|(?:does not|doesnt) apply
        ^(?:not|isnt|arent|havent) (?:really|clearly|yet|any|much|at all|at the moment|at this|right now)
        ^(?:not|isnt|arent|havent) (?:currently|presently)
        not (?:a|one) (?:single )?thing|not that i (?:know|can|am|recall)|not that comes|not (?:much|a lot)
        (?:see|as|same as|like) (?:above|before|previous|previously|last|i said)(?: answer| entry| comment| response)?
        ^ditto$|^same$|already mentioned|(?:have|got) nothing
        (?:dont|do not|havent) (?:have|got|any)(?: anything| any)?|(?:there )?(?:isnt|arent) (?:any|anything|one)
        (?:cant|can not|cannot|couldnt|could not) (?:think|come up|complain|fault|be faulted|be better)
        (?:cant|can not|cannot|couldnt|could not) (?:be )?improved?
        ^(?:thats|that is) (?:all|it|everything)|no room for improvement|no need
        (?:leave|keep) (?:it|things) (?:as|the)|stay the same|keep the same|(?:needs|to) (?:improving|changing|change)
        (?:would not|wouldnt|dont|do not) change (?:a thing|anything)|change nothing
        no (?:more|further|other)(?: comments?)?
    """),
}
"""Phrases that say it, in the order in which they are looked for: "I don't know, no comment" is a refusal."""

_ELSEWHERE = {
    # Spanish, French, German, Portuguese, Italian, Dutch, Chinese, Japanese; whole answers in comparable form
    NonAnswer.DONT_KNOW: """
        no sé|no se|no lo sé|no lo se|no sabría decir|no sabria decir|no sabría decirle|no sabria decirle|ni idea
        no tengo idea|no tengo ni idea|no estoy seguro|no estoy segura|no recuerdo|no me acuerdo|no conozco
        no lo conozco
        no la conozco|no sé quién es|no se quien es|no sé nada|sin opinión|sin opinion|no tengo opinión
        no tengo opinion
        no entiendo|no entiendo la pregunta|no conozco ese nombre|no lo reconozco|no opino|lo desconozco|desconozco
        je ne sais pas|je sais pas|jsais pas|sais pas|chais pas|aucune idée|aucune idee|je nai aucune idée|pas didée
        je nai pas didée|je nen sais rien|pas davis|sans avis|sans opinion|je nai pas davis|je nai pas dopinion
        je ne suis pas sûr|je ne suis pas sûre|pas sûr|pas sûre|je ne me souviens pas|je ne me souviens plus
        je ne comprends pas|je ne comprends pas la question|ne sait pas|ne sais pas|je ne connais pas|aucun avis
        weiß nicht|weiss nicht|weiß ich nicht|weiss ich nicht|ich weiß nicht|ich weiss nicht|ich weiß es nicht
        ich weiss es nicht|weiß es nicht|weiß nicht genau|keine ahnung|hab keine ahnung|habe keine ahnung
        ich habe keine ahnung|ich hab keine ahnung|keine meinung|ich habe keine meinung|ich bin mir nicht sicher
        bin mir nicht sicher|nicht sicher|kann ich nicht sagen|kann ich nicht beurteilen|kenne ich nicht|keine idee
        não sei|nao sei|não faço ideia|nao faço ideia|nao faco ideia|não tenho ideia|nao tenho ideia|sem ideia
        não sei dizer|nao sei dizer|não tenho certeza|nao tenho certeza|não me lembro|nao me lembro|não lembro
        sem opinião|sem opiniao|não tenho opinião|nao tenho opiniao|não conheço|nao conheço|não sei responder
        non so|non lo so|non saprei|boh|nessuna idea|non ho idea|non ne ho idea|non sono sicuro|non sono sicura
        non ricordo|nessuna opinione|non mi ricordo|non conosco|non lo conosco|non capisco la domanda
        weet niet|weet ik niet|ik weet het niet|weet het niet|geen idee|geen flauw idee|ik heb geen idee|heb geen idee
        geen mening|zou het niet weten|ik zou het niet weten|niet zeker|weet ik niet meer|ken ik niet
        不知道|不清楚|不了解|不太清楚
        わからない|分からない|わかりません|分かりません
    """,
    NonAnswer.REFUSAL: """
        prefiero no decirlo|prefiero no decir|prefiero no responder|prefiero no contestar|no quiero contestar
        no quiero responder|no quiero decirlo|sin comentarios|sin comentario|no contesto|no responde
        je préfère ne pas répondre|je prefere ne pas repondre|sans commentaire|pas de commentaire|pas de commentaires
        je ne veux pas répondre|je ne souhaite pas répondre|je ne veux pas le dire|ne souhaite pas répondre
        keine angabe|keine angaben|kein kommentar|möchte ich nicht sagen|will ich nicht sagen|geht euch nichts an
        geht sie nichts an|das geht sie nichts an|privat|das ist privat|möchte ich nicht beantworten
        prefiro não responder|prefiro nao responder|prefiro não dizer|prefiro nao dizer|sem comentários
        sem comentarios
        não quero responder|nao quero responder|preferisco non rispondere|preferisco non dirlo|non voglio rispondere
        zeg ik liever niet|geen commentaar|wil ik niet zeggen|liever niet|gaat je niets aan
        不想说|無回答|回答しない
    """,
    NonAnswer.NOTHING: """
        ninguno|ninguna|ningún comentario|ningun comentario|nada en particular|nada en especial|nada que agregar
        nada que añadir|nada que decir|nada más|nada mas|no aplica|no por el momento|por el momento no|no gracias
        no tengo
        no tengo ninguno|no tengo ninguna|no hay|todo bien|ninguna sugerencia|ningún problema|de momento nada
        rien|rien de particulier|rien de spécial|rien du tout|rien à dire|rien a dire|rien à signaler|rien à ajouter
        aucun|aucune|aucun commentaire|aucune suggestion|aucune remarque|aucun problème|néant|neant|pas pour le moment
        pas pour linstant|rien pour le moment|sans objet|pas vraiment|rien de plus|pas de remarque|pas de remarques
        nichts|gar nichts|nix|keine|keines|keins|keiner|nichts besonderes|nichts bestimmtes|nein|nee|nö|entfällt
        entfallt
        trifft nicht zu|fällt mir nichts ein|mir fällt nichts ein|alles gut|nichts zu sagen|nichts hinzuzufügen
        derzeit nichts|im moment nichts|keine vorschläge|keine anmerkungen|keine wünsche|nichts weiter|keine probleme
        nenhum|nenhuma|nada a declarar|nada a acrescentar|nada a dizer|nada de especial|não se aplica|nao se aplica
        não
        nao|não tenho|nao tenho|nenhum comentário|nenhuma sugestão|por enquanto nada|por enquanto não
        nada em particular
        niente|nulla|nessuno|nessuna|niente di particolare|nessun commento|nulla da aggiungere|niente da aggiungere
        niente da segnalare|nulla da segnalare|nessun problema|nessun suggerimento|per ora no|niente di che
        niets|niks|geen|nvt|niet van toepassing|geen opmerkingen|geen opmerking|niks bijzonders|niets bijzonders
        geen bijzonderheden|geen suggesties|geen problemen|op dit moment niet
        没有|無|无|暂无|没|暂时没有|特になし
        なし|ない|ありません
        特にありません|特にない|無し
    """,
}
OTHER_LANGUAGES = {
    wording.strip(): kind
    for kind, wordings in _ELSEWHERE.items()
    for wording in re.split(r"[|\n]", wordings)
    if wording.strip()
}
"""Non-answers in languages that are not read otherwise: an answer is one of these from end to end, or is not judged."""

PRAISE = _list("""
    good great excellent perfect fine nice amazing awesome fantastic brilliant superb wonderful lovely cool fab fabulous
    outstanding super terrific marvellous marvelous better ok okay alright decent pleasant love loved like liked enjoyed
    happy pleased satisfied satisfactory satisfying impressed bad terrible awful horrible worst worse meh mediocre like
    rubbish crap sucks sucked hated disliked useless perfectly faultless lgtm nicely luck fault goood exellent excelent
    allright okish okey amazin luv gr8 exceptional poor disappointing disappointed average acceptable adequate standard
    interesting fun wow
""")
"""Words of praise and blame that say how much, not what."""
PRAISED = _list("keep job work service services likes best complaints problems everyone everybody highly extremely up")
"""Words that go with praise without saying what it is for ("keep up the good work", "excellent service")."""
_SAID = BESIDE.union(
    *(
        {word, word.rstrip("?")} | ({word[:-2]} if word.endswith("?") else set())
        for phrases in _PHRASES.values()
        for word in re.findall(r"[a-z0-9]+\??", phrases.pattern)
    )
)
_KNOWN = _SAID | PRAISE | PRAISED
"""All words that a non-answer can have; with any other one, a text need not be searched for phrases."""

AS_IT_IS = frozenset({"now", "current", "currently", "moment", "present", "needs"})
"""With praise, they say that the present state will do, which is an answer to a question for wishes."""

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
    depending whenever tend decide option options combination numerous circumstances conclusion qualities positive
    positives negative negatives bigger smaller easier expect expecting normally views sides beginning
""")
"""Words that fit an answer to almost any question; a long answer of nothing else is padding."""

GENERIC = EMPTY | _NONE_WORDS | _BESIDE | PRAISE | PRAISED | VAGUE
"""A short answer of these tells nothing, nor does a long one of these, PADDING and the question's words."""
AFFIRMATIVE = _list(
    "yes yeah yep yup ya sure ok okay maybe perhaps probably possibly absolutely definitely certainly of course si"
)
"""Answers to a question that can be answered by yes or no, and to no other."""
