"""The check for answers that a chat model wrote, or that came into the form without a person writing them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import exp, log

from msgspec import UNSET

from earnest.checks.base import Needs, Subject
from earnest.checks.signs import STRONG, WEAK, Sign, key_signs, paste_signs, unkeyed
from earnest.findings import CheckName, Finding, rounded
from earnest.keystrokes import TypingEvidence
from earnest.text import authorship
from earnest.text.authorship import FEWEST_WORDS
from earnest.text.chatbot import GiveAway, give_away
from earnest.text.language import SUPPORTED
from earnest.text.normalize import clean, comparable, words
from earnest.text.words import zipf

PRIOR_LOG_ODDS = log(1 / 6)
"""One answer in seven is a machine's before anything is seen: the prevalence for which scores are calibrated here."""
SHOWN = 0.5
"""Probability from which a finding says what it saw, although it is not an issue."""
MUCH_ECHO = 0.4
"""Share of the question's telling words: few people say so many again, and half of the chat models' longer answers."""
LEAST_OF_TEXT = -0.5
"""Log-odds: no text speaks more than this against other signs, since a machine can be told to write like anybody."""
NOBODY_SPEAKS = 2.0
"""Log-odds by which a text must exceed the bound where nobody in it says "I" or "we". Students' definitions read like a
chat model's: of 442 such exam answers of 2009 the bound alone flags 5.2 %, so .2 %; of 201 others of students, 5.0 %
and none. Of chat models' plain answers to survey questions one in ten speaks of nobody; of those, half are lost."""
SPEAKERS = frozenset(
    ("i", "me", "my", "mine", "myself", "im", "ive", "id", "ill", "we", "us", "our", "ours", "ourselves", "weve")
)
CERTAIN = 8.0
GIVE_AWAYS = {
    # Log-odds, from how often each occurs in answers of chat models and in 8,760 of people from before there were any
    # (none, none and two; benchmarks/accuracy_authenticity.py), cut where that is too few to say.
    "identity": ("chatbot_identity", 6.0, "It speaks as a chat model: '{}'"),
    "courtesy": ("chatbot_courtesy", STRONG, "It holds a chat assistant's phrase: '{}'"),
    "closing": ("chatbot_courtesy", WEAK, "It ends as chat assistants do: '{}'"),
    "markup": ("chatbot_markup", 2.0, "It holds mark-up as chat assistants write it: '{}'"),
}
MOST_LOGS = 20
"""So many of a respondent's key logs are compared with one another."""
RARE_ZIPF = 4.5
"""A hidden word rarer than 30 in a million words is no coincidence when the answer holds all of them."""


