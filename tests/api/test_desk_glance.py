"""The desk's pages about a survey: the list, at a glance, what if, questions and copies."""

import re
from collections.abc import Iterator
from gzip import decompress
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from litestar.testing import TestClient
from tests.api.reviewed import HTML, TASTE, add_people, judge_survey, keep_survey
from tests.jobs.tiny import tiny_evaluator

from earnest.api.app import create_app
from earnest.api.desk.surveys import EXAMPLE_NAME
from earnest.files.handover import batch_of
from earnest.files.tables import SurveyTable
from earnest.findings import CheckName
from earnest.review.decisions import Ruling
from earnest.service import Batch, Service
from earnest.settings import Settings
from earnest.survey import Entry, Respondent, Survey

SIZE = 60
PAGES = ("", "/what-if", "/questions", "/questions/0", "/questions/0/words", "/copies", "/copies/groups", "/groups")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    path = tmp_path_factory.mktemp("glance") / "earnest.db"
    service = Service.open(Settings(database_url=f"sqlite:///{path}", api_key="k" * 20), evaluator=tiny_evaluator())
    add_people(service)
    yield service
    service.close()


@pytest.fixture(scope="module")
def browser(desk: Service) -> Iterator[httpx.Client]:
    with TestClient(create_app(desk), base_url="http://survey.example", raise_server_exceptions=False) as client:
        client.follow_redirects = False
        client.post("/sign-in", data={"key": "k" * 20})
        yield client


@pytest.fixture(scope="module")
def job(desk: Service) -> str:
    return judge_survey(desk, SIZE)


def queued(service: Service, name: str) -> str:
    person = Respondent("r", (Entry("Why?", "Because it is fresh"),))
    return service.submit("default", Batch(survey=Survey(name), respondents=[person], wanted=frozenset(CheckName)))


def table_of(service: Service, folder: Path, size: int) -> str:
    """A judged survey that came in as a table, with closed questions; its job's id."""
    path = folder / "drinks.csv"
    rows = [f"R{i},2026-09-0{1 + i % 3},{'AB'[i % 2]},{1 + i % 5},I like number {i} best" for i in range(size)]
    path.write_text("id,start_date,supplier,rating,What do you like about it?\n" + "\n".join(rows) + "\n")
    batch = batch_of(SurveyTable.read(path), survey_name="Drinks", wanted=frozenset(CheckName))
    assert len(batch.respondents) == size
    job = judge_survey(service, size)
    upload = service.uploads.keep("default", path.name, [path.read_bytes()])
    service.uploads.judged_by("default", upload.id, job)
    return job


def test_a_place_of_the_desk_needs_a_visit_and_shows_no_stranger_s_survey(
    desk: Service, job: str, browser: httpx.Client
) -> None:
    foreign = keep_survey(desk, 3, tenant="elsewhere")
    with TestClient(create_app(desk), base_url="http://survey.example") as stranger:
        stranger.follow_redirects = False
        for part in PAGES:
            assert stranger.get(f"/desk/{job}{part}").status_code == 303
            assert browser.get(f"/desk/{foreign}{part}").status_code == 404


@pytest.mark.parametrize("part", PAGES)
def test_nothing_from_a_survey_becomes_markup_and_nothing_inline_runs(
    job: str, browser: httpx.Client, part: str
) -> None:
    page = browser.get(f"/desk/{job}{part}")
    assert page.status_code == 200
    assert HTML not in page.text
    assert not re.findall(r"<script(?! src=)|<style|\sstyle=|\son\w+=", page.text)
    assert not re.findall(r'(?:src|href)="(?!/|#)', page.text)
    assert "script-src 'self'" in page.headers["content-security-policy"]


def test_without_surveys_the_list_says_how_to_begin(tmp_path: Path) -> None:
    service = Service.open(Settings(database_url=f"sqlite:///{tmp_path / 'earnest.db'}", api_key="k" * 20))
    with TestClient(create_app(service), base_url="http://survey.example") as client:
        client.post("/sign-in", data={"key": "k" * 20})
        page = client.get("/desk").text
    assert 'href="/desk/upload"' in page
    assert "Try the example survey" in page
    service.close()


def test_the_list_asks_again_only_while_something_runs(tmp_path: Path) -> None:
    service = Service.open(Settings(database_url=f"sqlite:///{tmp_path / 'earnest.db'}", api_key="k" * 20))
    with TestClient(create_app(service), base_url="http://survey.example") as client:
        client.post("/sign-in", data={"key": "k" * 20})
        keep_survey(service, 3, name="Done")
        assert "every 2s" not in client.get("/desk").text
        job = queued(service, "Running")
        page = client.get("/desk").text
        assert "every 2s" in page
        assert page.index("Running") < page.index("Done")
        assert '<progress value="0" max="1"' in page
        assert "HX-Refresh" not in client.get(f"/desk/{job}/progress").headers
        assert "Nobody is judged yet" in client.get(f"/desk/{job}").text
        for part in PAGES:
            if "questions/" not in part:
                assert client.get(f"/desk/{job}{part}").status_code == 200
    service.close()


def test_the_list_is_paged(desk: Service, browser: httpx.Client) -> None:
    for i in range(30):
        keep_survey(desk, 1, name=f"Paged {i}")
    first = browser.get("/desk").text
    assert first.count('scope="row"') == 25
    older = re.search(r'href="(/desk\?after=[^"]+)"', first)
    assert older
    second = browser.get(older.group(1)).text
    assert second.count('scope="row"') >= 5
    assert not set(re.findall(r"Paged \d+", first)) & set(re.findall(r"Paged \d+", second))


def test_a_finished_survey_has_its_page_loaded_anew(job: str, browser: httpx.Client) -> None:
    assert browser.get(f"/desk/{job}/progress").headers["HX-Refresh"] == "true"


