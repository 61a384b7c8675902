"""Makes the pictures of README and docs from a real run: the terminal summary as SVG, the console as PNG (Chromium).

make pictures
"""

import os
import pty
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
EARNEST = Path(sys.executable).with_name("earnest")
SURVEY = ROOT / "examples" / "coffee_subscription" / "survey.csv"
IMAGES = ROOT / "docs" / "images"
COLUMNS = 96
PORT = 8765
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PAGES = {
    "first-page": "",
    "what-if": "/what-if?low-effort=20&share=30",
    "question": "/questions/0",
    "copies": "/copies",
}
JUDGED_WITHIN_S = 300


def terminal(command: list[str], environment: dict[str, str]) -> str:
    """What a command writes to standard output when that is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=environment, cwd=ROOT)
    os.close(theirs)
    shown = b""
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:  # Linux tells so that the other end is closed
            break
        if not read:
            break
        shown += read
    process.wait()
    return shown.decode().replace("\r\n", "\n")


def summary_picture(environment: dict[str, str]) -> None:
    """Evaluate the example survey, keep the result, and draw what the terminal shows."""
    relative = SURVEY.relative_to(ROOT)
    command = [str(EARNEST), "evaluate", str(relative), "--survey-name", "Coffee at home 2026", "--keep"]
    shown = terminal(command, environment)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True, color_system="truecolor")
        console.print(f"$ earnest evaluate {relative.name} --keep")
        console.print(Text.from_ansi(shown.strip("\n")))
    IMAGES.mkdir(parents=True, exist_ok=True)
    console.save_svg(str(IMAGES / "first-run.svg"), title="earnest", unique_id="first-run")


def page_pictures(environment: dict[str, str]) -> None:
    """Serve what was kept and photograph the console: the survey at a glance, and one of its answers under review."""
    path = shutil.which("chromium")
    if path is None:
        print("no Chromium: the pictures of the console stay as they are")
        return
    address = f"http://127.0.0.1:{PORT}"
    server = subprocess.Popen(
        [EARNEST, "serve"], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{address}/healthz")
                break
            except URLError:
                time.sleep(0.2)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
            page = browser.new_page(viewport={"width": 1280, "height": 1500})
            page.goto(address)
            page.get_by_role("button", name="Try the example survey").click()
            page.get_by_text("The worst answers, and why").wait_for(timeout=1_000 * JUDGED_WITHIN_S)
            survey = page.url
            for name, place in PAGES.items():
                page.goto(survey + place)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=IMAGES / f"{name}.png")
            browser.close()
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    """Make both pictures in a database of their own."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "EARNEST_DATABASE_URL": f"sqlite:///{folder}/pictures.db",
            "EARNEST_PORT": str(PORT),
            "COLUMNS": str(COLUMNS),
            "FORCE_COLOR": "1",
            "COLORTERM": "truecolor",
            "TERM": "xterm-256color",
        }
        summary_picture(environment)
        page_pictures(environment)


if __name__ == "__main__":
    main()
