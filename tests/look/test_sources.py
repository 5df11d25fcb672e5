"""What can be read off the files: no inline code, no third host, one dark theme, a light first load."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

from crm import PLACES
from launcher.assets import COPIES
from tests.architecture.imports import offences, text_of

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "email" not in path.parts and "letters" not in path.parts]
OWN = sorted(path for folder in ("css", "js", "brand") for path in (STATIC / folder).iterdir())
FIRST_LOAD_LIMIT = 150_000
ICON = re.compile(r"""\bicon(?:_name\s*=|\()\s*["']([a-z0-9-]+)["']""")


BLOCKED = {
    "an inline style": r"\sstyle\s*=",
    "an inline handler": r"\son[a-z]+\s*=\s*[\"']",
    "another host": r"(?:src|href)\s*=\s*[\"']https?://",
}


def test_no_template_needs_more_than_the_policy_allows() -> None:
    def blocked(path: Path) -> list[str]:
        return [what for what, pattern in BLOCKED.items() if re.search(pattern, text_of(path))]

    assert not offences(PAGES, blocked)


def _drawn() -> set[str]:
    sprite = (STATIC / "vendor" / "icons.svg").read_text(encoding="utf-8")
    return set(re.findall(r'<symbol id="([^"]+)"', sprite))


def test_every_icon_exists() -> None:
    drawn = _drawn()
    assert not offences(PAGES, lambda path: set(ICON.findall(text_of(path))) - drawn)


def test_every_place_of_the_navigation_has_its_icon() -> None:
    assert {one.icon for one in PLACES} <= _drawn()


def test_both_dark_themes_are_the_same() -> None:
    text = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    blocks = [
        re.search(pattern, text, re.DOTALL)
        for pattern in (r':not\(\[data-theme="light"\]\) \{(.*?)\}', r':root\[data-theme="dark"\] \{(.*?)\}')
    ]
    of_device, chosen = ({line.strip() for line in block[1].splitlines()} for block in blocks if block)
    assert of_device == chosen


def test_every_name_of_a_colour_is_defined() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in OWN if path.suffix == ".css")
    assert set(re.findall(r"var\((--(?!bs-)[a-z0-9-]+)", text)) <= set(re.findall(r"(--[a-z0-9-]+):", text))


def test_the_font_is_fetched_once() -> None:
    """The preload and the style sheet must name one address, or the font is loaded twice."""
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    version = wanted["@fontsource-variable/inter"]
    assert f'inter-latin.woff2?v={version}"' in (STATIC / "css" / "base.css").read_text(encoding="utf-8")
    assert f"?v={version}" in (ROOT / "templates" / "_components" / "_head.html").read_text(encoding="utf-8")


def _of_single_pages() -> set[Path]:
    """What some pages fetch beside what all do."""
    common = [path for path in PAGES if path.name.startswith("layout") or "_components" in path.parts]
    fetched = {
        path: set(re.findall(r"asset_url\('((?:js|css)/[^']+)'\)", path.read_text(encoding="utf-8"))) for path in PAGES
    }
    of_all = set().union(*(fetched[path] for path in common))
    return {STATIC / name for name in set().union(*fetched.values()) - of_all}


def test_first_load_stays_within_its_limit() -> None:
    names = ("bootstrap.css", "htmx.js", "icons.svg", "inter-latin.woff2")
    single = _of_single_pages()
    assert single and single < set(OWN)
    files = [*(STATIC / "vendor" / name for name in names), *(path for path in OWN if path not in single)]
    packed = sum(len(gzip.compress(path.read_bytes(), 6)) for path in files)
    assert packed < FIRST_LOAD_LIMIT - 15_000, f"{packed} bytes leave no room for the page itself"


def test_the_lock_file_names_hashes_and_no_host() -> None:
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    assert '"resolved"' not in text
    assert all(entry.get("integrity") for name, entry in packages.items() if name)


def test_the_licences_come_along() -> None:
    for target in COPIES.values():
        assert (STATIC / "vendor" / target).stat().st_size > 0
