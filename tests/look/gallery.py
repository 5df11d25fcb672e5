"""A tiny application that shows every building block with true-to-life content, under the strict policy."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, flash, g, render_template, request, url_for
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from jinja2 import ChoiceLoader, FileSystemLoader
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from crm.core import handed_back
from crm.core.lists import same_page

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 23)
LABELS = {
    "state_party": "State Party",
    "signatory": "Signatory",
    "non_signatory": "Non-signatory",
    "withdrawn": "Withdrawn",
}
STATES = (
    ("LAO", "Lao People’s Democratic Republic", "state_party", -12),
    ("LBN", "Lebanon", "state_party", 0),
    ("VNM", "Viet Nam", "non_signatory", 1),
    ("CYP", "Cyprus", "signatory", 5),
    ("KEN", "Kenya", "signatory", 60),
    ("LTU", "Lithuania", "withdrawn", 400),
    ("CIV", "Côte d’Ivoire", "state_party", -1),
    ("TUR", "Türkiye", "non_signatory", 7),
)


TYPED = [
    ("state_iso3", "MNG"),
    ("reply", "They will write.\n\nIn December."),
    ("obstacle", "human_resources"),
    ("paper_refused", "y"),
    ("next_action_owner_id", "45a3ff7b-39e2-4e7c-ac7e-281a47526bce"),
    ("place", ""),
]


def choices(**labels: str) -> list[SelectChoice]:
    """Choices of a field from codes and labels."""
    return [SelectChoice(code, label) for code, label in labels.items()]


class Receiving(FlaskForm):
    """Fields inside a field."""

    ministry = StringField("Ministry", [InputRequired("Say which ministry received you.")])


class VisitForm(FlaskForm):
    """One field of every sort."""

    version = HiddenField()
    kind = RadioField("What was it?", choices=choices(visit="Visit in the capital", demarche="Démarche"))
    state = StringField("State", [InputRequired("Say which State this was about.")], description="Three letters do.")
    day = DateField("Date", [InputRequired("Give the day of the visit.")])
    whom = StringField("Whom did you meet?", [Optional()])
    reply = TextAreaField("What came back?", [InputRequired("Say what came back.")])
    obstacles = SelectMultipleField(
        "Obstacles named",
        [Optional()],
        choices=choices(security="Security", finance="Finance"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    handling = SelectField("Who may see this", choices=choices(originator="Our own party", states="All States"))
    cost = IntegerField("Cost estimate", [Optional()])
    paper = FileField("Paper left behind", [Optional()])
    written = BooleanField("The ministry asked for it in writing", description="A follow-up is made for you.")
    receiving = FormField(Receiving, "Receiving side")


class Filters(FlaskForm):
    """A search box, three filters in the open, one behind a fold."""

    q = StringField("Search")
    status = SelectField("Status", choices=[SelectChoice("", "Any status"), *choices(**LABELS)])
    region = SelectField("Region", choices=[SelectChoice("", "All regions"), *choices(africa="Africa")])
    stage = SelectField("Stage", choices=[SelectChoice("", "Any stage")])
    since = DateField("No contact since", [Optional()])


@dataclass(frozen=True)
class Row:
    """A State in a list."""

    iso3: str
    name: str
    status: str
    status_label: str
    due: date
    column: int = 0
    row: int = 0
    href: str = "#"


def rows() -> list[Row]:
    """The States of the lists and of the map."""
    return [
        Row(
            iso3,
            name,
            status,
            LABELS[status],
            TODAY + timedelta(days),
            index % 4 * 7,
            index // 4,
            f"/?state={iso3}",
        )
        for index, (iso3, name, status, days) in enumerate(STATES)
    ]


def moments() -> list[Any]:
    """Entries of a timeline: of every tone, as mapping and as object, with and without the optional parts."""
    return [
        {
            "tone": "overdue",
            "date": date(2026, 11, 11),
            "date_text": "11 November 2026",
            "title": "Send the cost estimate",
            "icon": "clock",
        },
        {"tone": "upcoming", "date": TODAY, "date_text": "23 November 2026", "title": "Ring Vientiane"},
        {"tone": "upcoming", "date_text": "2 December 2026", "title": "Call on the Director", "href": "#"},
        SimpleNamespace(
            tone="past",
            date_text="6 November 2026",
            title="Talk in the margins of the First Committee",
            href="#",
            body="The draft law has been with the Ministry of Defence since June.",
            meta=["New York", "Director level"],
            icon="messages",
            anchor="talk",
            sample=True,
        ),
        {"tone": "past", "date_text": "3 December 2008", "title": "Signed the Convention", "meta": "Act"},
    ]


def navigation() -> list[SimpleNamespace]:
    """The places as the application gives them."""
    main = [("Today", "/", "home"), ("States", "/states", "world"), ("Activities", "/log", "messages")]
    main += [("Follow-ups", "/follow-ups", "clipboard-check"), ("Letters", "/letters", "mail")]
    places = [
        SimpleNamespace(label=label, href=href, icon=icon, group="main", current=href == request.path)
        for label, href, icon in main
    ]
    return [
        *places,
        SimpleNamespace(label="Mailbox", href="/mail", icon="inbox", group="aside", current=False),
    ]


def make_gallery() -> Flask:
    """The application; `/bare` is the layout with nothing given, `/work` a piece of long work."""
    app = Flask(__name__, static_folder=str(ROOT / "static"), static_url_path="/static")
    app.config.update(SECRET_KEY="only for the gallery", WTF_CSRF_ENABLED=False)
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(Path(__file__).parent / "pages"), FileSystemLoader(ROOT / "templates")]
    )
    app.jinja_env.globals.update(
        same_page=same_page,
        asset_url=lambda name: url_for("static", filename=name, v="1"),
        csp_nonce=lambda: g.nonce,
        csrf_token=generate_csrf,
        navigation=navigation,
    )
    app.context_processor(_common)
    app.before_request(_choose_nonce)
    app.after_request(_strict)
    _add_pages(app)
    return app


def _common() -> dict[str, Any]:
    viewer = SimpleNamespace(name="Linh Sihavong", party_name="Embassy in Vienna", role_label="Mission officer")
    known = {"viewer": viewer, "log_href": "/log/new", "account_href": "/account", "sample_present": True}
    return {} if request.path == "/bare" else {**known, "text_direction": request.args.get("dir")}


def _choose_nonce() -> None:
    g.nonce = secrets.token_urlsafe(8)


def _strict(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' 'nonce-{g.nonce}'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


def _add_pages(app: Flask) -> None:
    asked = {"times": 0}

    @app.get("/")
    def blocks() -> str:
        flash({"text": "Visit logged.", "undo_href": "/undo"}, "success")
        flash("Three rows were not imported.", "warning")
        return render_template("blocks.html", rows=rows(), moments=moments(), today=TODAY)

    @app.get("/states")
    def states() -> str:
        page = SimpleNamespace(next_url="?after=x", prev_url=None, count_label="8 shown", extra={"sort": "name"})
        form = Filters(request.args, meta={"csrf": False})
        return render_template("states.html", rows=rows(), form=form, page=page, today=TODAY)

    @app.route("/form", methods=["GET", "POST"])
    def form() -> str:
        visit = VisitForm()
        visit.validate_on_submit()
        return render_template("form.html", form=visit)

    @app.get("/work")
    def work() -> str:
        asked["times"] = 0  # whoever looked at this page before may have asked
        return render_template("work.html", done=0, polling=True)

    @app.get("/work/now")
    def work_now() -> str:
        asked["times"] += 1
        return render_template("work_now.html", done=asked["times"] * 40, polling=asked["times"] < 2)

    @app.get("/bare")
    def bare() -> str:
        return render_template("bare.html")

    @app.post("/sign-in/and-go-on", endpoint="accounts.sign_in_and_go_on")
    def going_on() -> str:
        return ""

    @app.get("/plain", endpoint="security.login")
    def plain() -> str:
        return render_template("plain.html", form=VisitForm())

    @app.get("/errors/<name>")
    def errors(name: str) -> str:
        status = int(name) if name.isdigit() else 401
        if name == "signed_out":
            return handed_back.page(TYPED, "/form", status=status)
        return render_template(f"errors/{name}.html", status=status, message="Why.")
