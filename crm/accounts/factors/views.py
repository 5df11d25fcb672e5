"""Pages about second factors: one's own, the second step of signing in, and the page that asks again."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import segno
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from crm.accounts import signin
from crm.accounts.factors import ceremonies, here, queries, service
from crm.accounts.factors.forms import AppForm, ConfirmForm, NameForm, PasskeyForm, PasskeyProofForm, StepForm
from crm.accounts.here import with_this_key
from crm.accounts.queries import owes_factor
from crm.core import access, doors
from crm.core.errors import NotFound, RuleViolation
from crm.core.routes import fresh, open_while, public, requires, signed_in
from crm.core.steps import Due

pages = Blueprint("factors", __name__)

_PROOF = "proof-"
"""Before the names of the fields of the page that asks again: beside them travel those of the form it came from."""


@pages.get("/account/factors")
@open_while(Due.ENROLMENT)
@signed_in
def index() -> Any:
    """My second factors and how many recovery codes are left."""
    user = here.owner()
    return render_template(
        "accounts/factors/index.html",
        factors=queries.factors_of(user),
        left=queries.codes_left(user.id),
        owes=owes_factor(user),
        user=user,
        passkeys_work=ceremonies.site() is not None,
    )


@pages.route("/account/factors/app", methods=["GET", "POST"])
@fresh
@open_while(Due.ENROLMENT)
@signed_in
def add_app() -> Any:
    """Set up an authenticator app."""
    form, user = AppForm(), here.owner()
    sent = doors.submit(form, here.add_app)
    if sent.done:
        return _added(sent.answer)
    setup = service.setup_again(user, form.setup.data or "") or service.new_setup(user)
    form.accept("setup", setup.sealed)
    picture = segno.make(setup.uri, micro=False).svg_inline(scale=4, border=4, light="#fff")
    return render_template("accounts/factors/app.html", form=form, setup=setup, picture=picture), sent.status


@pages.route("/account/factors/passkey", methods=["GET", "POST"])
@fresh
@open_while(Due.ENROLMENT)
@signed_in
def add_passkey() -> Any:
    """Add a passkey."""
    if ceremonies.site() is None:
        raise NotFound("no passkeys here")
    form = PasskeyForm()
    sent = doors.submit(form, here.add_passkey)
    if sent.done:
        return _added(sent.answer)
    for name in ("ceremony", "credential"):
        form.accept(name, "")
    return render_template("accounts/factors/passkey.html", form=form), sent.status


def _added(added: service.Added) -> Any:
    """The recovery codes that came with the first factor, this once; else back to the list."""
    if added.codes:
        return _codes(added.codes, access.viewer().user_id is None)
    return doors.said("The second factor is added.", url_for("factors.index"))


def _codes(codes: tuple[str, ...] | list[str], entering: bool) -> Any:
    return render_template("accounts/factors/codes.html", codes=codes, entering=entering)


@pages.route("/account/factors/<uuid:factor_id>/name", methods=["GET", "POST"])
@signed_in
def rename(factor_id: UUID) -> Any:
    """Call a factor something else."""
    factor = next((one for one in queries.factors_of(here.owner()) if one.id == factor_id), None)
    if factor is None:
        raise NotFound("no such factor")
    form = NameForm(data={"name": factor.name})
    sent = doors.submit(form, partial(service.rename, actor=access.viewer(), factor_id=factor_id))
    if sent.done:
        return doors.said("The name is changed.", url_for("factors.index"))
    return render_template("accounts/factors/name.html", form=form, factor=factor), sent.status


@pages.post("/account/factors/<uuid:factor_id>/remove")
@fresh
@signed_in
def remove(factor_id: UUID) -> Any:
    """Take a factor away."""
    doors.act(here.remove, factor_id=factor_id)
    return doors.said("The second factor is removed. Everywhere else you are signed out.", url_for("factors.index"))


@pages.post("/account/factors/recovery-codes")
@fresh
@signed_in
def renew_codes() -> Any:
    """New recovery codes; the old ones are void."""
    return _codes(doors.act(partial(with_this_key, service.renew_codes), actor=access.viewer()), entering=False)


@pages.route("/sign-in/second-step", methods=["GET", "POST"])
@open_while(Due.FACTOR)
@signed_in
def second_step() -> Any:
    """After the password: a code, a passkey or a recovery code."""
    target = doors.local_path(request.args.get("next", "/"))
    if signin.standing().due is not Due.FACTOR:
        return redirect(target, 303)
    form = StepForm()
    sent = doors.submit(form, here.pass_second_step)
    if sent.answer:
        return redirect(target, 303)
    if sent.done:
        form.refuse(RuleViolation("code", "This did not open. Each code works once, and for about a minute."))
    keys = queries.passkeys_of(here.owner().id) if ceremonies.site() else []
    form.accept("credential", "")
    page = render_template("accounts/factors/second_step.html", form=form, target=target, passkeys=bool(keys))
    return page, 422 if form.errors else 200


@pages.post("/sign-in/passkey")
@public
def passkey() -> Any:
    """Sign in with a passkey alone: the device has asked for its owner's PIN, finger or face."""
    user = doors.submit(PasskeyProofForm(), here.enter_with_passkey).answer
    target = doors.local_path(request.args.get("next", "/"))
    if not user:
        flash("This passkey did not open. Sign in with your password.", "error")
        return redirect(url_for("security.login", next=target), 303)
    signin.let_in(user, "webauthn")
    return redirect(target, 303)


