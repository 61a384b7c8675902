"""Batch bodies read piece by piece: the same are accepted, with the same batch, as when the whole is read at once."""

import json
from io import BytesIO
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from earnest.api import pieces
from earnest.api.batch_body import read_batch
from earnest.api.contract import BatchRequest
from earnest.api.decode import MOST_FAULTS, decode
from earnest.errors import InvalidInput, TooLarge
from earnest.service import Batch
from earnest.survey import Respondent

SECRET = "what the respondent said"
ENTRY = {"question": "Why?", "answer": SECRET}
RESPONSE = {"responseIdentifier": "r", "surveyEntries": [ENTRY]}
SOUND: dict[str, Any] = {"surveyName": "S", "responses": [RESPONSE, RESPONSE]}


def read(body: bytes, *, lines: bool = False, html: bool = False) -> tuple[Batch, list[Respondent]]:
    batch = read_batch(BytesIO(body), lines=lines, html=html)
    return batch, list(batch.respondents)


def refusal(body: bytes, *, lines: bool = False) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read(body, lines=lines)
    return caught.value


def dumped(**fields: object) -> bytes:
    return json.dumps(SOUND | fields).encode()


# Bodies for the comparison: JSON as text, so that keys may repeat, and anything may be broken.

white = st.sampled_from(["", "", " ", "\n", " \t\r\n"])
strings = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ['"', "\\", '\\"', '\\\\"', "],[", '{"responses":[', "é", "日本", "\ud83d", "\U0001f600", "&eacute;"]
    ),
)


@st.composite
def written(draw: st.DrawFn, text: str) -> str:
    """A string as JSON, with or without escapes that need not be."""
    plain = json.dumps(text, ensure_ascii=draw(st.booleans()) or not text.isprintable())
    if draw(st.booleans()) and text and text.isascii() and text.isalnum():
        at = draw(st.integers(0, len(text) - 1))
        plain = json.dumps(text[:at])[:-1] + f"\\u{ord(text[at]):04x}" + json.dumps(text[at + 1 :])[1:]
    return plain


texts = strings.flatmap(written)
atoms = st.one_of(texts, st.sampled_from(["null", "true", "0", "-1.5e3", "1e999", "NaN", "[]", "{}"]))


@st.composite
def objects(draw: st.DrawFn, fields: list[tuple[str, st.SearchStrategy[str]]]) -> str:
    """An object with some of the fields, in any order, some of them more than once."""
    chosen = draw(st.lists(st.sampled_from(fields), max_size=len(fields) + 1))
    parts = []
    for name, value in chosen:
        parts.append(f"{draw(white)}{draw(written(name))}{draw(white)}:{draw(white)}{draw(value)}{draw(white)}")
    return "{" + ",".join(parts) + "}"


