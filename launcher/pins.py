"""The locks of the Python libraries, compiled from the pins in pyproject.toml, every file with its hash.

The compiler is uv, pinned and hashed like the rest. One lock serves every system and every Python from
3.11 on: it carries markers and the hashes of all files of a release.
"""

from __future__ import annotations

from collections.abc import Sequence

from launcher import commands, environment, places, say, setup

COMPILER = places.TOOLS / "uv"
COMPILER_LOCK = places.ROOT / "launcher" / "requirements-lock.txt"
LOCKS: dict[str, tuple[str, ...]] = {
    environment.RUNTIME: ("pyproject.toml",),
    environment.DEVELOPMENT: ("pyproject.toml", "--group", "dev", "--constraint", environment.RUNTIME),
    "launcher/requirements-node.txt": ("--group", "pyproject.toml:node"),
    "launcher/requirements-lock.txt": ("--group", "pyproject.toml:lock"),
}
"""Lock → what it is compiled from, in this order."""


def lock(arguments: Sequence[str]) -> int:
    """Compile the locks. `--upgrade` renews what no direct pin holds; otherwise the present pins are kept."""
    setup.prepare(environment.RUNTIME)
    environment.fetch_into(COMPILER, COMPILER_LOCK, "Fetching the compiler of the pins")
    env = environment.installers() | {"UV_CUSTOM_COMPILE_COMMAND": "python3 run.py lock"}
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"]
    for target, sources in LOCKS.items():
        command = [str(COMPILER / "bin" / "uv"), "pip", "compile", *sources, *options, *arguments]
        commands.run(
            f"Compiling {target}",
            [*command, "--output-file", target],
            log=places.logs() / "lock.log",
            failed=f"{target} could not be compiled.",
            remedy="The pins in pyproject.toml may contradict each other, or no package index was reached.",
            env=env,
        )
    say.line("The locks are up to date. Run `python3 run.py setup` to install them.")
    return 0
