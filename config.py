"""Every setting of Demarche and the only reader of the environment.

`docs/operations.md` lists each name with its meaning; a test keeps the two equal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
ENVIRONMENTS = ("development", "testing", "production")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
REMINDER_DETAILS = ("neutral", "no_state", "full")
HANDLINGS = ("public", "community", "states", "coordination", "originator")
CALENDAR_DETAILS = ("neutral", "state", "full")
LOG_FORMATS = ("text", "json")


class SettingError(ValueError):
    """A setting is missing or cannot be understood; the message names it."""


@dataclass(frozen=True)
class Settings:
    """The settings of one process, checked once at the start.

    Times are seconds unless the name says otherwise.
    """

    environment: str = "development"
    var_dir: Path = ROOT / "var"
    data_dir: Path = ROOT / "data"
    database_url: str = ""
    redis_url: str = "redis://127.0.0.1:6379/0"
    secret_key: str = field(default="", repr=False)
    public_url: str = "http://localhost:8000"
    smtp_url: str = field(default="smtp://127.0.0.1:1025", repr=False)
    mail_from: str = "Demarche <demarche@localhost>"
    mail_catcher_dir: Path | None = None
    reminder_detail: str = "neutral"
    silence_days: int = 365
    answer_letter_days: tuple[int, int, int] = (30, 60, 120)
    answer_questionnaire_days: tuple[int, int, int] = (21, 45, 90)
    answer_demarche_days: tuple[int, int, int] = (14, 30, 60)
    answer_promise_days: tuple[int, int, int] = (7, 30, 60)
    answer_other_days: tuple[int, int, int] = (14, 30, 90)
    calendar_detail: str = "full"
    treaty: str = "ccm"
    handling_ceiling: str = "originator"
    reference_only_marks: frozenset[str] = frozenset()
    import_most_bytes: int = 64 * 1024 * 1024
    import_most_rows: int = 1_000_000
    clock_shift: int = 0
    trusted_proxies: int = 0
    sample_needs_second_factor: bool = False
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_label: str = "Sign in with your organisation"
    oidc_factors: frozenset[str] = frozenset()
    trusted_hosts: tuple[str, ...] = ()
    draft_days: int = 90
    instruction_remind_before_days: int = 3
    instruction_remind_after_days: int = 1
    capture_address: str = ""
    capture_listen: str = "127.0.0.1:2424"
    capture_trusts: str = ""
    waiting_days: int = 30
    invitations_a_day: int = 100
    log_format: str = "text"
    metrics_token: str = field(default="", repr=False)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names under which a request may ask for this site, without ports."""
        own = (urlsplit(self.public_url).hostname or "", *self.trusted_hosts)
        return own if self.environment == "production" else (*own, *LOOPBACK)

    @property
    def secure(self) -> bool:
        """Whether readers reach the site over TLS."""
        return urlsplit(self.public_url).scheme == "https"


def _number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SettingError(f"{name} must be a whole number, not {text!r}.") from None


def _days(name: str, text: str) -> int:
    days = _number(name, text)
    if days < 1:
        raise SettingError(f"{name} must be at least 1.")
    return days


def _silence(text: str) -> int:
    """The days of silence after which a task is raised, 0 for never."""
    days = _number("SILENCE_DAYS", text)
    if days < 0:
        raise SettingError("SILENCE_DAYS must be at least 0.")
    return days


def _invitations(text: str) -> int:
    """The mails a day to people without an account, 0 for none."""
    most = _number("INVITATIONS_A_DAY", text)
    if most < 0:
        raise SettingError("INVITATIONS_A_DAY must be at least 0.")
    return most


def _ages(name: str, text: str) -> tuple[int, int, int]:
    """After how many days something that waits is no longer fresh, getting old, and silent."""
    days = [_days(name, one.strip()) for one in text.split(",")]
    if len(days) != 3 or days != sorted(set(days)):
        raise SettingError(f"{name} must be three rising numbers of days such as 30,60,120, not {text!r}.")
    return days[0], days[1], days[2]


def _answers(env: Mapping[str, str]) -> dict[str, Any]:
    """How old what waits for an answer becomes, for each kind of it."""
    told = {
        "letter": env.get("ANSWER_LETTER_DAYS"),
        "questionnaire": env.get("ANSWER_QUESTIONNAIRE_DAYS"),
        "demarche": env.get("ANSWER_DEMARCHE_DAYS"),
        "promise": env.get("ANSWER_PROMISE_DAYS"),
        "other": env.get("ANSWER_OTHER_DAYS"),
    }
    return {f"answer_{one}_days": _ages(f"ANSWER_{one.upper()}_DAYS", text) for one, text in told.items() if text}