def test_a_glance_counts_what_was_found_and_what_was_decided(desk: Service, browser: httpx.Client) -> None:
    job = judge_survey(desk, SIZE)
    desk.decisions.decide("default", job, [0, 1], coder="coder-a", ruling=Ruling.REMOVE)
    desk.decisions.decide("default", job, [2], coder="coder-a", ruling=Ruling.KEEP)
    page = browser.get(f"/desk/{job}").text
    flagged = sum(i in {0, 1, 2} or i % 5 in {3, 4} for i in range(SIZE))
    assert re.search(r"<dt>respondents</dt><dd>60</dd>", page)
    assert re.search(rf"of them with an issue.*<dd>{flagged}</dd>", page)
    assert "not measured" in page  # Repeated Answers
    assert "How sure is that?" in page
    assert TASTE in page
    assert re.search(rf'href="/desk/{job}/review/2"', page)


def test_a_failed_respondent_and_a_failed_survey_are_told(desk: Service, browser: httpx.Client) -> None:
    job = queued(desk, "Doomed")
    desk.cancel("default", job)
    page = browser.get(f"/desk/{job}").text
    assert "not judged to its end" in page
    assert "cancel" in page.lower()


def test_other_thresholds_move_people_in_and_out(job: str, browser: httpx.Client) -> None:
    as_judged = browser.get(f"/desk/{job}/what-if").text
    strict = browser.get(f"/desk/{job}/what-if?irrelevant=99&llm-generated=100&duplicate-answers=100").text
    assert gone(strict) == 0 < gone(as_judged)
    some = browser.get(f"/desk/{job}/what-if?irrelevant=80").text
    assert 0 < gone(some) < gone(as_judged)
    assert f"Would stay after all: {gone(as_judged) - gone(some)}" in some


def gone(page: str) -> int:
    found = re.search(r'role="status">([\d,]+)<', page)
    assert found
    return int(found.group(1).replace(",", ""))


def test_what_makes_no_sense_in_an_address_is_left_out(job: str, browser: httpx.Client) -> None:
    as_judged = browser.get(f"/desk/{job}/what-if").text
    odd = browser.get(f"/desk/{job}/what-if?irrelevant=nan&low-effort=-1&share=0&nonsensical=x&page=99")
    assert gone(odd.text) == gone(as_judged)


def test_thresholds_leave_as_a_settings_file_that_is_accepted(job: str, browser: httpx.Client, tmp_path: Path) -> None:
    response = browser.get(f"/desk/{job}/what-if/earnest.toml?low-effort=42.5&duplicate-answers=90&share=75")
    assert "attachment" in response.headers["content-disposition"]
    path = tmp_path / "earnest.toml"
    path.write_bytes(response.content)
    settings = Settings.load({}, path=path)
    assert settings.thresholds == {CheckName.LOW_EFFORT: 42.5, CheckName.SHARED_DUPLICATE: 90}
    assert "--propose-from 0.75" in response.text


def test_an_uploaded_table_tells_groups_and_closed_questions(
    desk: Service, browser: httpx.Client, tmp_path: Path
) -> None:
    job = table_of(desk, tmp_path, SIZE)
    groups = browser.get(f"/desk/{job}/groups").text
    assert "By day" in groups
    assert "By supplier" in groups
    assert "By device" not in groups
    closed = browser.get(f"/desk/{job}/what-if/closed").text
    assert "rating" in closed
    assert f"{SIZE} answered" in closed
    assert "small base" in closed


def test_a_survey_of_the_api_has_no_groups(job: str, browser: httpx.Client) -> None:
    assert "/groups" not in browser.get(f"/desk/{job}").text
    assert "By day" not in browser.get(f"/desk/{job}/groups").text


def test_a_question_shows_its_answers(job: str, browser: httpx.Client) -> None:
    assert TASTE in browser.get(f"/desk/{job}/questions").text
    first = browser.get(f"/desk/{job}/questions/0").text
    assert "Flagged answers: 27" in first
    assert first.count('class="card case"') == 20
    assert browser.get(f"/desk/{job}/questions/0?page=2").text.count('class="card case"') == 7
    words = browser.get(f"/desk/{job}/questions/0/words").text
    assert "Most typical" in words
    assert "Least typical" in words
    assert browser.get(f"/desk/{job}/questions/9").status_code == 404


def test_copies_are_grouped_with_whom_they_name(job: str, browser: httpx.Client) -> None:
    page = browser.get(f"/desk/{job}/copies")
    assert "2 answers of 2 respondents" in page.text
    groups = browser.get(f"/desk/{job}/copies/groups").text
    assert "1 group" in groups
    assert re.findall(r">(R_\d)<", groups) == ["R_0", "R_1"]
    assert "Nobody shares more than one answer" in groups


def test_the_example_survey_is_judged_as_if_it_was_uploaded(desk: Service, browser: httpx.Client) -> None:
    csrf = re.search(r'name="csrf" value="(\w+)"', browser.get("/desk").text)
    assert csrf
    assert browser.post("/desk/example").status_code in {401, 403}
    response = browser.post("/desk/example", data={"csrf": csrf.group(1)})
    job = response.headers["location"].removeprefix("/desk/")
    assert desk.job("default", job).survey_name == EXAMPLE_NAME
    upload = desk.uploads.of_job("default", job)
    assert upload is not None
    assert upload.file.endswith(".csv")


def test_the_example_survey_is_the_one_of_the_examples() -> None:
    shipped = decompress((files("earnest") / "console" / "example_survey.csv.gz").read_bytes())
    example = Path(__file__).resolve().parents[2] / "examples" / "coffee_subscription" / "survey.csv"
    assert shipped == example.read_bytes()  # examples/coffee_subscription/make_survey.py writes both
