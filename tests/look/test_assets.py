"""The set-up of third-party assets, with a stand-in for npm that copies from a folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from launcher import assets

SVG = """\
<svg
  class="a"
>
  <path stroke="none" d="M0 0h24v24H0z" fill="none" />
  <path d="M5 12l9 9" />
</svg>
"""

NPM = """\
import pathlib, sys
if "ci" in sys.argv:
    assert "--ignore-scripts" in sys.argv
    here = pathlib.Path("node_modules")
    for name, text in {files!r}.items():
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with open("calls", "a") as log:
        log.write("x")
"""


@pytest.fixture
def project(tmp_path: Path) -> tuple[Path, list[str]]:
    files = dict.fromkeys(assets.COPIES, "text")
    files |= dict.fromkeys(assets.STYLES, '@charset "UTF-8";a{color:red}')
    files |= {f"@tabler/icons/icons/outline/{name}.svg": SVG for name in ("check", "phone", "plus")}
    (tmp_path / "package.json").write_text(json.dumps({"icons": ["check"]}))
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "static").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text('{{ icon("plus") }}{{ icon("no-such") }}')
    (tmp_path / "crm").mkdir()
    (tmp_path / "crm" / "call.py").write_text('TYPE = Type(icon="phone")')
    script = tmp_path / "npm.py"
    script.write_text(NPM.format(files=files))
    return tmp_path, [sys.executable, str(script)]


def test_assets_are_copied_layered_and_only_once(project: tuple[Path, list[str]]) -> None:
    root, npm = project
    said: list[str] = []
    assert assets.install(root, npm, said.append)
    vendor = root / "static" / "vendor"
    assert (vendor / "bootstrap.css").read_text() == '@charset "UTF-8";@layer vendor{a{color:red}}\n'
    sprite = (vendor / "icons.svg").read_text()
    assert all(f'id="{name}"' in sprite for name in ("check", "plus", "phone"))
    assert "no-such" not in sprite
    assert "M0 0h24v24H0z" not in sprite
    assert any("no-such" in line for line in said)
    assert not assets.install(root, npm, said.append)
    assert (root / "calls").read_text() == "x"


def test_a_new_icon_needs_no_new_download(project: tuple[Path, list[str]]) -> None:
    root, npm = project
    (root / "crm" / "call.py").unlink()
    assets.install(root, npm, print)
    (root / "crm" / "call.py").write_text('icon = "phone"')
    assert assets.install(root, npm, print)
    assert 'id="phone"' in (root / "static" / "vendor" / "icons.svg").read_text()
    assert (root / "calls").read_text() == "x"


def test_an_unknown_icon_in_the_list_stops_the_set_up(project: tuple[Path, list[str]]) -> None:
    root, npm = project
    (root / "package.json").write_text(json.dumps({"icons": ["nowhere"]}))
    with pytest.raises(assets.AssetError, match="nowhere"):
        assets.install(root, npm, print)


def test_a_failing_npm_is_told(project: tuple[Path, list[str]]) -> None:
    root, _ = project
    with pytest.raises(assets.AssetError, match="no network"):
        assets.install(root, [sys.executable, "-c", "raise SystemExit('no network')"], print)