def _reminding(env: Mapping[str, str]) -> dict[str, Any]:
    """The days on which missions are reminded of instructions, those of silence, of States and of answers, and how many
    are invited a day.
    """
    before, after = Settings.instruction_remind_before_days, Settings.instruction_remind_after_days
    return {
        "invitations_a_day": _invitations(env.get("INVITATIONS_A_DAY", str(Settings.invitations_a_day))),
        "silence_days": _silence(env.get("SILENCE_DAYS", str(Settings.silence_days))),
        "instruction_remind_before_days": _days(
            "INSTRUCTION_REMIND_BEFORE_DAYS", env.get("INSTRUCTION_REMIND_BEFORE_DAYS", str(before))
        ),
        "instruction_remind_after_days": _days(
            "INSTRUCTION_REMIND_AFTER_DAYS", env.get("INSTRUCTION_REMIND_AFTER_DAYS", str(after))
        ),
        **_answers(env),
    }


def _capture(env: Mapping[str, str]) -> dict[str, Any]:
    """The settings of incoming mail, and how long what is unfinished is kept."""
    return {
        "capture_address": _capture_address(env.get("CAPTURE_ADDRESS", "").strip()),
        "capture_listen": _listening(env.get("CAPTURE_LISTEN", "") or Settings.capture_listen),
        "capture_trusts": env.get("CAPTURE_TRUSTS", "").strip(),
        "draft_days": _days("DRAFT_DAYS", env.get("DRAFT_DAYS", str(Settings.draft_days))),
        "waiting_days": _days("WAITING_DAYS", env.get("WAITING_DAYS", str(Settings.waiting_days))),
    }


def _capture_address(text: str) -> str:
    """An address to which a secret part can be added behind its name, or nothing."""
    name, _, domain = text.partition("@")
    if text and (not name or not domain or "+" in name or "@" in domain or len(name) > 30):
        raise SettingError("CAPTURE_ADDRESS must be an address such as log@demarche.example.org.")
    return text.lower()


def _listening(text: str) -> str:
    """Host and port of a listener."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise SettingError(f"CAPTURE_LISTEN must be a host and a port such as 127.0.0.1:2424, not {text!r}.")
    return text


def _watched(env: Mapping[str, str], environment: str) -> dict[str, Any]:
    """The settings of logs and metrics."""
    usual = "json" if environment == "production" else "text"
    return {
        "log_format": _chosen(env, "LOG_FORMAT", usual, LOG_FORMATS),
        "metrics_token": _metrics_token(env.get("METRICS_TOKEN", "")),
    }


def _metrics_token(text: str) -> str:
    """Nothing, or a secret that nobody guesses."""
    if text and (len(text) < 24 or not text.isascii() or not text.isprintable()):
        raise SettingError("METRICS_TOKEN must have at least 24 plain characters; leave it out to have no metrics.")
    return text


def share_metrics(folder: Path) -> None:
    """Tell the library that counts, before it is imported, where the processes of this machine add up."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _names(text: str) -> tuple[str, ...]:
    return tuple(one.strip().lower() for one in text.split(",") if one.strip())


def _marks(text: str) -> frozenset[str]:
    return frozenset(one.strip() for one in text.split(",") if one.strip())


