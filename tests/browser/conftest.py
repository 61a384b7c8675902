"""A Chromium, and a real server with the real model for it to talk to."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.browser.serving import serving
from tests.lacking import lacking

from earnest.service import Service
from earnest.settings import Settings

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        lacking("No Chromium was found on the PATH; on Debian, `apt-get install chromium` brings one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of its own, in which no script error goes unseen."""
    context = chromium.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert not faults


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server."""
    path = tmp_path_factory.mktemp("browser") / "earnest.db"
    service = Service.open(Settings(database_url=f"sqlite:///{path}"))
    with serving(service) as desk:
        yield desk.address


@pytest.fixture(scope="session")
def script() -> Path:
    """The built script, as it ships."""
    return Path(__file__).parents[2] / "src" / "earnest" / "console" / "static" / "capture.js"