def arrays(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(white, st.lists(st.tuples(items, white).map("".join), max_size=3)).map(
        lambda each: "[" + each[0] + ",".join(each[1]) + "]"
    )


junk = st.recursive(atoms, lambda inner: arrays(inner) | objects([("responses", inner), ("x", inner)]), max_leaves=6)
sound_entry = texts.map(lambda text: '{"question":"q","answer":' + text + "}")
entries = arrays(sound_entry | objects([("question", texts), ("answer", texts | atoms), ("responses", junk)]))
sound_response = sound_entry.map(lambda one: '{"surveyEntries":[' + one + "]}")
some_response = (
    sound_response | objects([("surveyEntries", entries), ("responseIdentifier", atoms), ("x", junk)]) | atoms
)
all_responses = arrays(sound_response) | arrays(some_response)
some_bodies = objects(
    [
        ("surveyName", texts),
        ("responses", all_responses),
        ("responses", all_responses),
        ("callbackUrl", atoms),
        ("x", junk),
    ]
)
sound_bodies = st.tuples(arrays(sound_response), junk, white, st.booleans()).map(
    lambda each: (
        f'{{"surveyName":"S",{each[2]}"x":{each[1]},"responses":{each[0]}}}'
        if each[3]
        else f'{{"responses":{each[0]},"x":{each[1]},"surveyName":"S"}}{each[2]}'
    )
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    text = draw(sound_bodies | some_bodies | junk)
    body = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + text.encode("utf-8", "surrogatepass")
    mutation = draw(st.sampled_from(["none", "none", "none", "cut", "drop", "swap"]))
    at = draw(st.integers(0, len(body)))
    if mutation == "cut":
        return body[:at]
    if mutation == "drop":
        return body[:at] + body[at + 1 :]
    if mutation == "swap":
        return (
            body[:at]
            + draw(st.sampled_from([b'"', b"\\", b"[", b"]", b"{", b"}", b",", b"\xff", b" "]))
            + body[at + 1 :]
        )
    return body


def outcome(work: Any) -> tuple[object, ...]:
    """What came of a body: the batch without the names that are made up, or everything that is said to be wrong."""
    try:
        batch = work()
        named = [each.identifier for each in batch.respondents if len(each.identifier) != 36]
        return batch.survey, batch.wanted, batch.callback_url, named, [each.entries for each in batch.respondents]
    except InvalidInput as error:
        return error.code, set(error.details.items())


@given(body=bodies(), block=st.integers(1, 40), html=st.booleans())
@example(body=json.dumps(SOUND).encode(), block=1, html=False)
@example(body=b'{"responses":[1],"responses":[],"surveyName":"S"}', block=3, html=False)
@example(
    body=b'{"responses":[ ],"responses":[{"surveyEntries":[{"question":"","answer":""}]}],"surveyName":"S"}',
    block=7,
    html=False,
)
@example(
    body=b'{"responses":[NaN],"responses":[{"surveyEntries":[{"question":"","answer":""}]}],"surveyName":"S"}',
    block=7,
    html=False,
)
@example(
    body=b'{"responses":[,],"responses":[{"surveyEntries":[{"question":"","answer":""}]}],"surveyName":"S"}',
    block=7,
    html=False,
)
@example(body=b'{"surveyName":"S","responses":[}', block=40, html=False)
@example(body=b'[{"responses":[{"surveyEntries":[]}]}]', block=40, html=False)
@example(body=b'{"x":{"responses":[{"surveyEntries":[]}]},"surveyName":"S"}', block=40, html=False)
def test_a_body_in_pieces_is_read_as_the_whole_is(body: bytes, block: int, html: bool) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pieces, "BLOCK", block)
        in_pieces = outcome(lambda: read_batch(BytesIO(body), lines=False, html=html))
        at_once = outcome(lambda: decode(body, BatchRequest, html=html).batch())
    assert in_pieces == at_once


@given(responses=st.lists(some_response, min_size=1, max_size=4), unknown=junk)
def test_lines_are_read_as_the_same_request_in_one_piece_is(responses: list[str], unknown: str) -> None:
    one_line = [each.replace("\n", " ") for each in responses]
    head = f'"surveyName":"S","x":{unknown}'.replace("\n", " ")
    lines = "\n".join([f"{{{head}}}", *one_line]).encode("utf-8", "surrogatepass")
    whole = f'{{{head},"responses":[{",".join(one_line)}]}}'.encode("utf-8", "surrogatepass")
    in_lines = outcome(lambda: read_batch(BytesIO(lines), lines=True, html=False))
    assert in_lines == outcome(lambda: decode(whole, BatchRequest).batch())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"{", "line 1, column 2 (character 1)"),
        (b'{"responses": [', "line 1, column 16 (character 15)"),
        ('{"surveyName": "é\n'.encode() + b'", "responses": []}', "line 1, column 18"),
        ('{"surveyName": "é",\n "responses": [{"surveyEntries": [}, {}]}'.encode(), "line 2, column 35 (character 54)"),
        (b'{"responses": [{"surveyEntries": []}], "surveyName" "S"}', "line 1, column 53 (character 52)"),
        (b'{"responses": [{"surveyEntries": "\xff"}]}', "not UTF-8: byte 34"),
        (json.dumps(SOUND).encode()[:-1], "character 249"),
        (json.dumps(SOUND).encode()[:-30], "Unterminated string"),
        (json.dumps(SOUND).encode() + b"}", "Extra data"),
        (b'{"responses": [' + b"[" * 200_000, "nested too deeply"),
        (dumped(unknown="NaN").replace(b'"NaN"', b"NaN"), "NaN"),
        (dumped(responses=[RESPONSE | {"unknown": "NaN"}]).replace(b'"NaN"', b"-Infinity"), "NaN"),
    ],
    ids=lambda value: value[:40] if isinstance(value, bytes) else None,
)
def test_broken_json_is_refused_as_the_whole_is_with_the_place(body: bytes, said: str) -> None:
    message = refusal(body).message
    assert said in message
    with pytest.raises(InvalidInput) as at_once:
        decode(body, BatchRequest)
    assert message == at_once.value.message


