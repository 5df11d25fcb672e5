"""Third-party assets of the pages: fetched by npm from the lock file, copied into static/vendor.

Standard library only: it runs before the project's own environment exists. Nothing third-party is
committed; what is copied, and which icons are wanted, stands in `package.json`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

Say = Callable[[str], None]

COPIES = {
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
    "@fontsource-variable/inter/LICENSE": "licences/inter.txt",
    "@tabler/icons/LICENSE": "licences/tabler-icons.txt",
    "bootstrap/LICENSE": "licences/bootstrap.txt",
    "htmx.org/LICENSE": "licences/htmx.txt",
    "htmx.org/dist/htmx.min.js": "htmx.js",
}
"""File below node_modules → file below static/vendor."""

STYLES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap.css",
    "bootstrap/dist/css/bootstrap.rtl.min.css": "bootstrap.rtl.css",
}
"""Style sheets that are put into a cascade layer, so that our own rules win without a fight."""

ICON_ATTRIBUTES = (
    'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
    'stroke-linecap="round" stroke-linejoin="round"'
)
_ICON_IN_TEMPLATE = re.compile(r"""\bicon\(\s*["']([a-z0-9-]+)["']""")
_ICON_IN_CODE = re.compile(r"""\bicon\b[^"'\n]{0,20}["']([a-z0-9-]+)["']""")


class AssetError(Exception):
    """The assets could not be installed; the message says what to do about it."""


def install(root: Path, npm: Sequence[str], say: Say) -> bool:
    """Bring `static/vendor` in line with the lock file and the icons in use.

    `root` is the project folder, `npm` the command that starts npm (one or more words). Answers whether
    anything had to be done; raises AssetError when npm fails or a listed file or icon does not exist.
    """
    lock = _digest([(root / "package-lock.json").read_bytes()])
    listed, found = _icons_listed(root), _icons_found(root)
    icons = sorted(listed | found)
    wanted = _digest([lock.encode(), Path(__file__).read_bytes(), " ".join(icons).encode()])
    vendor = root / "static" / "vendor"
    if _read(vendor / ".stamp") == wanted:
        return False
    modules = root / "node_modules"
    if _read(modules / ".stamp") != lock:
        say("Fetching style sheets, font and icons with npm")
        _npm_ci(root, npm)
        (modules / ".stamp").write_text(lock, encoding="ascii")
    _build(modules, vendor, icons, listed, say)
    (vendor / ".stamp").write_text(wanted, encoding="ascii")
    say(f"Assets are in place: {len(icons)} icons")
    return True


def _digest(parts: Iterable[bytes]) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def _npm_ci(root: Path, npm: Sequence[str]) -> None:
    env = dict(os.environ, npm_config_update_notifier="false")
    env.update(_system_certificates(npm, env))
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AssetError(f"npm could not be run: {error}") from error
    if done.returncode:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-15:])
        raise AssetError(f"npm ci failed; check the network and try again.\n{tail}")


def _system_certificates(npm: Sequence[str], env: dict[str, str]) -> dict[str, str]:
    """Let Node trust the machine's certificate store; older Nodes refuse the option, so it is tried first."""
    options = f"{env.get('NODE_OPTIONS', '')} --use-system-ca".strip()
    trial = subprocess.run([*npm, "--version"], env=env | {"NODE_OPTIONS": options}, capture_output=True, timeout=60)
    return {"NODE_OPTIONS": options} if trial.returncode == 0 else {}


def _icons_listed(root: Path) -> set[str]:
    return set(json.loads((root / "package.json").read_text(encoding="utf-8"))["icons"])


def _icons_found(root: Path) -> set[str]:
    """Icons named in templates and code without being listed: a page never waits for the list."""
    names: set[str] = set()
    for folder, ending, pattern in (
        ("templates", "*.html", _ICON_IN_TEMPLATE),
        ("crm", "*.py", _ICON_IN_CODE),
    ):
        for path in sorted((root / folder).rglob(ending)):
            names.update(pattern.findall(path.read_text(encoding="utf-8")))
    return names


def _build(modules: Path, vendor: Path, icons: Sequence[str], listed: set[str], say: Say) -> None:
    """Write the whole folder anew beside the old one, then exchange them."""
    fresh = vendor.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "licences").mkdir(parents=True)
    for source, target in COPIES.items():
        _copy(modules / source, fresh / target)
    for source, target in STYLES.items():
        (fresh / target).write_text(_layered(modules / source), encoding="utf-8")
    (fresh / "icons.svg").write_text(_sprite(modules, icons, listed, say), encoding="utf-8")
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError as error:
        raise AssetError(f"npm did not bring {source.name}; delete node_modules and run again.") from error


def _layered(path: Path) -> str:
    """A style sheet inside `@layer vendor`: unlayered rules of ours win whatever their specificity."""
    text = path.read_text(encoding="utf-8").removeprefix('@charset "UTF-8";')
    text = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", text)
    return f'@charset "UTF-8";@layer vendor{{{text.strip()}}}\n'


def _sprite(modules: Path, icons: Sequence[str], listed: set[str], say: Say) -> str:
    """One SVG file with a symbol per icon, drawn in the colour of the text around it."""
    symbols = []
    for name in icons:
        path = modules / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
        if not path.is_file():
            if name in listed:
                raise AssetError(f"There is no icon named {name!r}; see the list in package.json.")
            say(f"No icon is named {name!r}: it is left out")
            continue
        inner = path.read_text(encoding="utf-8").split(">", 1)[1].rsplit("</svg>", 1)[0]
        inner = re.sub(r'<path stroke="none"[^>]*/>', "", inner)
        inner = re.sub(r">\s+<", "><", re.sub(r"\s+", " ", inner)).strip()
        symbols.append(f'<symbol id="{name}" {ICON_ATTRIBUTES}>{inner}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"
