"""From what is kept of a response to what is measured of it, its past included."""

from collections.abc import Sequence

from earnest.evaluate import Evaluator, Observed, question_key
from earnest.store.base import KeptPart, KeptResponse
from earnest.survey import Entry, Respondent
from earnest.text.encoder import Encoded


def observe_kept(evaluator: Evaluator, responses: Sequence[KeptResponse]) -> list[Observed]:
    """Measure responses with their past; what the encoder has seen before, it does not read again."""
    pasts = [_past(each) for each in responses]
    respondents = [
        Respondent(each.identifier, each.part.entries, tuple(entry for entry, _ in past))
        for each, past in zip(responses, pasts, strict=True)
    ]
    kept = [_joined(past, each.part) for each, past in zip(responses, pasts, strict=True)]
    known = [each for each in kept if each is not None]
    return evaluator.observe(respondents, kept=known if len(known) == len(kept) else None)


def _past(response: KeptResponse) -> list[tuple[Entry, Encoded | None]]:
    """What the respondent answered before. A question that was answered again counts with its last answer only.

    So neither a part that is sent twice nor a corrected answer makes people repeat themselves.
    """
    past: list[tuple[Entry, Encoded | None]] = []
    for part in response.earlier:
        past = _without(past, part.entries)
        past += [
            (entry, None if part.encoded is None else part.encoded[i : i + 1]) for i, entry in enumerate(part.entries)
        ]
    return _without(past, response.part.entries)


def _without(
    past: Sequence[tuple[Entry, Encoded | None]], answered: Sequence[Entry]
) -> list[tuple[Entry, Encoded | None]]:
    keys = {question_key(entry) for entry in answered}
    return [each for each in past if question_key(each[0]) not in keys]


def _joined(past: Sequence[tuple[Entry, Encoded | None]], part: KeptPart) -> Encoded | None:
    """What was seen in all of a response's answers, earlier ones first; None where some were not seen yet."""
    seen = [*(each for _, each in past), part.encoded]
    known = [each for each in seen if each is not None]
    if len(known) < len(seen):
        return None
    return Encoded.joined(known)
