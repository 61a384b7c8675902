"""The first page: what it shows, to whom, and that nothing in it can be made to run."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import anyio
import httpx
import pytest

from earnest.api.app import create_app
from earnest.findings import CheckName, Finding
from earnest.scoring import evaluate_entry, evaluate_respondent
from earnest.service import Batch, Service
from earnest.settings import Settings
from earnest.survey import Entry, Respondent, Survey

HERE = "127.0.0.1:8000"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service.open(Settings(database_url=f"sqlite:///{tmp_path / 'earnest.db'}"))
    yield service
    service.close()


def get(
    service: Service, *, host: str = HERE, client: str = "127.0.0.1", headers: Mapping[str, str] | None = None
) -> httpx.Response:
    async def ask() -> httpx.Response:
        app = create_app(service)
        transport = httpx.ASGITransport(app, client=(client, 50_000), raise_app_exceptions=False)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as browser:
            return await browser.get("/", headers={"Host": host, **(headers or {})})

    return anyio.run(ask)


def keep(service: Service, answers: Mapping[str, tuple[str, Finding]], *, survey: str = "Breakfast") -> None:
    respondents = [Respondent(name, (Entry("What did you like?", text),)) for name, (text, _) in answers.items()]
    found = [
        evaluate_respondent(each, [evaluate_entry(each.entries[0], [answers[each.identifier][1]])])
        for each in respondents
    ]
    service.keep("default", Batch(survey=Survey(survey), respondents=tuple(respondents), wanted=frozenset()), found)


def finding(score: float, *, check: CheckName = CheckName.LOW_EFFORT, evidence: str = "Says nothing.") -> Finding:
    return Finding(type=check, score=score, is_issue=score >= 50, evidence=evidence)


def test_before_anything_was_evaluated_it_says_how_to_begin(service: Service) -> None:
    page = get(service, host="localhost:1234").text
    assert "earnest evaluate survey.csv --output judged.csv --keep" in page
    assert "curl http://localhost:1234/api/v1/data-quality/batch" in page
    assert 'href="/docs"' in page


def test_it_shows_the_survey_that_was_evaluated_last(service: Service) -> None:
    keep(service, {"r-1": ("Crunchy", finding(3))}, survey="Old")
    keep(service, {"r-1": ("Crunchy", finding(3)), "r-2": ("idk", finding(97))}, survey="New")
    page = get(service).text
    assert "New" in page
    assert "Old" not in page
    assert re.search(r"<dt>respondents</dt><dd>2</dd>", page)
    assert re.search(r"of them with an issue, 50.*<dd>1</dd>", page)


def test_the_worst_answers_come_first_with_respondent_question_score_and_evidence(service: Service) -> None:
    keep(
        service,
        {
            "r-fair": ("Crunchy and not too sweet", finding(3)),
            "r-bad": ("good", finding(71, evidence="One word of praise.")),
            "r-worst": ("idk", finding(97, evidence="Says that they do not know.")),
        },
    )
    page = get(service).text
    for shown in ("r-worst", "idk", "What did you like?", ">97<", "Says that they do not know.", "Low Effort"):
        assert shown in page
    assert page.index("r-worst") < page.index("r-bad")
    assert "r-fair" not in page


def test_the_same_wording_is_shown_once(service: Service) -> None:
    keep(service, {f"r-{i}": ("IDK!" if i % 2 else "idk", finding(90 + i)) for i in range(6)})
    assert get(service).text.count("<blockquote") == 1


def test_without_any_issue_it_says_so(service: Service) -> None:
    keep(service, {"r-1": ("Crunchy", finding(3))})
    assert "No answer has an issue" in get(service).text


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 191 }}", "\x00</p>"]
)
def test_nothing_from_a_survey_becomes_markup(service: Service, hostile: str) -> None:
    keep(service, {hostile: (hostile, finding(97, evidence=hostile))}, survey=hostile)
    page = get(service).text
    assert hostile not in page or hostile.startswith("{{")
    assert "<script" not in page
    assert "<img" not in page
    assert "1337" not in page


def test_nothing_runs_and_nothing_is_loaded_from_elsewhere(service: Service) -> None:
    keep(service, {"r-1": ("idk", finding(97))})
    response = get(service)
    assert not re.findall(r"<script|<style|\sstyle=|\son\w+=", response.text)
    assert not re.findall(r'(?:src|href)="(?!/|#)', response.text)
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "unsafe-inline" not in response.headers["content-security-policy"]


@pytest.mark.parametrize("host", [HERE, "localhost", "localhost:8000", "[::1]:8000", "127.1.2.3"])
@pytest.mark.parametrize("client", ["127.0.0.1", "::1"])
def test_this_machine_is_let_in(service: Service, host: str, client: str) -> None:
    assert get(service, host=host, client=client).status_code == 200


@pytest.mark.parametrize(
    ("host", "client", "headers"),
    [
        (HERE, "192.168.1.7", {}),
        (HERE, "testclient", {}),
        ("rebound.example.com", "127.0.0.1", {}),
        ("localhost.example.com", "127.0.0.1", {}),
        ("192.168.1.7:8000", "127.0.0.1", {}),
        ("", "127.0.0.1", {}),
        ("[", "127.0.0.1", {}),
        ("user@localhost@example.com", "127.0.0.1", {}),
        (HERE, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        (HERE, "127.0.0.1", {"Forwarded": "for=192.168.1.7"}),
        (HERE, "127.0.0.1", {"Via": "1.1 proxy"}),
    ],
)
def test_all_others_find_no_such_page(service: Service, host: str, client: str, headers: dict[str, str]) -> None:
    keep(service, {"r-1": ("idk", finding(97))})
    response = get(service, host=host, client=client, headers=headers)
    assert response.status_code == 404
    assert response.json() == {"code": "NOT_FOUND", "message": "Requested resource not found."}
