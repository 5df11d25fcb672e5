"""Letters as PDF/A, laid out by typst from a template folder and one JSON value.

The same letter gives the same bytes on every machine with the same versions: the fonts come from a package,
the time stamp is the letter's own date. Text reaches the layout as data, never as markup.

A process that has laid out a page must not be forked: its children would wait for ever on threads that only
the parent has. So the compiler is made at first use, in the worker's own process, and a forked child of a
process that already compiled refuses instead of hanging.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, time
from importlib import resources
from math import ceil
from pathlib import Path
from threading import Lock

import typst

from crm.letters.content import LetterContent

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "letters" / "typst"
SIZES = (10.2, 9.9, 9.6, 9.3, 9.0, 8.8)
"""Sizes of type in points, largest first."""

PAGE_HEIGHT, FRAME_HEIGHT = 728.0, 200.0
"""Points on a page for text, and what stands on it beside paragraphs and signatures."""

LINE_LETTERS, SIGNATURE_LETTERS = 912.0, 42
"""Letters on a line of the body at 1 point (fewer at larger sizes), and on a line of a signature."""

_lock = Lock()
_compiler: typst.Compiler | None = None
_compiled_in: int | None = None


class NotPrinted(Exception):
    """The letter could not be laid out; the message says why and goes into the letter's record."""


def render_pdf(content: LetterContent) -> bytes:
    """The letter as PDF/A-3b, with its own text attached as JSON. Raises NotPrinted.

    It is set in the largest size in which it fits one page; when none does, it runs on in the first.
    """
    data = json.dumps(content.as_json(), ensure_ascii=False, sort_keys=True)
    moment = int(datetime.combine(content.letter_date, time(), UTC).timestamp())
    with _lock:
        for size in likely_sizes(content):
            printed, pages = _print(data, size, moment)
            if pages == 1:
                return printed
        return _print(data, SIZES[0], moment)[0]


def likely_sizes(content: LetterContent) -> list[float]:
    """Sizes in points worth trying, the likeliest first: an estimate saves laying the letter out twice."""
    texts = [len(one.text) for one in content.paragraphs] + [len(content.close)]
    sides = [(one.name, one.title, one.capacity, one.on_behalf) for one in content.signatures]
    signed = max(sum(ceil(len(text) / SIGNATURE_LETTERS) for text in side) for side in sides)

    def height(size: float) -> float:
        lines = sum(ceil(length * size / LINE_LETTERS) for length in texts)
        return FRAME_HEIGHT + size * (1.314 * lines + 0.4 * len(texts) + 1.2 * signed)

    return [size for size in SIZES if height(size) <= PAGE_HEIGHT] or [SIZES[-1]]


def _print(data: str, size: float, moment: int) -> tuple[bytes, int]:
    """One layout: the document and its number of pages."""
    try:
        compiler = _own_compiler()
        printed = compiler.compile(
            format="pdf",
            # Always given: the engine would otherwise print the letter before this one again.
            sys_inputs={"letter": data, "size": str(size)},
            pdf_standards=["a-3b"],
            timestamp=moment,
        )
        pages = json.loads(compiler.query("<pages>", field="value", one=True))
    except typst.TypstError as problem:
        raise NotPrinted(_sentence(problem)) from None
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":
            raise
        raise NotPrinted("The layout engine gave up on this letter.") from None
    if not isinstance(printed, bytes):
        raise NotPrinted("The layout engine returned no document.")
    return printed, int(pages)


def _own_compiler() -> typst.Compiler:
    """This process's compiler; raises RuntimeError in a fork of a process that has compiled."""
    global _compiler, _compiled_in
    here = os.getpid()
    if _compiled_in is not None and _compiled_in != here:
        raise RuntimeError("letters were laid out before this process was forked; lay out in workers only")
    if _compiler is None:
        folder = resources.files("fontpkg_noto_serif") / "files"
        with resources.as_file(folder) as path:
            fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(path)])
        _compiler = typst.Compiler(TEMPLATES / "letter.typ", root=TEMPLATES, font_paths=fonts)
    _compiled_in = here
    return _compiler


def _sentence(problem: typst.TypstError) -> str:
    """The engine's own message in one line; it names a character that no font here can print."""
    said = " ".join(str(getattr(problem, "message", problem)).split())
    return f"The layout engine refused the letter: {said[:300]}."
