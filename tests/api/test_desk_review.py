"""Review and coders: whom one sees, what is shown of them, what is decided, and who may know."""

import re
from html import unescape

import httpx
import pytest
from tests.api.conftest import Enter
from tests.api.reviewed import add_people, judge_survey, keep_survey

from earnest.review.decisions import Ruling
from earnest.service import Service

SIZE = 60


@pytest.fixture(scope="module")
def desk(service: Service) -> Service:
    add_people(service)
    return service


@pytest.fixture
def ann(enter: Enter) -> httpx.Client:
    return enter("coder-a")


@pytest.fixture
def job(service: Service) -> str:
    return judge_survey(service, 8)


def csrf_on(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page.text)
    assert found, page.text
    return found.group(1)


def decide(browser: httpx.Client, job: str, position: int, query: str = "", **form: str) -> httpx.Response:
    where = f"/desk/{job}/review/{position}"
    csrf = csrf_on(browser.get(where))
    return browser.post(f"{where}?{query}", data={"csrf": csrf, **form})


def names_on(page: httpx.Response) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]*><bdi>(R_\d+)</bdi>', page.text)


def words_on(page: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def test_the_list_is_paged_and_covers_everybody_once(service: Service, ann: httpx.Client) -> None:
    job = keep_survey(service, SIZE)
    pages = [names_on(ann.get(f"/desk/{job}/review?page={number}")) for number in (1, 2, 3)]
    assert [len(each) for each in pages] == [25, 25, 10]
    assert sorted((name for page in pages for name in page), key=lambda name: int(name[2:])) == [
        f"R_{i}" for i in range(SIZE)
    ]
    assert pages[0][:3] == ["R_0", "R_1", "R_2"]
    assert names_on(ann.get(f"/desk/{job}/review?page=99")) == pages[2]
    assert names_on(ann.get(f"/desk/{job}/review?order=submitted&page=2"))[0] == "R_25"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("check=Duplicate+Answers", ["R_0", "R_1"]),
        ("check=LLM+Generated&question=0", ["R_2"]),
        ("check=LLM+Generated&question=1", []),
        ("only=flagged&order=submitted", ["R_0", "R_1", "R_2", "R_3", "R_4"]),
        ("mine=keep", []),
        ("order=sideways&check=None&page=-3&at=never&question=²", [f"R_{i}" for i in (0, 1, 2, 4, 3, 7, 6, 5)]),
    ],
)
def test_filters(ann: httpx.Client, job: str, query: str, expected: list[str]) -> None:
    assert names_on(ann.get(f"/desk/{job}/review?{query}")) == expected


def test_a_queue_stays_while_one_works_through_it(ann: httpx.Client, job: str) -> None:
    fresh = ann.get(f"/desk/{job}/review?mine=none&order=submitted")
    found = re.search(r"at=([\d.]+)", fresh.text)
    assert found
    query = f"mine=none&order=submitted&at={found.group(1)}"
    response = decide(ann, job, 2, query, ruling="keep")
    assert response.status_code == 303
    assert "/review/3?" in response.headers["location"]
    assert "R_2: keep." in ann.get(response.headers["location"]).text
    assert len(names_on(ann.get(f"/desk/{job}/review?{query}"))) == 8
    assert "R_2" not in names_on(ann.get(f"/desk/{job}/review?mine=none"))
    assert re.search(r'rel="prev"[^>]*/review/2\?', ann.get(response.headers["location"]).text)


def test_after_the_last_one_comes_the_list(ann: httpx.Client, job: str) -> None:
    response = decide(ann, job, 7, "order=submitted", ruling="unsure")
    assert re.fullmatch(rf"/desk/{job}/review\?.*did=7", response.headers["location"])


def test_evidence_is_marked_where_it_stands(ann: httpx.Client, job: str) -> None:
    html = ann.get(f"/desk/{job}/review/2").text
    assert '<mark class="m-quoted m-pasted ">As an AI language model</mark>' in html
    assert "The answer speaks as a chat model" in html or "chat model" in html
    assert "Cannot tell: LLM Generated" not in html
    assert "Cannot tell: Low Effort" in html.replace("Irrelevant, ", "")


def test_answers_are_text_and_never_mark_up(ann: httpx.Client, job: str) -> None:
    html = ann.get(f"/desk/{job}/review/3").text
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    assert not re.search(r"\son\w+=|\sstyle=", html)


def test_long_answers_are_folded(ann: httpx.Client, job: str) -> None:
    html = ann.get(f"/desk/{job}/review/5").text
    assert "Show the rest of 2,040 characters" in html
    assert "Show the rest" not in ann.get(f"/desk/{job}/review/6").text


