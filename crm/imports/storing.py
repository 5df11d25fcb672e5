"""The bytes of a spreadsheet: kept in pieces, and put together on the disk while somebody reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from crm.core.db import db
from crm.imports.models import SpreadsheetPart
from crm.imports.reading import Looked

_PIECE = 1 << 20


@dataclass(frozen=True)
class SentSheet:
    """A spreadsheet as it came: its name, `csv` or `xlsx`, where its bytes are read, and what a first look showed."""

    name: str
    kind: str
    source: IO[bytes]
    looked: Looked | None = None


@contextmanager
def on_disk(source: IO[bytes]) -> Iterator[tuple[Path, int, str]]:
    """A file that holds the bytes of a source, with its size and SHA-256, for as long as the block lasts."""
    digest, size = hashlib.sha256(), 0
    source.seek(0)
    with NamedTemporaryFile(prefix="spreadsheet-") as kept:
        while piece := source.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            kept.write(piece)
        kept.flush()
        yield Path(kept.name), size, digest.hexdigest()


def keep(import_id: UUID, path: Path) -> None:
    """Keep a file in pieces; part of the present transaction."""
    with path.open("rb") as source:
        place = 0
        while piece := source.read(_PIECE):
            row = {"id": uuid4(), "import_id": import_id, "place": place, "content": piece}
            db.session.execute(insert(SpreadsheetPart), [row])
            place += 1


@contextmanager
def put_together(import_id: UUID) -> Iterator[Path]:
    """The file of an import on the disk, for as long as the block lasts."""
    with NamedTemporaryFile(prefix="spreadsheet-") as kept:
        place = 0
        while piece := db.session.scalar(
            select(SpreadsheetPart.content).where(
                SpreadsheetPart.import_id == import_id, SpreadsheetPart.place == place
            )
        ):
            kept.write(piece)
            place += 1
        kept.flush()
        yield Path(kept.name)
