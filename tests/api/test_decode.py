"""Request bodies: what is accepted, and that every fault of what is not is named without being repeated."""

import json
import math

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from earnest.api.contract import LONGEST_TEXT, MOST_ENTRIES, MOST_EVENTS, BatchRequest, EvaluationRequest
from earnest.api.decode import MOST_FAULTS, Json, decode, faults_of
from earnest.api.pieces import MOST_DEPTH
from earnest.errors import InvalidInput

SECRET = "what the respondent said"
SOUND = {"surveyEntries": [{"question": "Why?", "answer": SECRET}]}


def refusal(body: bytes, kind: type[msgspec.Struct] = EvaluationRequest, *, html: bool = False) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        decode(body, kind, html=html)
    return caught.value


def with_entry(**fields: object) -> bytes:
    return json.dumps({"surveyEntries": [SOUND["surveyEntries"][0] | fields]}).encode()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "line 1, column 2 (character 1)"),
        (b'{"surveyEntries": [,]}', "character 19"),
        (b'{"a": "\xff"}', "not UTF-8: byte 7"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8: byte 7"),
        (b'{"surveyEntries": ' + b"[" * 200_000, "nested too deeply"),
        (b'{"unknown": ' + b'{"a":' * 200_000, "nested too deeply"),
        (b'{"surveyEntries": [{"question": "a", "answer": "b"}], "unknown": NaN}', "NaN"),
        (json.dumps(SOUND).encode() + b"}", "Extra data"),
    ],
    ids=lambda value: value[:30] if isinstance(value, bytes) else None,
)
def test_broken_json_is_refused_with_the_place(body: bytes, said: str) -> None:
    assert said in refusal(body).message