def _choice(name: str, text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise SettingError(f"{name} must be one of {', '.join(allowed)}, not {text!r}.")
    return text


def _chosen(env: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    return _choice(name, env.get(name, default), allowed)


def _database_url(given: str, var_dir: Path) -> str:
    """The given address, psycopg 3 named for PostgreSQL, or the embedded SQLite file."""
    if not given:
        return f"sqlite:///{var_dir / 'demarche.sqlite3'}"
    scheme, _, rest = given.partition("://")
    if scheme in ("postgres", "postgresql"):
        return f"postgresql+psycopg://{rest}"
    if scheme.partition("+")[0] not in ("postgresql", "sqlite"):
        raise SettingError("DATABASE_URL must begin with postgresql:// or sqlite:///, or be left out.")
    return given


def _public_url(text: str) -> str:
    if urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname:
        raise SettingError(f"PUBLIC_URL must be the http:// or https:// address that readers type, not {text!r}.")
    return text.rstrip("/")


def load_or_end() -> Settings:
    """The same for a process that is about to start: what is wrong ends it with one sentence."""
    try:
        return load()
    except SettingError as error:
        sys.exit(f"Demarche does not start. {error} docs/operations.md explains every setting.")


def load(environ: dict[str, str] | None = None) -> Settings:
    """Read and check the settings; raises SettingError naming the first that is wrong."""
    env = dict(os.environ if environ is None else environ)
    environment = _choice("DEMARCHE_ENV", environment_of(env), ENVIRONMENTS)
    var_dir = Path(env.get("VAR_DIR") or ROOT / "var").resolve()
    catcher = env.get("MAIL_CATCHER_DIR", "")
    port = env.get("PORT", "8000")
    settings = Settings(
        environment=environment,
        var_dir=var_dir,
        database_url=_database_url(env.get("DATABASE_URL", ""), var_dir),
        redis_url=env.get("REDIS_URL", Settings.redis_url),
        secret_key=env.get("SECRET_KEY", "") or _stored_secret(var_dir),
        public_url=_public_url(env.get("PUBLIC_URL") or f"http://localhost:{port}"),
        smtp_url=env.get("SMTP_URL", Settings.smtp_url),
        mail_from=env.get("MAIL_FROM", Settings.mail_from),
        mail_catcher_dir=Path(catcher).resolve() if catcher else None,
        reminder_detail=_chosen(env, "REMINDER_DETAIL", Settings.reminder_detail, REMINDER_DETAILS),
        calendar_detail=_chosen(env, "CALENDAR_DETAIL", Settings.calendar_detail, CALENDAR_DETAILS),
        treaty=env.get("TREATY", Settings.treaty),
        handling_ceiling=_chosen(env, "HANDLING_CEILING", Settings.handling_ceiling, HANDLINGS),
        reference_only_marks=_marks(env.get("REFERENCE_ONLY_MARKS", "")),
        import_most_bytes=_number("IMPORT_MOST_MEGABYTES", env.get("IMPORT_MOST_MEGABYTES", "64")) * 1024 * 1024,
        import_most_rows=_number("IMPORT_MOST_ROWS", env.get("IMPORT_MOST_ROWS", "1000000")),
        clock_shift=_number("CLOCK_SHIFT", env.get("CLOCK_SHIFT", "0")),
        trusted_proxies=_number("TRUSTED_PROXIES", env.get("TRUSTED_PROXIES", "0")),
        sample_needs_second_factor=_chosen(env, "SAMPLE_NEEDS_SECOND_FACTOR", "0", ("0", "1")) == "1",
        oidc_issuer=env.get("OIDC_ISSUER", ""),
        oidc_client_id=env.get("OIDC_CLIENT_ID", ""),
        oidc_client_secret=env.get("OIDC_CLIENT_SECRET", ""),
        oidc_label=env.get("OIDC_LABEL", "") or Settings.oidc_label,
        oidc_factors=frozenset(env.get("OIDC_FACTORS", "").replace(",", " ").split()),
        trusted_hosts=_names(env.get("TRUSTED_HOSTS", "")),
        **_reminding(env),
        **_capture(env),
        **_watched(env, environment),
    )
    _refuse_half_a_provider(settings)
    _refuse_unsafe(settings)
    if settings.environment == "production" and not env.get("SMTP_URL"):
        raise SettingError("SMTP_URL must be set in production: smtp://user:password@host:587")
    return settings


def environment_of(env: Mapping[str, str]) -> str:
    """Whoever sets a secret of their own means it: production, unless they say otherwise."""
    return env.get("DEMARCHE_ENV") or ("production" if env.get("SECRET_KEY") else "development")


def _stored_secret(var_dir: Path) -> str:
    """The secret that the set-up wrote, for commands typed by hand beside a running installation."""
    kept = var_dir / "secret_key"
    return kept.read_text(encoding="utf-8").strip() if kept.is_file() else ""


def _refuse_half_a_provider(settings: Settings) -> None:
    if not settings.oidc_issuer:
        return
    if not (settings.oidc_client_id and settings.oidc_client_secret):
        raise SettingError("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, as the provider gave them out.")
    if urlsplit(settings.oidc_issuer).scheme not in ("http", "https"):
        raise SettingError("OIDC_ISSUER must be the https:// address by which the provider calls itself.")


def _refuse_unsafe(settings: Settings) -> None:
    if settings.environment != "production":
        return
    if len(settings.secret_key) < 32:
        raise SettingError("SECRET_KEY must be set in production, at least 32 characters long.")
    if not settings.secure:
        raise SettingError(
            "PUBLIC_URL must be the https:// address that readers type: without TLS, sessions can be stolen. "
            "To try things out on one machine set DEMARCHE_ENV=development."
        )
    if settings.oidc_issuer and urlsplit(settings.oidc_issuer).scheme != "https":
        raise SettingError("OIDC_ISSUER must begin with https:// in production.")
    if settings.clock_shift:
        raise SettingError("CLOCK_SHIFT is for rehearsals and must not be set in production.")
    if settings.mail_catcher_dir:
        raise SettingError("MAIL_CATCHER_DIR is for sample installations and must not be set in production.")
