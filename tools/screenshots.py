"""Take the pictures of the documentation from a desk with the generated company: `python -m tools.screenshots`.

Makes that desk in a temporary folder, serves it, and writes docs/screenshots/*.png. Needs Chromium.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "screenshots"
HELMDESK = ROOT / ".venv" / "bin" / "helmdesk"
PASSWORD = "for-the-pictures"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@dataclass(frozen=True)
class Picture:
    """One page as one person sees it, after a click on the first that fits `click`."""

    name: str
    login: str
    path: str
    click: str | None = None


AGENT = "gerald.moser@alpenwerk.example"
LEAD = "verena.baumgartner@alpenwerk.example"
MANAGER = "petra.reiter@alpenwerk.example"

ALL = (
    Picture("queue", AGENT, "/tickets/"),
    Picture("ticket", LEAD, "/tickets/?view=all&promise=paused", click="tbody tr:nth-child(4) a"),
    Picture("board", LEAD, "/board/"),
    Picture("figures", MANAGER, "/measures/"),
)


def main(names: list[str]) -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, serving(Path(home)) as address, sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, CHROMIUM)), None)
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        for picture in ALL:
            if not names or picture.name in names:
                take(browser, address, picture)
                print(f"docs/screenshots/{picture.name}.png")
        browser.close()


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The address of a fresh demo desk, while it is served."""
    environment = {**os.environ, "HELMDESK_HOME": str(home)}
    subprocess.run([HELMDESK, "demo", "--password", PASSWORD], env=environment, check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(HELMDESK), "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def wait_for(address: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=1).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit("the desk did not start")


def take(browser: Browser, address: str, picture: Picture) -> None:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, address, picture.login)
    page.goto(address + picture.path)
    if picture.click:
        page.locator(picture.click).first.click()
        page.wait_for_load_state()
    path = PICTURES / f"{picture.name}.png"
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    context.close()


def sign_in(page: Page, address: str, login: str) -> None:
    page.goto(f"{address}/account/login/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login/" not in url)


if __name__ == "__main__":
    main(sys.argv[1:])
