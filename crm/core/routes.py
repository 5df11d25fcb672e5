"""What a route demands of whoever comes: each declares it, the edge (`crm.core.web`) asks it before the route runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flask import Flask

from crm.core.steps import Due

View = TypeVar("View", bound=Callable[..., Any])
_third_party: dict[str, Access] = {}


@dataclass(frozen=True)
class Access:
    """What a route demands: a permission, merely being signed in, or nothing.

    `form_only`: it reads nothing but what a page's form sends. `token`: the edge checks the form's token,
    because the route itself does not. `fresh`: a change through it demands that the password or a second
    factor was shown within the last minutes. `while_due`: open, too, to those of whom just this is due.
    `link`: the address itself is the key, and is told to no other site. `opens`: the kind of handled record
    that it shows, `exports`: what it gives out as a file; the audit writes both down. `large`: the form of its page
    holds a spreadsheet, which may be as large as the installation says. `draft`: the kind of draft in which what is
    typed into its form is kept.
    """

    permission: str | None = None
    signed_in: bool = True
    form_only: bool = False
    token: bool = False
    fresh: bool = False
    while_due: Due | None = None
    link: bool = False
    opens: str = ""
    exports: str = ""
    large: bool = False
    draft: str = ""


def requires(permission: str, *, opens: str = "", exports: str = "", large: bool = False) -> Callable[[View], View]:
    """Declare that a route needs a permission (`resource:action`), and which kind of record it opens or exports;
    `large`: that its form may hold a large file.
    """
    return _declare(Access(permission=permission, opens=opens, exports=exports, large=large))


def signed_in(view: View) -> View:
    """Declare that a route is open to everybody with an account."""
    return _declare(Access())(view)


def public(view: View) -> View:
    """Declare that a route is open to everybody."""
    return _declare(Access(signed_in=False))(view)


def fresh(view: View) -> View:
    """Declare, above the access of a route, that its owner must have shown themselves just now to change anything."""
    view.access = replace(view.access, fresh=True)  # type: ignore[attr-defined]
    return view


def keeps_draft(kind: str) -> Callable[[View], View]:
    """Declare, above the access of a route, that what is typed into its form is kept as a draft of this kind."""

    def mark(view: View) -> View:
        view.access = replace(view.access, draft=kind)  # type: ignore[attr-defined]
        return view

    return mark


def open_while(due: Due) -> Callable[[View], View]:
    """Declare, above the access of a route, that it is open to those of whom just this is still due."""

    def mark(view: View) -> View:
        view.access = replace(view.access, while_due=due)  # type: ignore[attr-defined]
        return view

    return mark


def link_holder(view: View) -> View:
    """Declare that a route is open to whoever holds its address, a link of `crm.core.links`."""
    return _declare(Access(signed_in=False, form_only=True, link=True))(view)


def public_form(view: View) -> View:
    """Declare that a route is open to everybody and reads nothing but the form of its page."""
    return _declare(Access(signed_in=False, form_only=True))(view)


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return mark


def declare_third_party(endpoint: str, *, signed_in: bool, form_only: bool = False, token: bool = False) -> None:
    """Access of a route that a library brings along."""
    _third_party[endpoint] = Access(signed_in=signed_in, form_only=form_only, token=token)


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What a route declared, or None when it declared nothing."""
    view = app.view_functions.get(endpoint)
    found = getattr(view, "access", None) or _third_party.get(endpoint)
    return found if isinstance(found, Access) else None
