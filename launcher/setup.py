"""The set-up: everything that must be there before something can be started."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from launcher import assets, environment, node, places, say, stamps
from launcher.locks import Turn
from launcher.say import Problem

ASSET_STAMP = places.TOOLS / "assets.json"
TURN = places.ROOT / "var" / "setup.lock"


def prepare(lock: str) -> None:
    """Environment and front-end assets, brought in line with the files that describe them.

    `lock` is `environment.RUNTIME` or `environment.DEVELOPMENT`. Next to nothing is done when nothing
    changed; of two set-ups in one folder the second waits for the first.
    """
    _check_folder()
    with Turn(TURN, "Waiting for another set-up in this folder to end"):
        environment.ensure(lock)
        install_assets()


def install_assets() -> None:
    """Styles, scripts, font and icons of the pages, when what they are made from changed."""
    wanted = {
        "sources": stamps.digest(
            [places.ROOT / name for name in ("package-lock.json", "package.json", "launcher/assets.py")]
        ),
        "uses": stamps.outline([(places.ROOT / "templates", "*.html"), (places.ROOT / "crm", "*.py")]),
    }
    made = (places.ROOT / "static" / "vendor").is_dir()
    if made and stamps.read(ASSET_STAMP) == wanted:
        return
    try:
        assets.install(places.ROOT, node.npm(), lambda text: say.line(f"  {text}"))
    except assets.AssetError as error:
        raise Problem("The front-end assets could not be installed.", remedy=str(error)) from None
    stamps.write(ASSET_STAMP, wanted)


def keep_secret(var: Path) -> None:
    """Draw the installation's secret key once; nobody but its owner may read it."""
    place = places.private_folder(var) / "secret_key"
    if place.exists():
        place.chmod(0o600)
        return
    fresh = place.with_name("secret_key.new")
    fresh.unlink(missing_ok=True)
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="ascii") as out:
        out.write(secrets.token_urlsafe(48) + "\n")
    fresh.replace(place)


def _check_folder() -> None:
    try:
        places.private_folder(places.ROOT / "var")
        places.TOOLS.mkdir(exist_ok=True)
    except OSError as error:
        raise Problem(
            f"The folder {places.ROOT} cannot be written to ({error.strerror}).",
            remedy="Run it as the owner of the folder, or clone it to a place of your own.",
        ) from None