class LlmGenerated:
    """Answers that a chat model wrote, or that came into the form without a person writing them.

    What it finds:
        Answers with hidden words that only a machine reads (honeypot); answers pasted from elsewhere, or put in by a
        script; keys in a rhythm that no hand has; answers typed off from something; text that no key or paste accounts
        for; phrases that chat assistants use; and texts that read like a chat model's.

    Why it matters:
        Such an answer is nobody's opinion. It is fluent and on topic, so that it passes every other check.

    How it decides:
        It starts from one in seven and adds what each sign says (log-odds). Behaviour and give-away phrases are strong
        evidence: one strong sign is enough. The text model sees runs of common words, word endings and punctuation, not
        topics, and how much the answer takes up the words of its question. Its score is a probability; but alone it
        flags only what at most 1 % of people would have written, in each of seven sources from before chat models
        existed that it had not learnt from, so that a text may score 90 and not be flagged; a text in which nobody says
        "I" or "we", as in a definition, must exceed that by far. Keys that add up to the
        answer, with pauses and words taken back, outweigh any suspicion of the text; without these, a long answer, or
        several, count as typed off. A paste of the question, of the respondent's own words, of a name or a link is
        innocent. So is whatever Earnest's own script in the page (docs/how-to/capture.md) saw come in by dictation,
        suggestions or an input method: of that, keys cannot tell.

    What it gets wrong:
        It misses most answers for which the model was told to write casually, and anybody who types such an answer off
        with pauses, or in fewer than eighty keys: nobody can tell short answers apart. A script that replays a person's
        rhythm, corrections and all, at the beginnings of words is not seen. It flags people who draft their answer in
        another program and paste it, who know beforehand what they want to say and type it at one go, or who dictate a
        sentence by means of a browser extension; with collectors other than Earnest's, also who dictate on a computer
        with a keyboard, or whose form was filled in again after going back. Screen readers may read a honeypot aloud.
        The text model knows English, of at least eight words.

    Reasons:
        honeypot, pasted, pasted_in_part, pasted_then_edited, set_by_script, script_typed, no_holds,
        fewer_keys_than_characters, no_events, same_rhythm, pace_off_words, transcribed, chatbot_identity,
        chatbot_courtesy, chatbot_markup, text, text_alone; see `reasons`.

    Example:
        120 characters pasted in one go → 90, pasted: "100 % of the answer's 120 characters were pasted in one go, 3 s
        after the first key."
    """

    name = CheckName.LLM_GENERATED
    needs: frozenset[Needs] = frozenset()
    reasons: Mapping[str, str] = {
        "honeypot": "The answer holds words that were hidden from people.",
        "pasted": "Most of the answer was pasted from elsewhere.",
        "pasted_in_part": "A good part of the answer was pasted from elsewhere.",
        "pasted_then_edited": "A text was pasted from elsewhere and then changed.",
        "set_by_script": "A script put most of the answer into the field.",
        "script_typed": "The keys come more evenly, or faster, than people type.",
        "no_holds": "The keys are released sooner than fingers do.",
        "fewer_keys_than_characters": "Neither keys nor pastes account for most of the answer.",
        "no_events": "Nothing at all was typed or pasted; dictation and some phones look the same.",
        "same_rhythm": "The keys come in the same rhythm as in another answer of this respondent.",
        "pace_off_words": "The pace of the keys has nothing to do with the words, as when a rhythm is replayed.",
        "transcribed": "The answer, or all answers together, were typed without hesitation, as if read off.",
        "chatbot_identity": "The answer says that a chat model wrote it.",
        "chatbot_courtesy": "The answer talks to whoever asked a chat assistant for it.",
        "chatbot_markup": "The answer is marked up as chat assistants do.",
        "text": "The text reads like a chat model's, which adds to what else was seen.",
        "text_alone": "The text reads like a chat model's, and nothing else is known: weak evidence.",
    }

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        """Return a finding for each answer; None where neither its text nor its log says anything."""
        logs: dict[str, list[TypingEvidence]] = defaultdict(list)
        for subject in subjects:
            if subject.typing and len(logs[subject.respondent]) < MOST_LOGS:
                logs[subject.respondent].append(subject.typing)
        return [self._judge(subject, logs[subject.respondent]) for subject in subjects]

    def _judge(self, subject: Subject, logs: Sequence[TypingEvidence]) -> Finding | None:
        if subject.answer.features.is_blank:
            return None
        trace = give_away(subject.entry.answer)
        signs = _signs(subject, trace, logs)
        text_log_odds = _text_log_odds(subject, trace)
        if not signs and text_log_odds is None:
            return None
        probability, is_issue, text = _weigh(signs, text_log_odds, subject)
        against = sorted((sign for sign in signs if sign.code), key=lambda sign: -sign.log_odds)
        shown = against + ([text] if text else [])
        for_a_person = [sign for sign in signs if not sign.code]
        if subject.typing and not signs:
            for_a_person = [note for note in (unkeyed(subject.typing, len(subject.answer.features.text)),) if note]
        speaks = probability >= SHOWN or bool(for_a_person)
        return Finding(
            type=self.name,
            score=rounded(100 * probability),
            is_issue=is_issue,
            evidence=_sentence([*shown, *for_a_person]) if speaks else UNSET,
            reason_codes=tuple(sign.code for sign in shown) if probability >= SHOWN else (),
        )


def _sentence(signs: Sequence[Sign]) -> str:
    first, *others = (sign.sentence for sign in signs)
    return "; ".join([first, *(other[:1].lower() + other[1:] for other in others)]) + "."


