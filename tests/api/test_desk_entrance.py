"""Signing in, staying signed in, and being kept out."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from litestar.testing import TestClient
from tests.api.conftest import KEY, in_memory

from earnest.api.app import create_app
from earnest.service import Service
from earnest.settings import Settings

PASSWORD = "a long enough password"


@pytest.fixture
def service(settings: Settings, service: Service) -> Service:
    names = {person.name for person in service.people.list()}
    if "ann" not in names:
        service.people.add("ann", PASSWORD, tenant="default", is_operator=False)
    return service


@pytest.fixture
def browser(service: Service) -> Iterator[httpx.Client]:
    """A browser of somebody elsewhere."""
    with TestClient(create_app(service), base_url="http://survey.example", raise_server_exceptions=False) as client:
        client.follow_redirects = False
        yield client


def sign_in(browser: httpx.Client, **form: str) -> httpx.Response:
    return browser.post("/sign-in", data={"next": "/desk", **form})


def test_strangers_are_led_to_the_door_and_back(browser: httpx.Client) -> None:
    response = browser.get("/desk?order=worst")
    assert response.status_code == 303
    assert response.headers["location"] == "/sign-in?next=%2Fdesk%3Forder%3Dworst"
    assert 'value="/desk?order=worst"' in browser.get(response.headers["location"]).text


def test_a_part_of_a_page_leads_the_whole_page_to_the_door(browser: httpx.Client) -> None:
    response = browser.get("/desk", headers={"HX-Request": "true"})
    assert response.headers["hx-redirect"].startswith("/sign-in")


@pytest.mark.parametrize("form", [{"name": "ann", "password": PASSWORD}, {"key": KEY}])
def test_a_password_or_a_key_opens(browser: httpx.Client, form: dict[str, str]) -> None:
    response = sign_in(browser, **form)
    assert (response.status_code, response.headers["location"]) == (303, "/desk")
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert browser.get("/desk").status_code == 200


@pytest.mark.parametrize(
    "form",
    [{}, {"name": "ann", "password": "wrong password!"}, {"name": "eve", "password": PASSWORD}, {"key": "ek_no"}],
)
def test_nothing_else_does(browser: httpx.Client, form: dict[str, str]) -> None:
    response = sign_in(browser, **form)
    assert response.status_code == 403
    assert 'role="alert"' in response.text
    assert "set-cookie" not in response.headers


def test_signing_out_ends_the_visit_on_the_server(browser: httpx.Client) -> None:
    sign_in(browser, key=KEY)
    token = browser.cookies["earnest_visit"]
    assert browser.post("/sign-out").status_code == 303
    browser.cookies.set("earnest_visit", token)
    assert browser.get("/desk").status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "desk"]
)
def test_the_way_back_stays_here(browser: httpx.Client, target: str) -> None:
    response = sign_in(browser, key=KEY, next=target)
    assert response.headers["location"] == "/"


def test_a_visit_ends_when_the_key_that_opened_it_is_changed(
    browser: httpx.Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(browser, key=KEY)
    monkeypatch.setattr(service, "settings", replace(service.settings, api_key="ek_another_key_after_a_restart"))
    assert browser.get("/desk").status_code == 303
    sign_in(browser, name="ann", password=PASSWORD)
    assert browser.get("/desk").status_code == 200


def from_here(service: Service, path: str) -> httpx.Response:
    """What a browser on this machine gets in the end."""

    async def ask() -> httpx.Response:
        transport = in_memory(create_app(service))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8000", follow_redirects=True
        ) as browser:
            return await browser.get(path)

    return asyncio.run(ask())


def test_whoever_sits_at_this_machine_just_enters(service: Service) -> None:
    assert from_here(service, "/desk").url.path == "/desk"


def test_unless_everybody_must_sign_in(service: Service) -> None:
    before, service.settings = service.settings, replace(service.settings, sign_in="always")
    try:
        assert from_here(service, "/desk").url.path == "/sign-in"
        assert from_here(service, "/enter").url.path == "/sign-in"
    finally:
        service.settings = before


def test_policy_lets_nothing_in_from_elsewhere(browser: httpx.Client) -> None:
    policy = browser.get("/sign-in").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", browser.get("/sign-in").text)
