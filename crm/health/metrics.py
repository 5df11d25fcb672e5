"""The figures of the installation, in the form that Prometheus reads. No ids, no names, no words of anybody.

How long requests and jobs took is counted by every process for itself, into files that all of them share; whoever is
asked adds them up. What stands in the database is asked for when somebody wants to know it.
"""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, g, request

import config
from crm.core.access import SYSTEM, looking_as
from crm.core.heartbeat import signs
from crm.health import queries

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
EDGES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_HELD = "metrics"
_BEGAN = "metrics_began"


class Durations:
    """How long requests and jobs take."""

    def __init__(self, folder: Path) -> None:
        _make_room(folder)
        config.share_metrics(folder)
        from prometheus_client import CollectorRegistry, Histogram  # it looks for the folder when it is first imported

        nowhere = CollectorRegistry()  # the shared files are read, never this
        self.folder = folder
        self.requests = Histogram(
            "demarche_request_seconds", "How long requests took.", ["endpoint", "method", "status"], buckets=EDGES,
            registry=nowhere,
        )  # fmt: skip
        self.jobs = Histogram(
            "demarche_job_seconds", "How long jobs took.", ["job", "outcome"], buckets=EDGES, registry=nowhere
        )


def _make_room(folder: Path) -> None:
    """Counting begins anew when nobody is left who counts: what is of dead processes then goes, all of it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    kept = list(folder.glob("*.db"))
    if not any(_lives(one.stem.rpartition("_")[2]) for one in kept):
        for one in kept:
            one.unlink(missing_ok=True)


def _lives(number: str) -> bool:
    try:
        os.kill(int(number), 0)
    except (ValueError, ProcessLookupError):
        return False
    except OSError:
        return True
    return True


_shared: dict[Path, Durations] = {}


def register(app: Flask) -> None:
    """Count what an application does, where its settings want figures; else nothing is done at all."""
    settings: config.Settings = app.extensions["settings"]
    if not settings.metrics_token:
        return
    folder = settings.var_dir / "metrics"
    if folder not in _shared:
        _shared[folder] = Durations(folder)
    app.extensions[_HELD] = _shared[folder]

    @app.before_request
    def begin() -> None:
        g.setdefault(_BEGAN, time.monotonic())

    @app.after_request
    def count(response: Response) -> Response:
        if began := g.get(_BEGAN):
            labels = (request.endpoint or "none", _method(request.method), str(response.status_code))
            _shared[folder].requests.labels(*labels).observe(time.monotonic() - began)
        return response


def _method(name: str) -> str:
    """Methods that there are; whatever else somebody sends is counted together."""
    return name if name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"


def count_job(app: Flask, job: str, outcome: str, seconds: float) -> None:
    """Count one job, where figures are wanted."""
    durations: Durations | None = app.extensions.get(_HELD)
    if durations:
        durations.jobs.labels(job, outcome).observe(seconds)


def may_read() -> bool:
    """Whether whoever asks brings the token of the settings."""
    settings: config.Settings = current_app.extensions["settings"]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    known = settings.metrics_token
    return bool(known) and scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), known.encode())


def written() -> bytes:
    """All figures of this moment. Looks as the system: they are counts of everybody's."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    durations: Durations = current_app.extensions[_HELD]
    durations.folder.mkdir(parents=True, exist_ok=True)
    MultiProcessCollector(registry, path=str(durations.folder))  # type: ignore[no-untyped-call]
    registry.register(_Database())
    with looking_as(SYSTEM):
        return generate_latest(registry)


class _Database:
    """What the database says now."""

    def collect(self) -> Iterable[Any]:
        """Each figure once."""
        checks = queries.checks()
        yield _gauge(
            "demarche_check_good", "Whether a part does its work.", "check", ((x.name, x.good) for x in checks)
        )
        if not checks[0].good:
            return
        found = queries.figures()
        yield _gauge("demarche_outbox_mails", "Mails that are not through.", "state", found.mails.items())
        yield _gauge("demarche_outbox_undecided", "Mails on which somebody has to decide.", "", [("", found.undecided)])
        yield _gauge("demarche_outbox_oldest_seconds", "Age of the oldest due mail.", "", [("", found.oldest_mail)])
        yield _gauge("demarche_mail_paused", "Whether mail is paused.", "", [("", found.paused)])
        yield _gauge("demarche_reminders_late_seconds", "How late the planning is.", "kind", found.planning.items())
        yield _gauge("demarche_sessions", "Sessions that are open.", "", [("", found.sessions)])
        ages = ((part.value, sign.age.total_seconds()) for part, sign in signs().items())
        yield _gauge("demarche_sign_of_life_seconds", "Age of the last sign of life.", "part", ages)

    def describe(self) -> Iterator[Any]:
        """Nothing is known beforehand."""
        return iter(())


def _gauge(name: str, words: str, label: str, values: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(name, words, labels=[label] if label else [])
    for value, number in values:
        family.add_metric([value] if label else [], float(number))
    return family
