"""A Chromium for the tests: the machine's own, the system package, or one that needs no rights at all."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tarfile
from pathlib import Path

from launcher import commands, environment, node, places, stamps
from launcher.say import Problem

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FOLDER = places.TOOLS / "chromium"
LOCK = places.ROOT / "launcher" / "chromium"
"""package.json and package-lock.json of the npm package: a headless Chromium for 64-bit x86 Linux."""

BY_HAND = "Install Chromium or Google Chrome, or name one: DEMARCHE_CHROMIUM=/its/path python3 run.py test"

WRAPPER = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
{environment}exec "$here/chrome" "$@"
"""
OWN_LIBRARIES = 'export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"\n'
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""
OWN_FONTS = 'export FONTCONFIG_PATH="$here/fonts"\n'

UNPACK = """\
const fs = require('fs'), zlib = require('zlib'), {pipeline} = require('stream');
const [from, to] = process.argv.slice(1);
pipeline(fs.createReadStream(from), zlib.createBrotliDecompress(), fs.createWriteStream(to),
         error => { if (error) { console.error(error.message); process.exit(1) } });
"""

WHERE = """\
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def find(install: bool = True) -> Path | None:
    """The path of a Chromium that starts; None when there is none and `install` is false.

    Order: DEMARCHE_CHROMIUM, the machine's own, the one fetched earlier; then, to install, the Debian
    package (as root), the npm package, Playwright's own download. Raises Problem when all of it fails.
    """
    named = os.environ.get("DEMARCHE_CHROMIUM")
    if named:
        if not _starts(Path(named)):
            raise Problem(f"DEMARCHE_CHROMIUM names {named}, which does not start as a browser.")
        return Path(named)
    found = _of_the_machine() or _fetched()
    if found or not install:
        return found
    found = _by_apt() or _by_npm() or _by_playwright()
    if found is None:
        raise Problem("No browser for the tests was found, and none could be installed.", remedy=BY_HAND)
    return found


def _starts(path: Path) -> bool:
    return commands.quiet([str(path), "--version"]) is not None


def _of_the_machine() -> Path | None:
    candidates = [Path(found) for found in map(shutil.which, NAMES) if found]
    candidates += [Path(name) for name in APPLICATIONS if sys.platform == "darwin"]
    return next((path for path in candidates if path.exists() and _starts(path)), None)


def _fetched() -> Path | None:
    """The npm one, if this very lock was unpacked and it starts."""
    wrapper = FOLDER / "chromium"
    current = stamps.read(FOLDER / "stamp.json") == _wanted()
    return wrapper if current and _starts(wrapper) else None


def _wanted() -> dict[str, str]:
    return {"lock": stamps.digest([LOCK / "package-lock.json"])}


def _by_apt() -> Path | None:
    """The Debian package. Not Ubuntu's, which only points to another installer."""
    release = Path("/etc/os-release")
    lines = release.read_text(encoding="utf-8", errors="replace").splitlines() if release.is_file() else []
    if os.geteuid() != 0 or "ID=debian" not in lines or not shutil.which("apt-get"):
        return None
    env = environment.children({"DEBIAN_FRONTEND": "noninteractive"})
    for label, words in (
        ("Looking for the system's Chromium package", ["update"]),
        ("Installing Chromium", ["install", "-y", "--no-install-recommends", "chromium"]),
    ):
        try:
            _run(label, ["/usr/bin/env", "apt-get", "-q", *words], env=env, timeout=600)
        except Problem:
            continue  # lists that cannot be renewed may still do; a failed install leaves the other ways
    return _of_the_machine()


def _by_npm() -> Path | None:
    """The npm package, unpacked with what it brings for machines without its libraries or any font."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return None
    shutil.rmtree(FOLDER, ignore_errors=True)
    places.private_folder(FOLDER)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(LOCK / name, FOLDER / name)
    flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=peer"]
    _run("Fetching a browser for the tests", _absolute([*node.npm(), "ci", *flags]), cwd=FOLDER)
    packed = FOLDER / "node_modules" / "@sparticuz" / "chromium" / "bin"
    _unpack(packed / "chromium.br", FOLDER / "chrome")
    (FOLDER / "chrome").chmod(0o755)
    for archive, target in (("al2023", FOLDER), ("swiftshader", FOLDER), ("fonts", FOLDER / "fonts")):
        _unpack_archive(packed / f"{archive}.tar.br", target)
    (FOLDER / "fonts" / "fonts.conf").write_text(FONTS, encoding="utf-8")
    shutil.rmtree(FOLDER / "node_modules")
    wrapper = _wrap()
    if wrapper:
        stamps.write(FOLDER / "stamp.json", _wanted())
    return wrapper


def _wrap() -> Path | None:
    """Write the script that starts it; the libraries it brings are used only where the system lacks them."""
    wrapper = FOLDER / "chromium"
    fonts = "" if _machine_has_fonts() else OWN_FONTS
    for libraries in ("", OWN_LIBRARIES):
        wrapper.write_text(WRAPPER.format(environment=libraries + fonts), encoding="utf-8")
        wrapper.chmod(0o755)
        if _starts(wrapper):
            return wrapper
    return None


def _machine_has_fonts() -> bool:
    folders = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
    found = (path for folder in folders for path in folder.rglob("*.[ot]tf"))
    return Path("/etc/fonts/fonts.conf").is_file() and any(found)


def _unpack(source: Path, target: Path) -> None:
    """Undo Brotli, which Node can and Python's standard library cannot."""
    _run(f"Unpacking {target.name}", _absolute([*node.node(), "-e", UNPACK, str(source), str(target)]))


def _unpack_archive(source: Path, target: Path) -> None:
    plain = target.with_name(source.name.removesuffix(".br"))
    _unpack(source, plain)
    target.mkdir(exist_ok=True)
    with tarfile.open(plain) as archive:
        for member in archive.getmembers():
            if member.isfile() and ".." not in Path(member.name).parts and not member.name.startswith("/"):
                archive.extract(member, target, set_attrs=False)
                (target / member.name).chmod(0o755)
    plain.unlink()


def _by_playwright() -> Path | None:
    """Playwright's own download, for other systems; its server is not the package index."""
    python = str(environment.PYTHON)
    try:
        _run("Asking Playwright for a browser", [python, "-m", "playwright", "install", "chromium"])
    except Problem:
        return None
    path = commands.quiet([python, "-c", WHERE])
    return Path(path) if path and _starts(Path(path)) else None


def _absolute(command: list[str]) -> list[str]:
    return [shutil.which(command[0]) or command[0], *command[1:]]


def _run(
    label: str,
    command: list[str],
    *,
    cwd: Path = places.ROOT,
    env: dict[str, str] | None = None,
    timeout: float = 900,
) -> None:
    commands.run(
        label,
        command,
        log=places.logs() / "browser.log",
        failed="A browser for the tests could not be installed.",
        remedy=BY_HAND,
        env=env,
        cwd=cwd,
        timeout=timeout,
    )
