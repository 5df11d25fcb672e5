"""Floor 8: the house is put together here: doors, events, timeline and commands."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flask import Flask
from flask_compress import Compress
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from crm import install, wiring
from crm.accounts import provider, signin
from crm.accounts.factors import views as factors
from crm.backup import cli as backups
from crm.core import access, clock, display, jobs, logs, steps, wall, web  # noqa: F401 - the wall stands by being there
from crm.core.db import db
from crm.core.places import Place
from crm.core.steps import Steps
from crm.health import metrics

PACKAGES = (
    "audit",
    "mail",
    "states",
    "accounts",
    "reach",
    "accounts.factors",
    "people",
    "people.met",
    "meetings",
    "positions",
    "activities",
    "activities.appointments",
    "activities.attachments",
    "activities.course",
    "activities.margins",
    "followups",
    "followups.reminding",
    "followups.cadence",
    "followups.waiting",
    "followups.plans",
    "letters",
    "sharing",
    "capture",
    "instructions",
    "instructions.tasks",
    "imports",
    "calendar",
    "search",
    "pins",
    "briefs",
    "lists",
    "lists.files",
    "lists.bulk",
    "lists.palette",
    "drafts",
    "home",
    "health",
    "sample",
)

PLACES = [
    Place("Today", "home.today", "home"),
    Place("States", "states.index", "world", "main", "states:read"),
    Place("Activities", "activities.index", "messages", "main", "activities:read"),
    Place("Follow-ups", "followups.index", "clipboard-check", "main", "followups:read"),
    Place("Instructions", "instructions.index", "flag", "main", "instructions:read"),
    Place("Letters", "letters.index", "mail", "main", "letters:read"),
    Place("Obstacles", "positions.index", "route", "main", "positions:read"),
    Place("People and posts", "people.index", "users", "main", "people:read", short="People", rooms=("met",)),
    Place("Meetings", "meetings.index", "calendar", "main", "meetings:read"),
    Place("Waiting for an answer", "waiting.index", "hourglass", "aside", "followups:read"),
    Place("Plans", "plans.index", "route", "aside", "followups:read"),
    Place("Silence", "cadence.index", "clock", "aside", "followups:read"),
    Place("Talks in the margins", "margins.index", "table", "aside", "activities:create"),
    Place("Go to", "palette.index", "search", "aside", "states:read"),
    Place("Saved views", "lists.index", "table", "aside", "activities:read"),
    Place("My drafts", "drafts.index", "pencil", "aside", "activities:create"),
    Place("Waiting room", "capture.index", "inbox", "aside", "activities:create"),
    Place("Sharing", "sharing.index", "heart-handshake", "aside", "own:read"),
    Place("Missions", "reach.missions", "building-bank", "aside", "missions:read"),
    Place("Restricted States", "reach.restricted", "lock", "house", "restricted:write"),
    Place("Emergency access", "reach.emergencies", "alert-triangle", "aside", "own:read"),
    Place("Import a spreadsheet", "imports.index", "upload", "aside", "activities:import"),
    Place("Import acts", "states.imports", "upload", "house", "treaty:import"),
    Place("Outbox", "mail.outbox", "send", "house", "outbox:read"),
    Place("Audit", "audit.index", "list-check", "house", "audit:read"),
    Place("Health", "health.page", "heart-handshake", "house", "health:read"),
    Place("Accounts", "accounts.directory", "users", "house", "party:accounts"),
    Place("Sample", "sample.page", "tag", "house", "sample:remove"),
    Place("Mailbox", "mail.mailbox", "inbox", "aside", None),
]


def create_app(settings: config.Settings | None = None) -> Flask:
    """Build the application from checked settings (default: from the environment)."""
    settings = settings or config.load()
    clock.set_shift(settings.clock_shift)
    logs.set_up(settings)
    app = Flask(__name__, template_folder=str(config.ROOT / "templates"), static_folder=str(config.ROOT / "static"))
    app.config.from_mapping(_flask_settings(settings))
    app.extensions["settings"] = settings
    app.extensions["celery"] = jobs.make_celery(settings.redis_url)
    db.init_app(app)
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True, compare_type=True)
    Compress(app)
    web.register(app, signin.load_viewer, PLACES)
    steps.connect(app, Steps(standing=signin.standing, ask_again=factors.ask_again))
    signin.register(app)
    provider.register(app)
    metrics.register(app)
    _open_doors(app)
    install.register(app)
    backups.register(app)
    wiring.connect(app)
    display.teach(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    missing = access.tables_without_rule()
    if missing:
        raise RuntimeError(f"no rule says who may see: {', '.join(missing)}")
    return app


def _flask_settings(settings: config.Settings) -> dict[str, Any]:
    # What was written must not stand in a log because a statement failed.
    engine: dict[str, Any] = {"hide_parameters": True}
    if not settings.database_url.startswith("sqlite"):
        engine |= {"pool_pre_ping": True, "pool_size": 4}
    testing = settings.environment == "testing"
    quick = {"argon2__time_cost": 1, "argon2__memory_cost": 1024} if testing else {}
    return {
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": quick,
        "SECRET_KEY": settings.secret_key,
        "TESTING": testing,
        "RAISE_ERRORS": testing,
        "TREATY": settings.treaty,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine,
        "SESSION_COOKIE_NAME": _cookie_name(settings.public_url),
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 5,
        "COMPRESS_MIMETYPES": [
            "text/html",
            "text/css",
            "text/javascript",
            "text/csv",
            "image/svg+xml",
            "application/json",
        ],
        "MAX_CONTENT_LENGTH": 16 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _cookie_name(public_url: str) -> str:
    """Cookies ignore ports: two installations on one host need two names."""
    port = public_url.rpartition(":")[2]
    return f"demarche_{port}" if port.isdigit() else "demarche"


def _open_doors(app: Flask) -> None:
    """Register what each package has of pages (`views.pages`), JSON door (`api.api`) and commands (`cli.group`)."""
    for package in PACKAGES:
        for module, name in (("views", "pages"), ("api", "api"), ("cli", "group")):
            path = f"crm.{package}.{module}"
            if find_spec(path) is None:
                continue
            door = getattr(import_module(path), name)
            app.cli.add_command(door) if module == "cli" else app.register_blueprint(door)
