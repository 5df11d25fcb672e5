"""87 letters from the click to the ZIP, with a real broker and worker, beside bare typst compiling the same."""

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
from crm.accounts.models import User
from crm.core import access
from crm.core.db import db
from crm.install import install
from crm.letters.content import LetterContent
from crm.letters.models import Letter
from crm.letters.pdf import TEMPLATES, likely_sizes
from launcher.broker import Broker
from launcher.processes import Child
from tests.support.databases import settings_for
from tests.support.pages import token_of

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 3
LIMIT = 300.0
LETTER_DATE = "2011-06-01"


def _coordinator(app: Flask) -> FlaskClient:
    """A browser in which the sample's coordinator is signed in."""
    user = db.session.scalars(select(User).where(User.sample, User.roles.any(name="coordinator"))).first()
    if user is None:
        raise RuntimeError("the sample campaign has no coordinator")
    browser = app.test_client()
    with browser.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = user.fs_uniquifier, True
    return browser


def _worker(folder: Path, settings: Any) -> Child:
    environment = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key,
        "VAR_DIR": str(folder),
        "PATH": "",
    }
    command = [sys.executable, "-m", "celery", "-A", "tasks.worker", "worker", "-c", "2", "-l", "WARNING"]
    return Child("worker", command, folder / "worker.log", env=environment, cwd=ROOT)


def _click_to_zip(browser: FlaskClient, name: str) -> tuple[float, float, int]:
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
        if time.perf_counter() - begun > LIMIT:
            raise RuntimeError(f"not finished within {LIMIT:.0f} s")
        time.sleep(0.05)
    archive = browser.get(f"{address}/letters.zip").data
    return answered, time.perf_counter() - begun, len(archive)


def _contents() -> list[LetterContent]:
    """The letters of the first round, as they were printed."""
    letters = db.session.scalars(
        select(Letter).options(undefer(Letter.texts)).order_by(Letter.reference).limit(87)
    )
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
    with app.app_context():
        access.look_as(access.SYSTEM)
        install(sample=True, say=lambda _line: None)
        browser = _coordinator(app)
        db.session.remove()
        worker = _worker(folder, settings)
        worker.start()
        try:
            warm = _click_to_zip(browser, "Warm up")
            timed = [_click_to_zip(browser, f"Round {number}") for number in range(1, ROUNDS + 1)]
        finally:
            worker.stop()
        access.look_as(access.SYSTEM)
        contents = _contents()
        bare = min(_bare(contents) for _ in range(ROUNDS))
        db.session.remove()
        db.engine.dispose()
    rows = []
    for name, (answered, done, size) in zip(("cold", *range(1, ROUNDS + 1)), (warm, *timed), strict=True):
        rows.append([name, len(contents), answered * 1000, done, bare, done / bare, size / 1_000_000])
    return rows


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
    show(
        "Letters: PDF and DOCX, two worker processes, SQLite (target: at most 3 times bare typst)", head, rows
    )
