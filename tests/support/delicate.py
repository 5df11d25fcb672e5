"""What is delicate: the one list of what asks again who is there, and the verbs that do it."""

from __future__ import annotations

from typing import Any

from crm.accounts import changing, invitations
from crm.accounts import service as accounts
from crm.accounts.factors import here as own_factors
from crm.accounts.factors import service as factors
from crm.calendar import service as calendar
from crm.reach.service import emergency, missions, restricted
from crm.sharing import service as sharing

Verb = Any

DELICATE: dict[str, tuple[Verb, ...]] = {
    "second factors and recovery codes": (
        own_factors.add_app, own_factors.add_passkey, own_factors.remove, factors.renew_codes, factors.reset,
    ),
    "issuing a token": (accounts.issue_token,),
    "making a calendar feed": (calendar.make_feed,),
    "inviting": (invitations.invite, invitations.resend),
    "changing accounts": (changing.change_account,),
    "closing and opening accounts": (accounts.close_account, accounts.reopen_account),
    "giving somebody the accounts of a party to keep or taking them back": (
        accounts.give_party_administration, accounts.take_party_administration,
    ),
    "opening a mission": (missions.open_mission,),
    "accrediting it or correcting that": (missions.accredit, missions.correct_accreditation),
    "posting somebody there": (missions.post_to,),
    "opening records in an emergency": (emergency.begin,),
    "restricting a State": (restricted.restrict,),
    "naming somebody for a restricted State": (restricted.name_reader,),
    "lifting a restriction": (restricted.release,),
    "changing who may see a record or many": (sharing.change_handling,),
    "changing what others may know of where they come from": (sharing.change_attribution,),
    "answering a request for wider handling": (sharing.answer,),
}  # fmt: skip
"""In the words of docs/api.md, in their order: all that lets somebody in, lets others see more, or takes
from others what is theirs."""
