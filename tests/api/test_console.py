"""The way in: who counts as sitting at this machine; and that pages load nothing that is not ours."""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import anyio
import httpx
import pytest
from tests.api.conftest import in_memory

from earnest.api.app import create_app
from earnest.service import Service
from earnest.settings import Settings

HERE = "127.0.0.1:8000"
HTMX_SHA256 = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
"""Of dist/htmx.min.js in htmx.org-2.0.11.tgz as npm serves it."""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service.open(Settings(database_url=f"sqlite:///{tmp_path / 'earnest.db'}"))
    yield service
    service.close()


def get(
    service: Service,
    path: str = "/enter",
    *,
    host: str = HERE,
    client: str = "127.0.0.1",
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = in_memory(create_app(service), client)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as browser:
            return await browser.get(path, headers={"Host": host, **(headers or {})})

    return anyio.run(ask)


def test_the_first_page_leads_to_the_surveys(service: Service) -> None:
    for client in ("127.0.0.1", "192.168.1.7"):
        response = get(service, "/", client=client)
        assert (response.status_code, response.headers["location"]) == (303, "/desk")


def test_the_documentation_loads_nothing_from_elsewhere_and_runs_nothing(service: Service) -> None:
    response = get(service, "/docs")
    assert not re.findall(r"<script|<style|\sstyle=|\son\w+=", response.text)
    assert not re.findall(r'(?:src|href)="(?!/|#)', response.text)
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "unsafe-inline" not in response.headers["content-security-policy"]


def test_htmx_is_what_its_makers_published() -> None:
    script = (files("earnest") / "console" / "static" / "htmx.min.js").read_bytes()
    assert sha256(script).hexdigest() == HTMX_SHA256
    assert "htmx 2.0.11" in (files("earnest") / "data" / "NOTICE").read_text(encoding="utf-8")


@pytest.mark.parametrize("host", [HERE, "localhost", "localhost:8000", "[::1]:8000", "127.1.2.3"])
@pytest.mark.parametrize("client", ["127.0.0.1", "::1"])
def test_this_machine_is_let_in(service: Service, host: str, client: str) -> None:
    assert get(service, host=host, client=client).status_code == 303


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
    response = get(service, host=host, client=client, headers=headers)
    assert response.status_code == 404
    assert response.json() == {"code": "NOT_FOUND", "message": "Requested resource not found."}


def test_what_a_named_proxy_passes_on_is_not_this_machine_s(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'earnest.db'}", proxies="10.0.0.7, 127.0.0.1")
    service = Service.open(settings)
    assert [get(service, client=client).status_code for client in ("127.0.0.1", "127.0.0.2")] == [404, 303]
    service.close()
