"""Pages as PDF, laid out by typst from a template folder and values that reach it as data, never as markup.

A process that has laid out a page must not be forked: its children would wait for ever on threads that only
the parent has. So the compiler is made at first use, in the worker's own process, and a forked child of a
process that already compiled refuses instead of hanging.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from threading import Lock
from typing import Any

import typst

lock = Lock()
"""One page at a time: whoever tries sizes until one fits holds it all the while."""

_compilers: dict[Path, typst.Compiler] = {}
_compiled_in: int | None = None


class NotPrinted(Exception):
    """The page could not be laid out; the message says why in a sentence."""


def lay_out(
    template: Path, inputs: Mapping[str, str], *, moment: int, what: str, standards: Sequence[Any] = ("a-3b",)
) -> tuple[bytes, int]:
    """One layout: the document and its number of pages, which the template tells in `<pages>`.

    The same inputs give the same bytes on every machine with the same versions: the fonts come from a package, the
    time stamp is `moment`. `inputs` are always given: the engine would otherwise print what it printed before.
    Raises NotPrinted; its caller holds `lock`.
    """
    try:
        compiler = _own_compiler(template)
        printed = compiler.compile(
            format="pdf", sys_inputs=dict(inputs), pdf_standards=list(standards), timestamp=moment
        )
        pages = json.loads(compiler.query("<pages>", field="value", one=True))
    except typst.TypstError as problem:
        raise NotPrinted(_sentence(problem, what)) from None
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":
            raise
        raise NotPrinted(f"The layout engine gave up on this {what}.") from None
    if not isinstance(printed, bytes):
        raise NotPrinted("The layout engine returned no document.")
    return printed, int(pages)


def _own_compiler(template: Path) -> typst.Compiler:
    """This process's compiler; raises RuntimeError in a fork of a process that has compiled."""
    global _compiled_in
    here = os.getpid()
    if _compiled_in is not None and _compiled_in != here:
        raise RuntimeError("pages were laid out before this process was forked; lay out in workers only")
    if template not in _compilers:
        folder = resources.files("fontpkg_noto_serif") / "files"
        with resources.as_file(folder) as path:
            fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(path)])
        _compilers[template] = typst.Compiler(template, root=template.parent, font_paths=fonts)
    _compiled_in = here
    return _compilers[template]


def _sentence(problem: typst.TypstError, what: str) -> str:
    """The engine's own message in one line; it names a character that no font here can print."""
    said = " ".join(str(getattr(problem, "message", problem)).split())
    return f"The layout engine refused the {what}: {said[:300]}."