def test_the_matched_answer_stands_beside(ann: httpx.Client, job: str) -> None:
    html = ann.get(f"/desk/{job}/review/0/copies/1").text
    assert "/review/1?" in html
    assert html.count('<mark class="m-common ">') == 2
    assert "came with an earlier batch" in ann.get(f"/desk/{job}/review/6/copies/1").text


def test_typing_is_replayed_as_far_as_the_log_tells(ann: httpx.Client, job: str) -> None:
    pasted = ann.get(f"/desk/{job}/review/2/replay/1").text
    assert "10 keys in 9.0 s; 2 bursts, 1 pause" in pasted
    assert "2 characters taken back; 1 paste (66 characters)" in pasted
    assert "truncated" not in pasted
    masked = ann.get(f"/desk/{job}/review/4/replay/1").text
    assert "The log is truncated" in masked
    assert "Timing only" in masked
    assert "cannot tell; no key events came with this answer" in ann.get(f"/desk/{job}/review/0").text


def test_without_kept_events_nothing_is_told(service: Service, ann: httpx.Client) -> None:
    job = keep_survey(service, 3)
    assert "no key events are kept with this survey" in ann.get(f"/desk/{job}/review/0").text
    assert ann.get(f"/desk/{job}/review/0/replay/1").status_code == 404


def test_a_removal_without_words_says_what_was_found(service: Service, ann: httpx.Client, job: str) -> None:
    decide(ann, job, 2, ruling="remove")
    decide(ann, job, 3, ruling="keep", reason="Honest", note="<i>fine</i>")
    log = service.decisions.log("default", job)
    assert [(each.coder, each.ruling, each.reason) for each in log] == [
        ("coder-a", "remove", "LLM Generated"),
        ("coder-a", "keep", "Honest"),
    ]
    assert "&lt;i&gt;fine&lt;/i&gt;" in ann.get(f"/desk/{job}/review/3").text


def test_undo_goes_back_to_who_it_was(service: Service, ann: httpx.Client, job: str) -> None:
    decide(ann, job, 1, ruling="remove")
    csrf = csrf_on(ann.get(f"/desk/{job}/review/4"))
    response = ann.post(f"/desk/{job}/review/undo", data={"csrf": csrf, "here": "4"})
    assert "/review/1?" in response.headers["location"]
    assert service.decisions.current("default", job) == {}
    assert "undone" in ann.get(f"/desk/{job}/review/1").text
    again = ann.post(f"/desk/{job}/review/undo", data={"csrf": csrf, "here": "4"})
    assert "There is nothing to undo" in ann.get(again.headers["location"]).text


def test_all_at_once_needs_the_right_number(service: Service, ann: httpx.Client, job: str) -> None:
    decide(ann, job, 0, ruling="keep")
    where = f"/desk/{job}/review/all?only=proposed"
    asked = ann.get(where)
    assert "Decide about 4 respondents at once?" in asked.text
    form = {"csrf": csrf_on(asked), "ruling": "remove", "reason": "as proposed"}
    refused = ann.post(where, data={**form, "count": "5"})
    assert "The queue has changed" in refused.text
    assert len(service.decisions.current("default", job)) == 1
    done = ann.post(where, data={**form, "count": "4"})
    assert "4 decided at once" in ann.get(done.headers["location"]).text
    current = service.decisions.current("default", job)
    assert {i: by["coder-a"].ruling.value for i, by in current.items()} == {0: "keep"} | dict.fromkeys(
        [1, 2, 3, 4], "remove"
    )
    ann.post(f"/desk/{job}/review/undo", data={"csrf": form["csrf"]})
    assert list(service.decisions.current("default", job)) == [0]


@pytest.mark.parametrize("path", ["review/1", "review/undo", "review/all", "coders/1"])
def test_changes_need_proof(service: Service, enter: Enter, job: str, path: str) -> None:
    chief = enter("chief")
    for form in ({"ruling": "remove"}, {"ruling": "remove", "csrf": "0" * 64}):
        assert chief.post(f"/desk/{job}/{path}", data=form).status_code == 403
    assert service.decisions.log("default", job) == []


@pytest.mark.parametrize(
    "path", ["review", "review/1", "review/all", "review/1/copies/1", "review/1/replay/1", "coders"]
)
def test_another_tenant_sees_nothing(enter: Enter, job: str, path: str) -> None:
    assert enter("stranger").get(f"/desk/{job}/{path}").status_code == 404


