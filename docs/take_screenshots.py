"""Take the pictures of `docs/screenshots/` from a running sample installation.

`python3 run.py test` brings the browser and what drives it.

.venv/bin/python docs/take_screenshots.py http://localhost:8000
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).resolve().parent / "screenshots"
PAGES = {
    "today": "/",
    "states": "/states?as_of=2011-06-01",
    "state": "/states/MNG",
    "activities": "/activities",
    "log": "/activities/new",
    "followups": "/followups",
    "letters": "/letters",
    "people": "/people",
    "meetings": "/meetings",
}
DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
TAKEN = [
    ("", DESK, "light", PAGES),
    ("-dark", DESK, "dark", ["today", "states"]),
    ("-phone", PHONE, "light", ["today", "log", "state"]),
]


def take(browser: Browser, address: str) -> None:
    """Sign in as the sample coordinator and take every picture."""
    FOLDER.mkdir(exist_ok=True)
    for suffix, size, scheme, names in TAKEN:
        context = browser.new_context(base_url=address, viewport=size, color_scheme=scheme, locale="en-GB")
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("Email").fill("coordinator@sample.example")
        page.get_by_label("Password").fill("universal-sample-2011")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_load_state()
        for name in names:
            page.goto(PAGES[name])
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{name}{suffix}.png")
        context.close()


if __name__ == "__main__":
    with sync_playwright() as playwright:
        program = os.environ.get("DEMARCHE_CHROMIUM", "chromium")
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        take(started, sys.argv[1])
        started.close()
