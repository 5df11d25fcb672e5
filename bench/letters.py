"""87 letters from the click to the ZIP, with broker and worker, beside bare typst compiling the same."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from datetime import time as clock_time
from importlib import resources
from pathlib import Path
from typing import Any

import typst
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import undefer

from bench.measure import show
from crm import create_app
from crm.core import access
from crm.core.db import db
from crm.install import install
from crm.letters.content import LetterContent
from crm.letters.models import Letter
from crm.letters.pdf import TEMPLATES, likely_sizes
from launcher.broker import Broker
from launcher.processes import Child
from tests.support.databases import Browser, settings_for
from tests.support.pages import token_of
from tests.support.people import browser_of

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 3
LIMIT = 120.0
LETTER_DATE = "2011-06-01"


def _coordinator(app: Flask) -> FlaskClient:
    """A browser in which the sample's coordinator is signed in."""
    with app.app_context():
        access.look_as(access.SYSTEM)
        install(sample=True, say=lambda _line: None)
        db.session.remove()
    app.test_client_class = Browser
    return browser_of(app, "coordinator@sample.example")


def _worker(folder: Path, settings: Any) -> Child:
    environment = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "DEMARCHE_ENV": "development",
        "SECRET_KEY": settings.secret_key,
        "VAR_DIR": str(folder),
        "PATH": "",
    }
    command = [sys.executable, "-m", "celery", "-A", "tasks.worker", "worker", "-c", "2", "-l", "WARNING"]
    return Child("worker", command, folder / "worker.log", env=environment, cwd=ROOT)


def _click_to_zip(browser: FlaskClient, worker: Child, name: str) -> tuple[float, float, int]:
    """Seconds until the click is answered, seconds until the archive is there, its bytes."""
    token = token_of(browser.get("/letters/campaigns/new").get_data(as_text=True))
    form = {
        "csrf_token": token,
        "name": name,
        "letter_date": LETTER_DATE,
        "statuses": ["non_signatory"],
        "languages": "own",
        "handling": "coordination",
    }
    begun = time.perf_counter()
    answer = browser.post("/letters/campaigns/new", data=form)
    answered = time.perf_counter() - begun
    if answer.status_code != 303:
        raise RuntimeError(f"the campaign was refused: {answer.status_code}")
    address = answer.headers["Location"]
    while "data-reload" not in browser.get(f"{address}/progress").get_data(as_text=True):
        if time.perf_counter() - begun > LIMIT or not worker.alive:
            raise worker.failure(f"The letters were not drafted within {LIMIT:.0f} s.")
        time.sleep(0.2)
    archive = browser.get(f"{address}/letters.zip").data
    return answered, time.perf_counter() - begun, len(archive)


def _contents(app: Flask) -> list[LetterContent]:
    """The letters of the first round, as they were printed."""
    with app.app_context():
        access.look_as(access.SYSTEM)
        wanted = select(Letter).options(undefer(Letter.texts)).order_by(Letter.reference).limit(87)
        letters = db.session.scalars(wanted)
        return [LetterContent.from_json(text) for one in letters for text in one.texts.values()]


def _bare(contents: list[LetterContent]) -> float:
    """Seconds that typst alone takes for the same pages, in one process that is warm."""
    with resources.as_file(resources.files("fontpkg_noto_serif") / "files") as fonts:
        faces = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])
    compiler = typst.Compiler(TEMPLATES / "letter.typ", root=TEMPLATES, font_paths=faces)
    jobs = [(json.dumps(one.as_json()), str(likely_sizes(one)[0]), one.letter_date) for one in contents]

    def compile_one(data: str, size: str, day: Any) -> None:
        moment = int(datetime.combine(day, clock_time(), UTC).timestamp())
        inputs = {"letter": data, "size": size}
        compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=["a-3b"], timestamp=moment)

    compile_one(*jobs[0])
    begun = time.perf_counter()
    for job in jobs:
        compile_one(*job)
    return time.perf_counter() - begun


def _rounds(app: Flask, folder: Path, settings: Any) -> list[list[Any]]:
    browser, worker = _coordinator(app), _worker(folder, settings)
    worker.start()
    try:
        timed = [_click_to_zip(browser, worker, f"Round {number}") for number in range(ROUNDS + 1)]
    finally:
        worker.stop()
    contents = _contents(app)
    bare = min(_bare(contents) for _ in range(ROUNDS))
    return [
        [
            number or "worker starts",
            len(contents),
            answered * 1000,
            done,
            bare,
            done / bare,
            size / 1e6,
        ]
        for number, (answered, done, size) in enumerate(timed)
    ]


def run() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        broker = Broker(folder / "broker")
        url = broker.start()
        try:
            database = f"sqlite:///{folder / 'bench.sqlite3'}"
            settings = settings_for(database, folder, redis_url=url, environment="development")
            rows = _rounds(create_app(settings), folder, settings)
        finally:
            broker.stop()
    head = ("round", "letters", "click ms", "click to ZIP s", "bare typst s", "ratio", "ZIP MB")
    show("Letters: PDF and DOCX, two worker processes, SQLite (target: at most 3 times bare typst)", head, rows)