@pages.route("/account/confirm", methods=["GET", "POST"])
@open_while(Due.ENROLMENT)
@signed_in
def confirm() -> Any:
    """Show again who I am, and go on with what I was about to do."""
    form, action = ConfirmForm(prefix=_PROOF), request.form.get(f"{_PROOF}action", "")
    if not form.is_submitted():
        return _confirm(ConfirmForm(prefix=_PROOF, formdata=None), [], "")
    sent = doors.submit(form, here.confirm)
    if sent.answer and action:
        return redirect(doors.local_path(action), 307)
    if sent.answer:
        return redirect(doors.local_path(request.args.get("next", "/account/factors")), 303)
    if sent.done:
        codes = " Each code works once, and for about a minute." if queries.apps_of(here.owner().id) else ""
        form.refuse(RuleViolation("password", f"This is not right.{codes}"))
    return _confirm(form, _typed(), action), 422


def ask_again() -> Any:
    """In place of a delicate change: the question who is there, with the change to be made after the answer."""
    typed = _typed()
    action = "" if any("password" in name for name, _ in typed) else doors.local_path(request.full_path)
    page = _confirm(ConfirmForm(prefix=_PROOF, formdata=None), typed if action else [], action)
    return Response(page, 401)


def _typed() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if not name.startswith(_PROOF)]


def _confirm(form: ConfirmForm, typed: list[tuple[str, str]], action: str) -> str:
    form.accept("credential", "")
    user = here.owner()
    keys = queries.passkeys_of(user.id) if ceremonies.site() else []
    asked = request.args.get("next", "")
    back = request.form.get(f"{_PROOF}back") or doors.came_from() or asked or url_for("factors.index")
    return render_template(
        "accounts/factors/confirm.html",
        form=form,
        typed=typed,
        action=action,
        back=doors.local_path(back),
        apps=bool(queries.apps_of(user.id)),
        passkeys=bool(keys),
    )


@pages.post("/administration/accounts/<uuid:user_id>/reset-factors")
@fresh
@requires("accounts:write")
def reset(user_id: UUID) -> Any:
    """Take the second factors of a colleague away who has lost them."""
    doors.act(service.reset, actor=access.viewer(), user_id=user_id)
    return doors.said(
        "The second factors are reset. The owner is told, and their sessions, tokens and calendar feeds have ended.",
        url_for("accounts.directory"),
    )
