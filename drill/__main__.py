"""`python3 run.py drill [--scale short|full] [--database sqlite|postgresql|both] [--seed N]`."""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
from collections.abc import Sequence

from drill import course, faults
from drill.course import Result

BOTH = ("sqlite", "postgresql")


def main(arguments: Sequence[str]) -> int:
    """Run it; 0 when every promise was kept. The last line sums it up."""
    parser = argparse.ArgumentParser("python3 run.py drill", description="Break the parts and look what is lost.")
    parser.add_argument("--scale", choices=sorted(faults.SCALES), default="short")
    parser.add_argument("--database", choices=(*BOTH, "both"), default="both")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--reminders", type=int, default=0, help="so many on each database instead of the scale's")
    chosen = parser.parse_args(arguments)
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors")
    more = f" --reminders {chosen.reminders}" if chosen.reminders else ""
    print(f"--scale {chosen.scale} --database {chosen.database} --seed {chosen.seed}{more}", flush=True)
    results = []
    for database in BOTH if chosen.database == "both" else (chosen.database,):
        phases = faults.timetable(chosen.scale, database, chosen.seed, chosen.reminders)
        print(f"\n{database}: {faults.told(phases)}", flush=True)
        results.append(course.run(phases, database, chosen.seed, lambda line: print(f"· {line}", flush=True)))
        _report(results[-1])
    print(
        faults.summary(
            sum(one.reminders for one in results),
            sum(one.kills for one in results),
            sum(len(one.findings.lost) + len(one.findings.forgotten) for one in results),
            sum(len(one.findings.duplicates) + len(one.findings.doubled) for one in results),
            max(one.recovery.total_seconds() for one in results),
        )
    )
    return 0 if all(one.good for one in results) else 1


def _report(result: Result) -> None:
    """What was done and what was found, one line each."""
    print(f"{result.database}: " + ", ".join(f"{fault} ×{number}" for fault, number in sorted(result.done.items())))
    for fault, why in result.left_out.items():
        print(f"left out: {fault}, {why}")
    unanswered = ", ".join(f"{name} ×{number}" for name, number in sorted(result.unanswered.items()))
    print(f"requests without an answer that were repeated under their key: {unanswered or 'none'}")
    revived = ", ".join(f"{name} ×{number}" for name, number in sorted(result.revived.items()))
    print(f"ended by themselves and started again: {revived or 'none'}")
    print(f"second copies after an attempt of unknown outcome: {result.findings.explained}")
    for promise, told in result.findings.broken().items():
        print(f"BROKEN, {promise}: {len(told)}")
        for line in told[:20]:
            print(f"  {line}")
    for line in result.trouble[:20]:
        print(f"TROUBLE {line}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
