"""Becomes another program, of another user if need be, that hears signals as if a person had started it.

A script of its own, never imported: `python tether.py PARENT SIGNAL UID COMMAND…`. Where the system offers
it, the program gets SIGNAL when the process PARENT dies. UID -1 keeps the user; any other gives up all
rights but those of that user and group first.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import NoReturn

PR_SET_PDEATHSIG = 1
COMMON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def main(arguments: list[str]) -> NoReturn:
    parent, ending, uid = (int(word) for word in arguments[:3])
    command = arguments[3:]
    for number in COMMON:  # a shell may have started us with some of them ignored, and that is inherited
        signal.signal(number, signal.SIG_DFL)
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    if uid >= 0:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    if library is not None:
        library.prctl(PR_SET_PDEATHSIG, ending, 0, 0, 0)  # after the change of user, which would clear it
    if os.getppid() != parent:  # the parent was quicker to die than we to ask
        sys.exit(1)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
