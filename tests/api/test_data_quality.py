"""The three published operations over HTTP, against a real service."""

import html
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.api.data_quality import as_entities
from earnest.service import Service
from earnest.text.normalize import decode_entities

ONE = "/api/v1/data-quality"
BATCH = "/api/v1/data-quality/batch"
LIKE = "What did you like about the breakfast bar?"
MORE = "What would make you eat it more often?"
ANSWER = "The oats stayed crunchy and it was not too sweet, so my kids ate it too."


def entry(question: str = LIKE, answer: str = ANSWER, **more: object) -> dict[str, Any]:
    return {"question": question, "answer": answer, **more}


def evaluate(api: httpx.Client, *entries: dict[str, Any], **fields: object) -> dict[str, Any]:
    response = api.post(ONE, json={"surveyEntries": entries, **fields})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def issues(evaluation: dict[str, Any]) -> set[str]:
    checks = [check for each in evaluation["evaluations"] for check in each["qualityIssueChecks"]]
    return {check["type"] for check in checks if check["isIssue"]}


def test_one_respondent_is_evaluated_at_once(api: httpx.Client) -> None:
    found = evaluate(api, entry(), entry(MORE, "A smaller pack for the office."), responseIdentifier="r-1")
    assert found["responseIdentifier"] == "r-1"
    assert found["aftercareResponseIdentifier"]
    assert found["qualityScore"] == pytest.approx(100 - found["demeritScore"])
    assert [each["surveyEntry"]["question"] for each in found["evaluations"]] == [LIKE, MORE]


def test_an_entry_comes_back_without_its_logs_but_with_all_else(api: httpx.Client) -> None:
    given = entry(
        questionContext="Qualities", questionIdentifier="q1", parentQuestionIdentifier="q0", honeypotPhrase="xylophone"
    )
    sent = given | {"keyEvents": [{"k": "a", "t": 0, "ht": 1, "c": "KeyA"}], "pasteEvents": [], "unknown": 1}
    assert evaluate(api, sent)["evaluations"][0]["surveyEntry"] == given


def test_only_the_wanted_checks_run(api: httpx.Client) -> None:
    found = evaluate(api, entry(), qualityIssues=["nonsense"])
    assert {check["type"] for check in found["evaluations"][0]["qualityIssueChecks"]} <= {"Nonsensical"}


def test_our_identifier_is_kept_when_given(api: httpx.Client) -> None:
    first = evaluate(api, entry())
    name = first["aftercareResponseIdentifier"]
    assert first["responseIdentifier"] == name
    assert (
        evaluate(api, entry(MORE, "Nothing"), aftercareResponseIdentifier=name)["aftercareResponseIdentifier"] == name
    )


@pytest.mark.parametrize("tie", ["responseIdentifier", "aftercareResponseIdentifier"])
def test_an_answer_repeated_in_a_later_part_is_found(api: httpx.Client, tie: str) -> None:
    survey = {"surveyIdentifier": f"parts-{tie}"}
    first = evaluate(api, entry(), responseIdentifier=f"tied-by-{tie}", **survey)
    assert "Repeated Answers" not in issues(first)
    second = evaluate(api, entry("And what would you tell a friend about it?", ANSWER), **survey, **{tie: first[tie]})
    assert "Repeated Answers" in issues(second)


def test_entities_go_in_and_out(api: httpx.Client) -> None:
    answer = "Das Müesli schmeckt “süß” – für 2 € 😀, &amp; mehr"
    as_html = answer.replace("&", "&amp;").encode("ascii", "xmlcharrefreplace").decode()
    headers = {"X-Request-Encoding": "html"}
    response = api.post(ONE, json={"surveyEntries": [entry(answer=as_html)]}, headers=headers)
    assert response.json()["evaluations"][0]["surveyEntry"]["answer"] == answer
    response = api.post(
        ONE, json={"surveyEntries": [entry(answer=as_html)]}, headers=headers | {"X-Response-Encoding": "HTML"}
    )
    assert response.content.isascii()
    assert decode_entities(response.json()["evaluations"][0]["surveyEntry"]["answer"]) == answer


@given(st.text() | st.from_regex(r"(&#?[a-z0-9]{0,8};?|[éa&;])+", fullmatch=True))
def test_any_text_survives_being_written_as_entities(text: str) -> None:
    sent = as_entities(json.dumps(text, ensure_ascii=False).encode())
    assert sent.isascii()
    assert decode_entities(json.loads(sent)) == text


def test_plain_text_is_written_as_it_is_among_entities() -> None:
    assert as_entities('"AT&T, R&D; é"'.encode()) == b'"AT&T, R&D; &#233;"'
    assert html.unescape("AT&T, R&D;") == "AT&T, R&D;"


def test_a_batch_is_queued_and_can_be_asked_for(api: httpx.Client) -> None:
    response = api.post(BATCH, json={"surveyName": "S", "responses": [{"surveyEntries": [entry()]}]})
    assert response.status_code == 202
    queued = response.json()
    assert queued["status"] == "queued"
    assert queued["results"] == {"items": [], "nextCursor": None}
    status = api.get(f"{BATCH}/{queued['batchJobId']}").json()
    assert status["batchJobId"] == queued["batchJobId"]
    assert status["status"] in {"queued", "processing"}
    assert status["results"]["nextCursor"], "there is more to come"


def test_a_batch_of_another_tenant_is_not_found(api: httpx.Client, service: Service) -> None:
    body = {"surveyName": "S", "responses": [{"surveyEntries": [entry()]}]}
    theirs = {"X-Aftercare-Key": service.create_key("other", tenant="other")}
    job = api.post(BATCH, json=body, headers=theirs).json()["batchJobId"]
    assert api.get(f"{BATCH}/{job}", headers=theirs).status_code == 200
    assert api.get(f"{BATCH}/{job}").status_code == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        *(("cursor=nonsense", "cursor"), ("cursor=%00", "cursor"), ("limit=0", "limit"), ("limit=1001", "limit")),
        *(("limit=" + nines, "limit") for nines in ("9" * 5000, "-1", "1.5", "%EF%BC%91")),
    ],
)
def test_a_bad_cursor_or_limit_is_a_bad_request(api: httpx.Client, query: str, field: str) -> None:
    job = api.post(BATCH, json={"surveyName": "S", "responses": [{"surveyEntries": [entry()]}]}).json()["batchJobId"]
    response = api.get(f"{BATCH}/{job}?{query}")
    assert response.status_code == 400
    assert field in response.json()["details"]


HOSTILE = [
    "",
    " \n\t ",
    "\x00\x01",
    "\u202elive\u202c \u200b\u200d\ufeff",
    "👍🏽👨‍👩‍👧‍👦",
    "z̷̢̛͇̙̀" * 300,
    "x" * 900_000,
    "<script>alert(1)</script>",
    "{{7*7}} %s %n ${x} '; DROP TABLE part; --",
    "\ufffe\uffff\U0010ffff",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_evaluated_and_comes_back_unchanged(api: httpx.Client, text: str) -> None:
    found = evaluate(api, entry(answer=text), responseIdentifier=text[:100], surveyIdentifier=text[:100])
    assert found["evaluations"][0]["surveyEntry"]["answer"] == text


def test_hostile_key_logs_are_evaluated(api: httpx.Client) -> None:
    keys = [{"k": "", "t": t, "ht": ht, "c": ""} for t in (1e15, -1e15, 0, 5e-324) for ht in (-1e15, 0, 1e15)]
    evaluate(api, entry(keyEvents=keys, pasteEvents=[{"t": -1e15, "c": "\x00"}] * 50))
