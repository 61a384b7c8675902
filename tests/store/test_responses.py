import numpy as np
import pytest
from sqlalchemy import Connection

from earnest.errors import RateLimited
from earnest.store import Store
from earnest.store.base import KeptResponse, Part
from earnest.store.events import without_events
from earnest.survey import Entry, KeyStroke, Paste, Survey
from earnest.text.encoder import Encoded

TYPED = Entry(
    question="Why?",
    answer="Because \x00 \U0001f600 ’",
    key_events=(KeyStroke(key="a", down_ms=1.25, hold_ms=80, code=""),),
    paste_events=(Paste(at_ms=2, text="pasted"),),
    honeypot_phrase="lighthouse",
)
OTHER = Entry(question="What else?", answer="Nothing", question_identifier="else")


def keep(
    store: Store,
    *entries: Entry,
    survey: str | None = "s",
    response: str | None = None,
    ours: str | None = None,
    tenant: str = "t",
) -> KeptResponse:
    part = Part(
        survey=Survey(identifier=survey),
        entries=entries,
        wanted=frozenset(),
        response_identifier=response,
        aftercare_response_identifier=ours,
    )
    return store.responses.keep(tenant, part, "e1")


def test_parts_of_a_response_find_one_another(store: Store) -> None:
    first = keep(store, TYPED, response="r1")
    second = keep(store, OTHER, response="r1")
    assert first.earlier == ()
    assert [part.entries for part in second.earlier] == [without_events([TYPED])]
    assert first.part.entries == (TYPED,)
    assert second.part.entries == (OTHER,)
    assert (first.identifier, first.aftercare_identifier) == ("r1", second.aftercare_identifier)


def test_our_own_identifier_wins_over_theirs(store: Store) -> None:
    first = keep(store, TYPED, response="r1")
    second = keep(store, OTHER, survey=None, response="r2", ours=first.aftercare_identifier)
    assert (second.identifier, second.survey_id, len(second.earlier)) == ("r1", first.survey_id, 1)


def test_without_identifiers_every_part_is_a_response_of_its_own(store: Store) -> None:
    first, second = keep(store, TYPED, survey=None), keep(store, TYPED, survey=None)
    assert first.survey_id != second.survey_id
    third = keep(store, OTHER, survey=None, ours=second.aftercare_identifier)
    assert (third.survey_id, third.earlier[0].id) == (second.survey_id, second.part.id)


def test_outside_a_survey_only_our_own_name_ties_parts_together(store: Store) -> None:
    first = keep(store, TYPED, survey=None, response="1")
    of_another_survey = keep(store, OTHER, survey=None, response="1")
    assert (of_another_survey.earlier, of_another_survey.survey_id == first.survey_id) == ((), False)
    named = keep(store, OTHER, survey=None, ours=first.aftercare_identifier)
    assert [part.id for part in named.earlier] == [first.part.id]


def test_an_identifier_from_elsewhere_is_taken_over(store: Store) -> None:
    first = keep(store, TYPED, ours="12345")
    assert first.aftercare_identifier == "12345"
    assert [part.id for part in keep(store, OTHER, ours="12345").earlier] == [first.part.id]


def test_tenants_do_not_see_each_others_responses(store: Store) -> None:
    mine = keep(store, TYPED, response="r1")
    theirs = keep(store, OTHER, response="r1", ours=mine.aftercare_identifier, tenant="another")
    assert (theirs.earlier, theirs.survey_id == mine.survey_id) == ((), False)


def test_the_same_part_again_is_the_same(store: Store) -> None:
    first = keep(store, TYPED, response="r1")
    keep(store, OTHER, response="r1")
    again = keep(store, TYPED, response="r1")
    assert (again.part.id, again.earlier) == (first.part.id, ())


def test_what_is_not_admitted_is_not_kept(store: Store) -> None:
    def refuse(_: Connection, count: int) -> None:
        assert count == 1
        raise RateLimited("No respondent is left today.", retry_after_s=1)

    asked = Part(survey=Survey(identifier="s"), entries=(TYPED,), wanted=frozenset(), response_identifier="r1")
    with pytest.raises(RateLimited):
        store.responses.keep("t", asked, "e1", admit=refuse)
    assert keep(store, OTHER, response="r1").earlier == ()


def test_what_the_encoder_saw_is_kept_exactly(store: Store) -> None:
    first = keep(store, TYPED, OTHER, response="r1")
    assert first.part.encoded is None
    seen = Encoded(
        np.array([[0.1, -0.2, 0.3], [0, 0, 0]], np.float16),
        np.array([4, 1], np.int32),
        np.array([17, 7], np.int32),
        np.array([0.5, 0], np.float32),
    )
    store.responses.save_observed(first, seen, [], encoder="e1")
    kept = keep(store, TYPED, OTHER, response="r1").part.encoded
    assert kept is not None
    for name in ("vectors", "pieces", "characters", "disorder"):
        expected, found = getattr(seen, name), getattr(kept, name)
        assert (found.dtype, found.tolist()) == (expected.dtype, expected.tolist())

    store.responses.save_observed(first, seen, [], encoder="e2")
    assert keep(store, TYPED, OTHER, response="r1").part.encoded is None  # another encoder's
