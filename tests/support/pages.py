"""Reading pages as a person and a checker would."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any

from werkzeug.test import TestResponse

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class _Reader(HTMLParser):
    """Collects what the checks need: tags, ids, labels, the title, what is not closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.problems: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.inputs: list[dict[str, str | None]] = []
        self.scripts: list[dict[str, str | None]] = []
        self.inline: list[str] = []
        self.headings: list[str] = []
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if have.get("id"):
            self.ids.append(str(have["id"]))
        if tag == "label" and have.get("for"):
            self.labelled.add(str(have["for"]))
        if tag in ("input", "select", "textarea") and have.get("type") not in ("hidden", "submit"):
            inside = "label" in self.open[:-1] or "label" in self.open
            if not inside and not have.get("aria-label") and not have.get("aria-labelledby"):
                self.inputs.append(have)
        if tag == "script":
            self.scripts.append(have)
        if tag in ("h1", "title"):
            self.headings.append(tag)
        self.references += str(have.get("aria-describedby") or "").split()
        self.inline += [name for name in have if name.startswith("on") or name == "style"]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID and self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes {self.open[-3:]}")
        elif self.open:
            self.open.pop()


def check_page(response: TestResponse, status: int = 200) -> str:
    """Assert what holds for every page: status, headers, well-formed, one title and heading, labels, no inline code."""
    html = response.get_data(as_text=True)
    assert response.status_code == status, f"{response.request.path}: {response.status_code}\n{html[:2000]}"
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy and "default-src 'none'" in policy
    reader = _Reader()
    reader.feed(html)
    problems: list[Any] = [*reader.problems, *[f"<{tag}> stays open" for tag in reader.open]]
    problems += [f"id {one} twice" for one in {one for one in reader.ids if reader.ids.count(one) > 1}]
    problems += [f"{one} without a label" for one in reader.inputs if one.get("id") not in reader.labelled]
    problems += [f"inline {one}" for one in reader.inline]
    problems += [f"aria-describedby={one} names nothing" for one in reader.references if one not in reader.ids]
    problems += [f"{tag} ×{reader.headings.count(tag)}" for tag in ("h1", "title") if reader.headings.count(tag) != 1]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    problems += ["inline script without nonce" for one in reader.scripts
                 if not one.get("src") and (not nonce or one.get("nonce") != nonce[1])]  # fmt: skip
    assert not problems, f"{response.request.path}: {problems}"
    return html


def token_of(html: str) -> str:
    """The CSRF token of a page's first form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    assert found, "no CSRF token on the page"
    return found[1]


def carried(page: str) -> dict[str, str]:
    """What a form that changes a record carries beside its fields: its token, the version, what it was opened with."""
    version = re.findall(r'name="version"[^>]*value="([^"]*)"', page)
    original = re.findall(r'name="original" value="([^"]*)"', page)
    assert len(version) == len(original) == 1, (version, original)
    return {"csrf_token": token_of(page), "version": version[0], "original": html.unescape(original[0])}
