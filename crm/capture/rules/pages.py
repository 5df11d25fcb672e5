"""The words of a web page, as a mail brings one. It is walked once from its beginning to its end, so that the time
that takes grows with its length and no faster; the parser of the standard library begins anew at each sign that
might open a tag.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

MOST_HTML = 1_000_000

_HIDDEN = {"script", "style", "head", "title", "template", "noscript", "svg", "object", "iframe"}
_CLOSED_BY_NAME = {one: re.compile(f"</{one}", re.IGNORECASE) for one in ("script", "style")}
"""Elements in which nothing is a tag but their own end."""

_BLOCKS = {
    "p", "div", "br", "tr", "li", "ul", "ol", "table", "blockquote", "pre", "hr", "section", "article", "header",
    "footer", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd",
}  # fmt: skip
_OPENS = re.compile(r"<[a-zA-Z/!?]")
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9:-]{0,30}")
_IN_TAG = re.compile(r"[^>=]*")
_SPACES = re.compile(r"\s*")
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9a-fA-F]{9,});?")


def without_markup(html: str) -> str:
    """The text of an HTML mail; of links and pictures nothing but their words."""
    walk = _Walk(html[:MOST_HTML])
    walk.to_the_end()
    lines = (" ".join(line.split()) for line in "".join(walk.heard).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Walk:
    """Hears what is text and where a block begins or ends. Wherever a search finds nothing up to the end, what is
    left is text and is not searched again.
    """

    def __init__(self, html: str) -> None:
        self.html, self.at = html, 0
        self.heard: list[str] = []
        self._open: list[str] = []
        self._opened: Counter[str] = Counter()
        self._last = {sign: html.rfind(sign) for sign in (">", '"', "'", "-->")}

    def to_the_end(self) -> None:
        """Walk."""
        while (opens := _OPENS.search(self.html, self.at)) and opens.start() < self._last[">"]:
            self._hear(self.html[self.at : opens.start()])
            self.at = opens.start()
            if not self._step():
                break
        self._hear(self.html[self.at :])

    def _step(self) -> bool:
        """One thing that begins with "<"; False where that goes on to the end."""
        html, at = self.html, self.at
        if html.startswith("<!--", at) and at < self._last["-->"]:
            self.at = html.find("-->", at + 2) + 3
        elif html.startswith(("<!", "<?"), at):
            self.at = html.find(">", at) + 1
        elif name := _NAME.match(html, at + 1):
            return self._begin(name)
        elif name := _NAME.match(html, at + 2):
            self.at = html.find(">", at) + 1
            self._end(name[0].lower())
        else:
            self._hear("</")
            self.at += 2
        return True

    def _begin(self, found: re.Match[str]) -> bool:
        end = self._end_of_tag(found.end())
        if end < 0:
            return False
        name, whole = found[0].lower(), self.html[end - 1] == "/"
        self.at = end + 1
        if name in _CLOSED_BY_NAME and not whole:
            closed = _CLOSED_BY_NAME[name].search(self.html, self.at)
            self.at = closed.start() if closed else len(self.html)
        elif name in _HIDDEN and not whole:
            self._open.append(name)
            self._opened[name] += 1
        elif name in _BLOCKS:
            self.heard.append("\n")
        elif name in ("td", "th"):
            self.heard.append(" ")
        return True

    def _end_of_tag(self, at: int) -> int:
        """Where the tag ends whose name ends here, below 0 for nowhere: values in quotation marks may hold its sign."""
        html = self.html
        while (at := _IN_TAG.match(html, at).end()) < len(html) and html[at] != ">":  # type: ignore[union-attr]
            at = _SPACES.match(html, at + 1).end()  # type: ignore[union-attr]
            quote = html[at : at + 1]
            if quote in ('"', "'") and at < self._last[quote]:
                at = html.find(quote, at + 1) + 1
        return at if at < len(html) else -1

    def _end(self, name: str) -> None:
        if self._opened[name]:
            while (closed := self._open.pop()) != name:
                self._opened[closed] -= 1
            self._opened[name] -= 1
        elif name in ("body", "html"):
            self._open.clear()
            self._opened.clear()
        elif name in _BLOCKS:
            self.heard.append("\n")

    def _hear(self, text: str) -> None:
        if text and not self._open:
            self.heard.append(unescape(_LONG_NUMBER.sub("\ufffd", text)).replace("\n", " ").replace("\r", " "))