@pytest.mark.parametrize("position", [8, 10**12])
def test_nobody_beyond_the_end(ann: httpx.Client, job: str, position: int) -> None:
    assert ann.get(f"/desk/{job}/review/{position}").status_code == 404


def test_nonsense_is_refused(service: Service, ann: httpx.Client, job: str) -> None:
    assert decide(ann, job, 1, ruling="delete").status_code == 400
    assert decide(ann, job, 1, ruling="keep", note="x" * 6_000).status_code == 400
    assert service.decisions.log("default", job) == []


def test_coders_are_blind_to_one_another(service: Service, enter: Enter, job: str) -> None:
    service.decisions.decide("default", job, [2], coder="coder-a", ruling=Ruling.REMOVE, reason="secret reason")
    ann, bob, chief = enter("coder-a"), enter("coder-b"), enter("chief")
    assert "secret reason" in ann.get(f"/desk/{job}/review/2").text
    for path in ("review/2", "review", "review?team=remove", "review?mine=remove", "review/all"):
        html = bob.get(f"/desk/{job}/{path}").text
        assert "secret reason" not in html
        assert "coder-a" not in html
        assert 'class="ruled remove">remove<' not in html
    assert len(names_on(bob.get(f"/desk/{job}/review?team=remove"))) == 8
    assert bob.get(f"/desk/{job}/coders").status_code == 404
    assert (
        bob.post(
            f"/desk/{job}/coders/2", data={"csrf": csrf_on(bob.get(f"/desk/{job}/review/2")), "ruling": "keep"}
        ).status_code
        == 404
    )
    assert names_on(chief.get(f"/desk/{job}/review?team=remove")) == ["R_2"]
    service.decisions.decide("default", job, [2], coder="chief", ruling=Ruling.KEEP, is_final=True)
    assert "secret reason" in bob.get(f"/desk/{job}/review/2").text


def test_agreement_and_a_final_decision(service: Service, enter: Enter, job: str) -> None:
    chief = enter("chief")
    assert "Nobody has decided anything yet" in chief.get(f"/desk/{job}/coders").text
    for coder, removed in (("coder-a", {0, 1, 2, 3}), ("coder-b", {0, 1, 2, 4})):
        for ruling, some in ((Ruling.REMOVE, removed), (Ruling.KEEP, set(range(8)) - removed)):
            service.decisions.decide("default", job, some, coder=coder, ruling=ruling)
    page = chief.get(f"/desk/{job}/coders")
    assert "κ 0.50" in page.text
    assert "They agree on 6 of 8 (75 %) that both have decided." in words_on(page)
    assert re.findall(r'id="dispute-(\d+)"', page.text) == ["3", "4"]
    form = {"csrf": csrf_on(page), "ruling": "keep", "reason": "read twice"}
    assert chief.post(f"/desk/{job}/coders/3", data=form).status_code == 303
    after = chief.get(f"/desk/{job}/coders").text
    assert "1 without a final decision" in after
    assert "κ 0.50" in after
    assert re.findall(r'id="dispute-(\d+)"', after) == ["4", "3"]
    assert "Final decision" in enter("coder-b").get(f"/desk/{job}/review/3").text


@pytest.mark.parametrize(
    ("removed", "said"),
    [
        ({3, 4}, "κ 0.00 interval cannot be told: their decisions vary too little They agree on 6 of 8 (75 %)"),
        (set[int](), "κ cannot be told: both always decided the same They agree on 8 of 8 (100 %)"),
    ],
)
def test_no_interval_is_told_of_a_coder_who_keeps_everybody(
    service: Service, enter: Enter, job: str, removed: set[int], said: str
) -> None:
    service.decisions.decide("default", job, range(8), coder="coder-a", ruling=Ruling.KEEP)
    for ruling, some in ((Ruling.REMOVE, removed), (Ruling.KEEP, set(range(8)) - removed)):
        if some:
            service.decisions.decide("default", job, some, coder="coder-b", ruling=ruling)
    assert said in words_on(enter("chief").get(f"/desk/{job}/coders"))


def test_no_interval_is_told_of_coders_who_never_differ(service: Service, enter: Enter, job: str) -> None:
    for coder in ("coder-a", "coder-b"):
        service.decisions.decide("default", job, {0, 1}, coder=coder, ruling=Ruling.REMOVE)
        service.decisions.decide("default", job, range(2, 8), coder=coder, ruling=Ruling.KEEP)
    said = words_on(enter("chief").get(f"/desk/{job}/coders"))
    assert "κ 1.00 interval cannot be told: they never differ They agree on 8 of 8 (100 %)" in said