@pytest.mark.parametrize(
    ("body", "path", "said"),
    [
        (b"[]", "$", "must be an object"),
        (b"null", "$", "must be an object"),
        (b"{}", "surveyEntries", "is required; it must be an array of 1 to 1,000 items"),
        (b'{"surveyEntries": null}', "surveyEntries", "must be an array of 1 to 1,000 items"),
        (b'{"surveyEntries": []}', "surveyEntries", "must be an array of 1 to 1,000 items"),
        (b'{"surveyEntries": {}}', "surveyEntries", "must be an array of 1 to 1,000 items"),
        (b'{"surveyEntries": [1]}', "surveyEntries[0]", "must be an object"),
        (with_entry(question=None), "surveyEntries[0].question", "must be a string"),
        (with_entry(answer=["x"]), "surveyEntries[0].answer", "must be a string"),
        (with_entry(questionIdentifier=7), "surveyEntries[0].questionIdentifier", "must be a string"),
        (with_entry(questionIdentifier="x" * 501), "surveyEntries[0].questionIdentifier", "at most 500 characters"),
        (with_entry(keyEvents={}), "surveyEntries[0].keyEvents", "must be an array"),
        (with_entry(keyEvents=[{"k": "a", "t": 0, "ht": 1}]), "surveyEntries[0].keyEvents[0].c", "is required"),
        (with_entry(pasteEvents=[{"t": True, "c": ""}]), "surveyEntries[0].pasteEvents[0].t", "must be a number"),
        (with_entry(pasteEvents=[{"t": math.nan, "c": ""}]), "surveyEntries[0].pasteEvents[0].t", "must be a number"),
        (with_entry(pasteEvents=[{"t": -math.inf, "c": ""}]), "surveyEntries[0].pasteEvents[0].t", "must be a number"),
        (with_entry(pasteEvents=[{"t": 10**400, "c": ""}]), "surveyEntries[0].pasteEvents[0].t", "must be a number"),
        (with_entry(pasteEvents=[{"t": 1e300, "c": ""}]), "surveyEntries[0].pasteEvents[0].t", "10^15"),
        (json.dumps(SOUND | {"detectionMode": "All"}).encode(), "detectionMode", "Responsiveness, Authenticity, Compo"),
        (json.dumps(SOUND | {"qualityIssues": ["Nonsense", "No"]}).encode(), "qualityIssues[1]", "Repeated Answers"),
        (json.dumps(SOUND | {"aftercareResponseIdentifier": []}).encode(), "aftercareResponseIdentifier", "string or"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_field_is_named_with_the_mend(body: bytes, path: str, said: str) -> None:
    error = refusal(body)
    assert list(error.details) == [path]
    assert said in error.details[path]
    assert path in error.message


def test_a_timestamp_beyond_all_floats_is_refused() -> None:
    body = with_entry(keyEvents=[{"k": "a", "t": 0, "ht": 1, "c": ""}]).replace(b'"t": 0', b'"t": 1e999')
    assert list(refusal(body).details) == ["surveyEntries[0].keyEvents[0].t"]


def test_all_faults_are_named_at_once() -> None:
    body = {
        "responses": [
            {"surveyEntries": [{"question": 1}, {"question": "a", "answer": "b", "keyEvents": [{"t": "0"}]}]},
            {"surveyEntries": []},
        ],
        "callbackUrl": "ftp://example.com",
    }
    assert set(refusal(json.dumps(body).encode(), BatchRequest).details) == {
        "surveyName",
        "callbackUrl",
        "responses[0].surveyEntries[0].question",
        "responses[0].surveyEntries[0].answer",
        "responses[0].surveyEntries[1].keyEvents[0].k",
        "responses[0].surveyEntries[1].keyEvents[0].t",
        "responses[0].surveyEntries[1].keyEvents[0].ht",
        "responses[0].surveyEntries[1].keyEvents[0].c",
        "responses[1].surveyEntries",
    }


def test_the_list_of_faults_is_capped() -> None:
    error = refusal(json.dumps({"surveyEntries": [{}] * 10_000}).encode())
    assert len(error.details) == MOST_FAULTS


def test_no_error_repeats_what_was_sent() -> None:
    body = json.dumps(
        {
            "surveyEntries": [{"question": {"x": SECRET}, "answer": [SECRET], SECRET: SECRET}],
            "detectionMode": SECRET,
            "qualityIssues": [SECRET],
            "surveyName": [SECRET],
        }
    )
    for sent in (body, body[:-1], body.replace('"surveyName"', '"\\q' + SECRET + '"')):
        error = refusal(sent.encode())
        assert SECRET not in error.message + repr(error.details)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ('"half an emoji \\ud83d"', "half an emoji �"),
        ('"\\udc00 the other half"', "� the other half"),
        ('"whole \\ud83d\\ude00"', "whole 😀"),
        ('"not one: \\\\ud83d"', "not one: \\ud83d"),
        ('"nul \\u0000"', "nul \x00"),
        ('"bidi \\u202e and zero \\u200b width"', "bidi \u202e and zero \u200b width"),
    ],
)
def test_odd_characters_are_accepted_and_can_be_written_again(sent: str, read: str) -> None:
    body = f'{{"surveyEntries": [{{"question": "Why?", "answer": {sent}}}]}}'.encode()
    entry = decode(body, EvaluationRequest).survey_entries[0]
    assert entry.answer == read
    msgspec.json.encode(entry)


def test_half_an_emoji_in_a_name_is_no_reason_to_refuse_the_rest() -> None:
    body = b'{"\\ud800": 1, "surveyEntries": [{"question": "Why?", "answer": "Because", "\\udc00": "&amp;"}]}'
    for html in (False, True):
        assert decode(body, EvaluationRequest, html=html).survey_entries[0].answer == "Because"


def test_what_does_not_matter_is_accepted() -> None:
    body = (
        b'\xef\xbb\xbf{"unknown": [1e999, {"a": null}], "surveyName": null, "qualityIssues": null,'
        b'"surveyEntries": "x", "surveyEntries": [{"question": "Why?", "answer": "Because", "keyEvents": null}]}'
    )
    request = decode(body, EvaluationRequest)
    assert request.survey_entries[0].answer == "Because"
    assert request.survey_name is None


def test_a_megabyte_of_an_answer_is_read_and_no_more() -> None:
    longest = "é" * LONGEST_TEXT
    assert decode(with_entry(answer=longest), EvaluationRequest).survey_entries[0].answer == longest
    assert "1,000,000 characters" in refusal(with_entry(answer=longest + "é")).message


def test_a_thousand_entries_are_read_and_no_more() -> None:
    entries = SOUND["surveyEntries"] * MOST_ENTRIES
    read = decode(json.dumps({"surveyEntries": entries}).encode(), EvaluationRequest)
    assert len(read.survey_entries) == MOST_ENTRIES
    assert "1,000 items" in refusal(json.dumps({"surveyEntries": [*entries, entries[0]]}).encode()).message


def test_more_events_than_anybody_types_are_refused() -> None:
    paste = {"t": 0, "c": ""}
    assert "100,000 items" in refusal(with_entry(pasteEvents=[paste] * (MOST_EVENTS + 1))).message


@pytest.mark.parametrize(("depth", "is_read"), [(MOST_DEPTH - 1, True), (MOST_DEPTH, False)])
def test_brackets_in_unknown_fields_may_not_stand_too_deep(depth: int, is_read: bool) -> None:
    body = json.dumps(SOUND).replace("{", '{"unknown": ' + "[" * depth + "]" * depth + ', "text": "[[[",', 1).encode()
    if is_read:
        assert decode(body, EvaluationRequest).survey_entries[0].answer == SECRET
    else:
        assert "64 brackets" in refusal(body).message


@pytest.mark.parametrize("ampersand", ["&", "\\u0026"])
def test_entities_are_decoded_only_on_demand(ampersand: str) -> None:
    body = with_entry(answer="caf&eacute; &#8364;").replace(b"&", ampersand.encode())
    assert decode(body, EvaluationRequest, html=True).survey_entries[0].answer == "café €"
    assert decode(body, EvaluationRequest).survey_entries[0].answer == "caf&eacute; &#8364;"


def test_entities_are_decoded_before_anything_is_judged() -> None:
    body = json.dumps(SOUND | {"qualityIssues": ["Low&#45;Effort"]}).encode()
    assert decode(body, EvaluationRequest, html=True).wanted() == {"Low Effort"}
    assert list(refusal(body).details) == ["qualityIssues[0]"]


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["Nonsense", "Low Effort", "Composite", "https://example.com", "ftp://x", 10**400, 2**63]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
event = st.fixed_dictionaries({}, optional={name: values for name in ("k", "t", "ht", "c")})
entry = st.fixed_dictionaries(
    {},
    optional={
        "question": st.text() | values,
        "answer": st.text() | values,
        "questionIdentifier": values,
        "keyEvents": st.lists(event, max_size=2) | values,
        "pasteEvents": st.lists(event, max_size=2) | values,
    },
)
response = st.fixed_dictionaries({}, optional={"surveyEntries": st.lists(entry, max_size=2)})
requests = st.fixed_dictionaries(
    {},
    optional={
        "surveyName": st.text() | values,
        "surveyEntries": st.lists(entry, max_size=3) | values,
        "responses": st.lists(response, max_size=2) | values,
        "callbackUrl": values,
        "qualityIssues": st.lists(values, max_size=2) | values,
        "detectionMode": values,
        "aftercareResponseIdentifier": values,
    },
)


@given(tree=requests | values, kind=st.sampled_from([EvaluationRequest, BatchRequest]))
@example(tree=SOUND, kind=EvaluationRequest)
@example(tree={"surveyName": "", "responses": [SOUND]}, kind=BatchRequest)
def test_the_quick_reading_and_the_list_of_faults_agree(tree: Json, kind: type[msgspec.Struct]) -> None:
    try:
        quick = msgspec.convert(tree, kind)
    except msgspec.ValidationError:
        assert faults_of(tree, kind)
    else:
        assert not faults_of(tree, kind)
        assert quick == decode(json.dumps(tree).encode(), kind)
