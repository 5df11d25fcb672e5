"""The project's own Python environment: `.venv`, filled from the locked requirements."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from launcher import commands, places, stamps
from launcher.say import Problem

RUNTIME, DEVELOPMENT = "requirements.txt", "requirements-dev.txt"
"""The locks. The second holds the first, pin for pin."""

PYTHON = places.VENV / "bin" / "python"
STAMP = places.VENV / "demarche.json"
LOG = "setup.log"
FOREIGN = ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")
"""Variables that would lead our programs to the libraries of another environment."""

NETWORK = (
    "Check the connection and run it again. Behind a proxy set HTTPS_PROXY, with a package index of your "
    "own PIP_INDEX_URL."
)
NO_PIP = (
    "This Python can neither make an environment with pip (its ensurepip is missing) nor has pip itself. "
    "Install one package and run it again: on Debian and Ubuntu `apt install python3-venv`, elsewhere pip."
)


def ensure(lock: str) -> bool:
    """Bring `.venv` in line with the lock, `RUNTIME` or `DEVELOPMENT`; answer whether anything was done.

    Nothing is run when the stamp says that the same lock was installed by the same Python.
    """
    wanted = stamps.digest([places.ROOT / lock])
    stamp = stamps.read(STAMP)
    fits = stamp.get("place") == str(places.VENV) and stamp.get("python") == _version(PYTHON)
    if fits and stamp.get(lock) == wanted:
        return False
    if not fits:
        _check_own()
        _create(from_nothing=bool(stamp))
        stamp = {"place": str(places.VENV), "python": _version(PYTHON)}
    count = _count(places.ROOT / lock)
    _install(["-r", str(places.ROOT / lock)], f"Installing {count} Python libraries")
    stamp[lock] = wanted
    if lock == DEVELOPMENT:
        stamp[RUNTIME] = stamps.digest([places.ROOT / RUNTIME])
    stamps.write(STAMP, stamp)
    return True


def fetch_into(folder: Path, requirements: Path, label: str) -> bool:
    """Install a small lock of tools into a folder of its own; answer whether anything was done."""
    stamp_file, wanted = folder / "stamp.json", {"lock": stamps.digest([requirements])}
    if stamps.read(stamp_file) == wanted:
        return False
    shutil.rmtree(folder, ignore_errors=True)
    _install(["--target", str(folder), "-r", str(requirements)], label)
    stamps.write(stamp_file, wanted)
    return True


def package_folder(name: str) -> Path | None:
    """The folder of an installed package that is used for its files and not imported.

    Looks in `.venv`, then where this Python finds its packages: it is called from both sides of the door.
    """
    folders = sorted((places.VENV / "lib").glob("python3*/site-packages"))
    folders += [Path(entry) for entry in sys.path if entry.endswith("-packages")]
    return next((folder / name for folder in folders if (folder / name).is_dir()), None)


def children(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment variables of a program that runs inside `.venv`."""
    env = {key: value for key, value in os.environ.items() if key not in FOREIGN}
    env["PATH"] = f"{PYTHON.parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    env["VIRTUAL_ENV"] = str(places.VENV)
    env["PYTHONUNBUFFERED"] = "1"
    env.update(extra or {})
    return env


def _version(python: Path) -> str:
    """The exact version that a Python says it has; empty when it does not start."""
    return commands.quiet([str(python), "-I", "-S", "-c", "import sys; print(sys.version)"]) or ""


def _count(lock: Path) -> int:
    return sum("==" in text and not text.startswith((" ", "#")) for text in lock.read_text().splitlines())


def _check_own() -> None:
    """What a link leads to is somebody else's: nothing of it is removed or installed over."""
    if places.VENV.is_symlink():
        raise Problem(
            f"{places.VENV} is a link to {places.VENV.readlink()}, and not an environment of this folder.",
            remedy="Remove the link (rm .venv) and run it again: then one is made here.",
        )


def _create(from_nothing: bool) -> None:
    """Make `.venv`; an older one that a person made is kept and completed, one of ours is replaced."""
    started = commands.quiet([str(PYTHON), "-I", "-c", "import sys; print(sys.version_info >= (3, 11))"])
    if from_nothing or started != "True":
        shutil.rmtree(places.VENV, ignore_errors=True)
        commands.run(
            "Making a Python environment in .venv",
            [sys.executable, "-m", "venv", "--without-pip", str(places.VENV)],
            log=places.logs() / LOG,
            failed="The Python environment could not be made.",
            remedy="Check that this folder may be written to and that Python is complete.",
        )
    if commands.quiet([str(PYTHON), "-m", "pip", "--version"]) is None:
        _add_pip()


def _add_pip() -> None:
    """Put pip into `.venv`: from ensurepip, or where that is missing with the pip of this Python."""
    base = [sys.executable, "-m", "pip"]
    if commands.quiet([sys.executable, "-c", "import ensurepip; ensurepip.version()"]) is not None:
        command = [str(PYTHON), "-I", "-m", "ensurepip", "--default-pip"]
    elif commands.quiet([*base, "--version"]) is not None:
        command = [*base, "--python", str(PYTHON), "install", "--no-input", "pip"]
    elif shutil.which("uv"):
        return  # it does without
    else:
        raise Problem(NO_PIP)
    commands.run(
        "Adding pip to it",
        command,
        log=places.logs() / LOG,
        failed="pip could not be installed in .venv.",
        remedy=NETWORK,
        env=installers(),
    )


def _install(arguments: list[str], label: str) -> None:
    """Install from a lock with checked hashes: quickly with uv when it is there, with pip otherwise."""
    hashed = ["--require-hashes", "--no-deps", *arguments]
    uv = shutil.which("uv")
    if uv:
        # Its way to an index may differ from pip's (a proxy, a private index): then pip has its turn.
        command = [uv, "pip", "install", "--python", str(PYTHON), "--compile-bytecode", *hashed]
        try:
            _fetch(f"{label} with uv", command)
            return
        except Problem:
            if commands.quiet([str(PYTHON), "-m", "pip", "--version"]) is None:
                raise
    _fetch(label, [str(PYTHON), "-m", "pip", "install", "--no-input", "--progress-bar", "off", *hashed])


def _fetch(label: str, command: list[str]) -> None:
    commands.run(
        label,
        command,
        log=places.logs() / LOG,
        failed="The libraries could not be installed.",
        remedy=NETWORK,
        env=installers(),
    )


def installers() -> dict[str, str]:
    """The environment variables of pip and uv: no questions, no advice, the certificates of the machine."""
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    return children({"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1", **quiet})
