"""What a spreadsheet of many lines costs until every line is looked through: time, and the most memory of the process.

Each size is read by a process of its own, on SQLite, so that the memory of one says nothing about the next.
A million lines take many minutes: `bench million`.
"""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlsxwriter

from bench.measure import show
from crm.accounts import service as accounts
from crm.accounts.models import PartyKind, Role
from crm.accounts.viewers import viewer_of
from crm.core import access
from crm.core.access import Viewer
from crm.core.db import unit_of_work
from crm.imports import service, working
from crm.imports.models import SpreadsheetImport
from crm.imports.rules.course import Phase
from crm.imports.storing import SentSheet
from crm.install import install
from tests.support.databases import opened, settings_for

SIZES = (1_000, 10_000, 50_000)
MILLION = 1_000_000
HEADINGS = ("State", "Date", "Kind", "Whom", "Reply", "Next action", "By when")
STATES = ("Swaziland", "Bhoutan", "Perú", "Côte d’Ivoire", "Mongolia")


def _lines(count: int) -> Iterator[tuple[str, ...]]:
    for number in range(count):
        day = f"{number % 28 + 1}.{number % 12 + 1}.{2010 + number % 16}"
        yield STATES[number % 5], day, "visite", f"Interlocutor {number}", f"Reply number {number}.", "", ""


def _write(path: Path, count: int) -> None:
    if path.suffix == ".xlsx":
        with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
            sheet = book.add_worksheet()
            for at, line in enumerate((HEADINGS, *_lines(count))):
                sheet.write_row(at, 0, line)
        return
    with path.open("w", encoding="utf-8") as target:
        for line in (HEADINGS, *_lines(count)):
            target.write(";".join(line) + "\n")


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _measured(path: Path, folder: Path, answer: Any) -> None:
    settings = settings_for(f"sqlite:///{folder / 'bench.sqlite3'}", folder)
    with opened(settings) as app, app.app_context():
        install(sample=False, say=lambda _line: None)
        actor = _actor()
        before, began = _megabytes(), time.perf_counter()
        access.look_as(actor)
        with path.open("rb") as source, unit_of_work():
            made = service.send(actor=actor, file=SentSheet(path.name, path.suffix[1:], source))
        with unit_of_work() as session:
            key = service.choose_columns(actor=actor, import_id=made.id, columns=made.head["guessed"]).id
            session.flush()
        access.look_as(access.SYSTEM)
        while made.phase == Phase.READING:
            working.work(key)
            with unit_of_work() as session:
                made = session.get_one(SpreadsheetImport, key)
        answer.put((made.phase, made.lines, time.perf_counter() - began, before, _megabytes()))


def _actor() -> Viewer:
    with access.looking_as(access.SYSTEM), unit_of_work():
        party = accounts.open_party(name="Japan", kind=PartyKind.GOVERNMENT, state_iso3="JPN")
        user = accounts.open_account(
            actor=access.SYSTEM, email="bench@example.org", name="Bench", party=party, roles=[Role.COORDINATOR],
            password="a password for measuring",
        )  # fmt: skip
        return viewer_of(user)


def run(sizes: tuple[int, ...] = SIZES) -> None:
    """Print a table."""
    rows = []
    spawn = multiprocessing.get_context("spawn")
    for ending in ("csv", "xlsx"):
        for count in sizes:
            with tempfile.TemporaryDirectory(prefix="demarche-bench-") as name:
                path = Path(name) / f"list.{ending}"
                _write(path, count)
                answer = spawn.Queue()
                process = spawn.Process(target=_measured, args=(path, Path(name), answer))
                process.start()
                phase, lines, seconds, before, most = answer.get()
                process.join()
                size = path.stat().st_size / 1024 / 1024
            print(f"  {ending}, {lines:,} lines: {seconds:.0f} s, at most {most:.0f} MB", flush=True)
            rows.append([ending, f"{lines:,}", phase, size, seconds, lines / seconds, before, most])
    head = ["file", "lines", "", "MB", "seconds", "lines/s", "MB before", "MB at most"]
    show("Spreadsheets looked through", head, rows)


def run_million() -> None:
    """The same for a million lines."""
    run((MILLION,))
