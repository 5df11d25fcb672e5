"""Which forms keep drafts of each kind, and what of something sent belongs to them.

A draft is asked less than a record is, so it holds what its form can save and nothing beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from crm.activities.course.forms import CorrectPlanForm, CorrectReportForm, ReportForm, StepForm
from crm.activities.forms import ActivityForm, PlanForm, ReferenceForm
from crm.activities.margins.forms import MarginsForm
from crm.core.forms import Form, RowsField
from crm.core.unfinished import ORIGINAL
from crm.drafts.rules import Kind
from crm.followups.forms import CancelForm, FinishForm, FollowUpForm, MoveForm, ReassignForm
from crm.instructions.forms import AmendForm, PageForm
from crm.letters.forms import CampaignForm
from crm.people.met.forms import CorrectPersonForm, RecordPersonForm, StanceForm
from crm.reach.forms import EmergencyForm
from crm.sharing.forms import AnswerForm, AskForm

FORMS: dict[Kind, tuple[type[Form], ...]] = {
    Kind.ACTIVITY: (ActivityForm,),
    Kind.PLAN: (PlanForm,),
    Kind.REFERENCE: (ReferenceForm,),
    Kind.REPORT: (ReportForm,),
    Kind.CORRECTION: (CorrectReportForm, CorrectPlanForm),
    Kind.STEP: (StepForm,),
    Kind.FOLLOW_UP: (FollowUpForm,),
    Kind.FINISH: (FinishForm,),
    Kind.LETTER_CAMPAIGN: (CampaignForm,),
    Kind.ROUND: (MarginsForm,),
    Kind.INSTRUCTION: (PageForm,),
    Kind.WAITING_ENTRY: (ActivityForm,),
    Kind.WAITING_PLAN: (PlanForm,),
    Kind.MOVE: (MoveForm,),
    Kind.CANCEL: (CancelForm,),
    Kind.REASSIGN: (ReassignForm,),
    Kind.AMENDMENT: (AmendForm,),
    Kind.PERSON: (RecordPersonForm,),
    Kind.PERSON_CORRECTION: (CorrectPersonForm,),
    Kind.STANCE: (StanceForm,),
    Kind.REQUEST: (AskForm,),
    Kind.ANSWER: (AnswerForm,),
    Kind.EMERGENCY: (EmergencyForm,),
}
"""The forms of each kind: a correction has one for a report and one for a plan."""


def of_form(kind: Kind, typed: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What was typed into fields of the form."""
    return {name: texts for name, texts in typed.items() if _names(kind).fullmatch(name)}


@cache
def _names(kind: Kind) -> re.Pattern[str]:
    found = {pattern for form in FORMS[kind] for pattern in _of(form)}
    return re.compile("|".join(sorted(found)))


def _of(form: type[Form]) -> Iterator[str]:
    """The names of the fields of a form as a browser sends them, as patterns."""
    if form.edits_record:
        yield ORIGINAL
    for name in form.field_names():
        unbound = getattr(form, name)
        if issubclass(unbound.field_class, RowsField):
            inner = "|".join(sorted(unbound.args[0].field_names()))
            yield rf"{name}-[0-9]+-(?:{inner})?"
        else:
            yield name