def _weigh(signs: Sequence[Sign], text: float | None, subject: Subject) -> tuple[float, bool, Sign | None]:
    """Return the probability, whether it is an issue, and the text's part in it where it has one worth telling.

    The probability takes the text at its word. The verdict does not: what counts of a text is only by how much it
    exceeds what would have to be seen of it alone.
    """
    others = PRIOR_LOG_ODDS + sum(sign.log_odds for sign in signs)
    least = authorship.least_alone() + (0.0 if SPEAKERS.intersection(subject.answer.features.words) else NOBODY_SPEAKS)
    said, counted = text or 0.0, 0.0 if text is None else text - least - PRIOR_LOG_ODDS
    if signs:
        said, counted = max(said, LEAST_OF_TEXT), max(counted, LEAST_OF_TEXT)
    if any(sign.log_odds <= -WEAK for sign in signs):
        said, counted = min(said, 0.0), min(counted, 0.0)  # whoever composed the words may have any style
    probability = 1 / (1 + exp(-others - said))
    is_issue = others + counted >= 0
    if probability < SHOWN or said <= 0:
        return probability, is_issue, None
    echo = _echo(subject)
    if any(sign.code for sign in signs):
        return probability, is_issue, Sign("text", said, f"The text reads like a chat model's{echo}")
    return (
        probability,
        is_issue,
        Sign("text_alone", said, f"Text alone: it reads like a chat model's{echo}; weak evidence"),
    )


def _echo(subject: Subject) -> str:
    """Say that an answer takes up its question, where it does so more than people do."""
    _, share, _ = authorship.echo(subject.answer.features.words, subject.question.features.words)
    return f" and says {100 * share:.0f} % of the question's telling words again" if share >= MUCH_ECHO else ""


def _signs(subject: Subject, trace: GiveAway | None, logs: Sequence[TypingEvidence]) -> list[Sign]:
    """Everything but the text's style; `logs` are of all the respondent's answers."""
    signs = []
    honeypot = _honeypot(subject)
    if honeypot:
        signs.append(honeypot)
    if trace:
        code, log_odds, sentence = GIVE_AWAYS[trace.kind]
        signs.append(Sign(code, log_odds, sentence.format(trace.quote)))
    if subject.typing:
        characters = len(subject.answer.features.text)
        known = [subject.question.features.text, *(sibling.answer.features.text for sibling in subject.siblings)]
        pasted = paste_signs(subject.typing, characters, known)
        signs += pasted or key_signs(subject.typing, characters, [log for log in logs if log is not subject.typing])
    return signs


def _honeypot(subject: Subject) -> Sign | None:
    """The hidden words in the answer, unless the question or chance would have put them there."""
    if not isinstance(subject.entry.honeypot_phrase, str):
        return None
    hidden = words(comparable(subject.entry.honeypot_phrase))
    said, asked = set(subject.answer.features.words), set(subject.question.features.words)
    telling = [word for word in hidden if word not in asked]
    if not telling:
        return None
    quote = f"The answer holds the hidden words '{' '.join(hidden)}'"
    in_a_row = len(hidden) > 1 and f" {' '.join(hidden)} " in f" {subject.answer.features.comparable} "
    rare = [word for word in telling if zipf(word) < RARE_ZIPF]
    if in_a_row and (rare or len(telling) > 2):
        return Sign("honeypot", CERTAIN, quote)
    if rare and said.issuperset(telling):
        return Sign("honeypot", CERTAIN if len(rare) > 1 or len(hidden) == 1 else STRONG, quote)
    return None


def _text_log_odds(subject: Subject, trace: GiveAway | None) -> float | None:
    """What the text's style says; None for languages that the model does not know, and for short texts."""
    features = subject.answer.features
    if features.language not in SUPPORTED or len(features.words) < FEWEST_WORDS:
        return None
    asked = subject.question.features.words
    whole = authorship.log_odds(features.text, said=features.words, asked=asked)
    if trace is None:
        return whole
    # A phrase that gives the model away must not speak for a person by being unusual: the rest of the text counts, too.
    rest = clean(features.text.replace(trace.quote, " "))
    said = words(comparable(rest))
    return max(whole, authorship.log_odds(rest, said=said, asked=asked)) if len(said) >= FEWEST_WORDS else whole
