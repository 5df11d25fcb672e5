"""Ports of this machine: which are free, and what to say when a chosen one is not."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping

from launcher.say import Problem

LOOPBACK = "127.0.0.1"


def free() -> int:
    """A loopback port that nobody uses at this moment, chosen by the system."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def answers(port: int, host: str = LOOPBACK, timeout: float = 0.5) -> bool:
    """Whether somebody listens on the port."""
    try:
        with socket.create_connection((host, port), timeout=timeout):
            return True
    except OSError:
        return False


def obstacle(port: int) -> str:
    """Why we cannot listen on the port, in words; empty when we can.

    Both loopback addresses are tried: a browser that is sent to `localhost` may ask ::1 first and would
    then meet another program.
    """
    if answers(port) or answers(port, "::1"):
        return "is already in use by another program"
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Connections that another run has just closed must not count as an occupied port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError:
            return "may only be used by the system administrator"
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "is already in use by another program"
            return f"cannot be used ({error.strerror})"
    return ""


def chosen(environ: Mapping[str, str], name: str, default: int | None) -> int:
    """The port that the setting `name` asks for, checked; a free one when there is no default.

    Raises Problem, one line that names the port and the way to choose another.
    """
    text = environ.get(name, "").strip()
    if not text and default is None:
        return free()
    if text and not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise Problem(f"{name} must be a port number from 1 to 65535, not {text!r}.")
    port = int(text) if text else int(default or 0)
    reason = obstacle(port)
    if reason:
        raise Problem(f"Port {port} {reason}.", remedy=f"Choose another: {name}={_next(port)} python3 run.py")
    return port


def _next(port: int) -> int:
    """A port near the occupied one that is free, easy to remember."""
    start = port + 1 if port >= 1024 else 8000
    return next((near for near in range(start, min(start + 50, 65536)) if not obstacle(near)), 0) or free()
