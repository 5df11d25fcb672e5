"""The JSON door to one's own second factors, and to their reset for those who keep accounts."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify

from crm.accounts import signin
from crm.accounts.factors import ceremonies, here, queries, service
from crm.accounts.factors.forms import AppForm, ConfirmForm, NameForm, PasskeyForm
from crm.accounts.here import with_this_key
from crm.accounts.queries import owes_factor
from crm.core import access, doors, steps
from crm.core.doors import ActionForm
from crm.core.errors import NotFound, RuleViolation
from crm.core.problems import problem
from crm.core.routes import fresh, open_while, public, requires, signed_in
from crm.core.steps import Due

api = Blueprint("factors_api", __name__, url_prefix="/api/v1")


def _when(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def _own(codes: tuple[str, ...] | list[str] = ()) -> Any:
    """My factors; `codes` are new recovery codes, in the answer to the change that made them and never again."""
    user = here.owner()
    items = [
        {
            "id": str(one.id),
            "kind": one.kind,
            "name": one.name,
            "created_at": _when(one.created_at),
            "used_at": _when(one.used_at),
        }
        for one in queries.factors_of(user)
    ]
    body = {"items": items, "needed": owes_factor(user), "recovery_codes_left": queries.codes_left(user.id)}
    return jsonify({**body, "recovery_codes": list(codes)} if codes else body)


@api.get("/account/factors")
@open_while(Due.ENROLMENT)
@signed_in
def index() -> Any:
    """My second factors."""
    return _own()


@api.get("/account/factors/app")
@open_while(Due.ENROLMENT)
@signed_in
def setup() -> Any:
    """A fresh secret for an app; `setup` is to be sent back with a code of it."""
    made = service.new_setup(here.owner())
    return jsonify({"secret": made.secret, "uri": made.uri, "setup": made.sealed})


@api.post("/account/factors/app")
@fresh
@open_while(Due.ENROLMENT)
@signed_in
def add_app() -> Any:
    """Set up an app."""
    return _own(doors.submit_json(AppForm, here.add_app).codes)


@api.get("/account/factors/passkey")
@open_while(Due.ENROLMENT)
@signed_in
def passkey_options() -> Any:
    """What a browser needs to make a passkey."""
    user = here.owner()
    return _ceremony(ceremonies.for_adding(user, queries.passkeys_of(user.id)))


@api.post("/account/factors/passkey")
@fresh
@open_while(Due.ENROLMENT)
@signed_in
def add_passkey() -> Any:
    """Keep a passkey."""
    return _own(doors.submit_json(PasskeyForm, here.add_passkey).codes)


@api.get("/sign-in/passkey")
@public
def passkey_request() -> Any:
    """What a browser needs to show a passkey: those of the owner of its session, or any."""
    try:
        user_id = signin.owner_here().id
    except NotFound:
        return _ceremony(ceremonies.for_showing(None, []))
    return _ceremony(ceremonies.for_showing(user_id, queries.passkeys_of(user_id)))


def _ceremony(made: dict[str, Any] | None) -> Any:
    if made is None:
        raise NotFound("no passkeys here")
    return jsonify(made)


@api.post("/account/factors/<uuid:factor_id>/name")
@signed_in
def rename(factor_id: UUID) -> Any:
    """Call a factor something else."""
    service.find(here.owner().id, factor_id)
    doors.submit_json(NameForm, partial(service.rename, actor=access.viewer(), factor_id=factor_id))
    return _own()


@api.post("/account/factors/<uuid:factor_id>/remove")
@fresh
@signed_in
def remove(factor_id: UUID) -> Any:
    """Take a factor away."""
    doors.submit_json(ActionForm, partial(here.remove, factor_id=factor_id))
    return _own()


@api.post("/account/factors/recovery-codes")
@fresh
@signed_in
def renew_codes() -> Any:
    """New recovery codes; the old ones are void."""
    return _own(doors.submit_json(ActionForm, partial(with_this_key, service.renew_codes, actor=access.viewer())))


@api.post("/account/confirm")
@open_while(Due.ENROLMENT)
@signed_in
def confirm() -> Any:
    """Show again who I am; what is delicate is open for five minutes."""
    try:
        signin.owner_here()
    except NotFound:
        return problem(401, steps.SHOW_AGAIN, step="confirm")
    if not doors.submit_json(ConfirmForm, here.confirm):
        raise RuleViolation("password", "This is not right.")
    return jsonify({"fresh": True})


@api.post("/accounts/<uuid:user_id>/reset-factors")
@fresh
@requires("accounts:write")
def reset(user_id: UUID) -> Any:
    """Take the second factors of a colleague away who has lost them."""
    removed = doors.submit_json(ActionForm, partial(service.reset, actor=access.viewer(), user_id=user_id))
    return jsonify({"removed": removed})
