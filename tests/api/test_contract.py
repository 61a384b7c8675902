"""From the wire to the domain and back: older names, modes, identifiers, and what an answer says."""

import json

import pytest

from earnest.api.contract import ALIASES, BatchRequest, EvaluationRequest
from earnest.api.decode import decode
from earnest.errors import InvalidInput
from earnest.findings import CheckName, DetectionMode

ENTRY = {"question": "Why?", "answer": "Because"}


def read(**fields: object) -> EvaluationRequest:
    return decode(json.dumps({"surveyEntries": [ENTRY], **fields}).encode(), EvaluationRequest)


def read_batch(**fields: object) -> BatchRequest:
    body = {"surveyName": "S", "responses": [{"surveyEntries": [ENTRY]}, {"surveyEntries": [ENTRY]}], **fields}
    return decode(json.dumps(body).encode(), BatchRequest)


@pytest.mark.parametrize(("name", "check"), [*ALIASES.items(), *((check.value, check) for check in CheckName)])
def test_published_and_older_names_of_checks_are_understood_in_any_case(name: str, check: CheckName) -> None:
    for spelt in (name, name.upper(), name.title(), name.lower()):
        assert read(qualityIssues=[spelt]).wanted() == {check}


def test_a_check_that_we_do_not_know_is_an_error() -> None:
    for wrong in ("", "Nonsens", "Nonsense ", "Low_Effort", "Nonsensical\n"):
        with pytest.raises(InvalidInput):
            read(qualityIssues=[wrong])


def test_without_a_choice_all_checks_run() -> None:
    assert read().wanted() == read(qualityIssues=[]).wanted() == read(qualityIssues=None).wanted() == set(CheckName)


def test_the_mode_beats_the_list() -> None:
    request = read(detectionMode="Authenticity", qualityIssues=["Low Effort"])
    assert request.wanted() == {CheckName.LLM_GENERATED, CheckName.SHARED_DUPLICATE}


def test_the_modes_share_out_the_checks() -> None:
    poor, fraud, both = (read(detectionMode=mode).wanted() for mode in DetectionMode)
    assert not poor & fraud
    assert poor | fraud == both == set(CheckName)


@pytest.mark.parametrize(
    ("sent", "kept"), [("a-1", "a-1"), (12, "12"), (12.0, "12"), (1.5, "1.5"), (None, None), ("", None), (0, "0")]
)
def test_our_identifier_may_come_back_as_a_number(sent: object, kept: str | None) -> None:
    assert read(aftercareResponseIdentifier=sent).part().aftercare_response_identifier == kept


def test_blank_identifiers_count_as_absent() -> None:
    part = read(responseIdentifier="", surveyIdentifier="").part()
    assert part.response_identifier is None
    assert part.survey.identifier is None


def test_respondents_of_a_batch_without_an_identifier_get_different_ones() -> None:
    first, second = read_batch().batch().respondents
    assert first.identifier != second.identifier


def test_the_callback_url_is_optional() -> None:
    assert read_batch().batch().callback_url is None
    assert read_batch(callbackUrl=None).batch().callback_url is None


@pytest.mark.parametrize(
    "url", ["http://a", "https://example.com:8443/x?y=z#f", "HTTPS://EXAMPLE.com", "http://[::1]/", "http://a_b-c.d."]
)
def test_http_callback_urls_with_a_host_are_accepted(url: str) -> None:
    assert read_batch(callbackUrl=url).batch().callback_url == url


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "ftp://example.com", "http://", "https:///x", "http://?x", "javascript:alert(1)"),
        *("http://a b", "https://例え.jp/", "http://user:word@example.com/", "http://a/\n", "http://a" + "/x" * 1000),
    ],
)
def test_other_callback_urls_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        read_batch(callbackUrl=url)


def test_what_was_not_recorded_differs_from_an_empty_record() -> None:
    [absent] = read().part().entries
    [empty] = read(surveyEntries=[ENTRY | {"keyEvents": [], "pasteEvents": None}]).part().entries
    assert not isinstance(absent.key_events, tuple)
    assert empty.key_events == ()
    assert not isinstance(empty.paste_events, tuple)