def test_faults_of_the_head_and_of_all_responses_are_named_at_once() -> None:
    wrong = [{"surveyEntries": [{"question": 1}]}, RESPONSE, 7, {"surveyEntries": []}]
    body = json.dumps({"responses": wrong, "callbackUrl": "ftp://example.com"}).encode()
    assert set(refusal(body).details) == {
        "surveyName",
        "callbackUrl",
        "responses[0].surveyEntries[0].question",
        "responses[0].surveyEntries[0].answer",
        "responses[2]",
        "responses[3].surveyEntries",
    }


def test_the_list_of_faults_is_capped() -> None:
    assert len(refusal(dumped(responses=[{}] * 1_000)).details) == MOST_FAULTS


def test_no_error_repeats_what_was_sent() -> None:
    body = json.dumps({"surveyName": [SECRET], "responses": [SECRET, {"surveyEntries": SECRET, SECRET: SECRET}]})
    for sent in (body, body[:-1], body.replace('"surveyName"', '"\\q' + SECRET + '"')):
        error = refusal(sent.encode())
        assert SECRET not in error.message + repr(error.details)


def test_respondents_may_be_walked_through_again() -> None:
    batch, first = read(dumped())
    assert list(batch.respondents) == first
    assert len(batch.respondents) == 2
    assert first[0] in batch.respondents
    assert Respondent("r", ()) not in batch.respondents


def test_entities_are_decoded_on_demand() -> None:
    body = dumped(surveyName="caf&eacute;", responses=[{"surveyEntries": [{"question": "&lt;", "answer": "&#8364;"}]}])
    batch, [respondent] = read(body, html=True)
    assert (batch.survey.name, respondent.entries[0].question, respondent.entries[0].answer) == ("café", "<", "€")


def test_too_many_responses_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MOST_RESPONSES", 3)
    assert len(read(dumped(responses=[RESPONSE] * 3))[1]) == 3
    for body, lines in ((dumped(responses=[RESPONSE] * 4), False), (b"{}\n" + b"{}\n" * 4, True)):
        assert "further batches" in refusal(body, lines=lines).details["responses"]


def test_too_large_a_response_is_refused_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "LARGEST_RESPONSE", 200)
    large = RESPONSE | {"unknown": "x" * 200}
    in_lines = b"\n".join(json.dumps(each).encode() for each in ({"surveyName": "S"}, RESPONSE, large))
    for body, lines in ((dumped(responses=[RESPONSE, large]), False), (in_lines, True)):
        error = refusal(body, lines=lines)
        assert isinstance(error, TooLarge)
        assert list(error.details) == ["responses[1]"]


@pytest.mark.parametrize("lines", [False, True])
def test_too_large_a_head_is_refused(lines: bool) -> None:
    error = refusal(json.dumps({"unknown": "x" * pieces.LARGEST_HEAD}).encode(), lines=lines)
    assert isinstance(error, TooLarge)


def test_blank_lines_and_other_line_ends_do_not_matter() -> None:
    head, response = json.dumps({"surveyName": "S"}), json.dumps(RESPONSE)
    _, respondents = read(f"\ufeff{head}\r\n\r\n{response}\r\n  \n{response}".encode(), lines=True)
    assert respondents == read(dumped())[1]


@pytest.mark.parametrize(
    ("body", "path", "said"),
    [
        (b'{"surveyName": "S"}\n', "responses", "each on a line of its own"),
        (b'{"surveyName": "S", "responses": []}\n{}', "responses", "be left out"),
        (b'{"surveyName": "S"}\n[]\n', "responses[0]", "must be an object"),
        (b'{"surveyName": "S"}\n\n{"surveyEntries": 1}\n', "responses[0].surveyEntries", "must be an array"),
    ],
)
def test_a_bad_line_is_named(body: bytes, path: str, said: str) -> None:
    assert said in refusal(body, lines=True).details[path]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"surveyName": "S"}\n{"surveyEntries": [}\n', "line 2, column 20"),
        (b'{"surveyName" "S"}\n', "line 1, column 15"),
        (b'{"surveyName": "S"}\n' + b"[" * 65, "nested too deeply"),
        (b'{"surveyName":' + b"[" * 65, "nested too deeply"),
        (b'\n{"surveyName": "S"}', "Expecting value"),
        (b"", "empty"),
    ],
)
def test_a_broken_line_is_refused_with_the_place(body: bytes, said: str) -> None:
    assert said in refusal(body, lines=True).message


def test_the_depth_is_that_of_brackets_outside_of_strings() -> None:
    assert pieces.depth_of(b'{"a": "[[[\\"[[", "b": [[], {}]}') == 3
    assert pieces.depth_of(b'"\\\\" [') == 1
    assert msgspec.json.decode(b'"\\\\"') == "\\"
