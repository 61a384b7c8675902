"""Health, headers and routes of the whole application."""

import re
from pathlib import Path

import httpx
import pytest
from litestar.testing import TestClient

from earnest.api import openapi
from earnest.api.app import HEADERS, create_app
from earnest.service import Service
from earnest.settings import Settings


def test_the_documented_paths_are_the_routes_that_there_are(service: Service) -> None:
    routes = {re.sub("_(.)", lambda found: found[1].upper(), each.path_format) for each in create_app(service).routes}
    pages = {"/", "/docs", "/openapi.json", "/demo", "/capture.js", "/metrics"}
    pages |= {path for path in routes if path.startswith(("/static", "/desk", "/sign-", "/enter"))}
    assert routes - pages == set(openapi.document()["paths"])


def test_alive_and_ready_without_a_key(stranger: httpx.Client) -> None:
    assert stranger.get("/healthz").json() == {"status": "ok"}
    ready = stranger.get("/readyz")
    assert ready.status_code == 200
    assert set(ready.json().values()) == {"ok"}


def test_not_ready_without_its_database(tmp_path: Path) -> None:
    path = tmp_path / "earnest.db"
    service = Service.open(Settings(database_url=f"sqlite:///{path}"))
    with TestClient(create_app(service)) as client:
        service.close()
        for each in tmp_path.iterdir():
            each.unlink()
        path.mkdir()
        response = client.get("/readyz")
        assert client.get("/healthz").status_code == 200
    assert response.status_code == 503
    assert "database" in response.json()["details"]


@pytest.mark.parametrize(
    "path", ["/healthz", "/docs", "/openapi.json", "/static/earnest.css", "/nowhere", "/api/v1/data-quality"]
)
def test_every_answer_bears_the_security_headers(stranger: httpx.Client, path: str) -> None:
    response = stranger.get(path)
    for name, value in HEADERS.items():
        assert response.headers[name] == value


def test_the_openapi_document_is_served(stranger: httpx.Client) -> None:
    assert stranger.get("/openapi.json").json() == openapi.document()


def test_the_documentation_is_served_as_a_page(stranger: httpx.Client) -> None:
    response = stranger.get("/docs")
    assert response.headers["content-type"].startswith("text/html")
    assert response.text.startswith("<!doctype html>")


def test_the_style_sheet_is_served_as_one(stranger: httpx.Client) -> None:
    assert stranger.get("/static/earnest.css").headers["content-type"].startswith("text/css")
