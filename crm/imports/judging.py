"""What a line of a spreadsheet says: a report as the log form would tell it, or what is wrong with which cell."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

from rapidfuzz import fuzz, process
from wtforms import ValidationError

from crm.activities import writing
from crm.activities.details import LONGEST_ANSWER
from crm.activities.report import Report
from crm.activities.rules import EARLIEST, LENGTHS, NOTE_LENGTH, Level, Paper
from crm.activities.types import ACTIVITY_TYPES
from crm.core import ceiling, days
from crm.core.access import Handling, Viewer, looking_as
from crm.core.days import Precision
from crm.core.errors import RuleViolation
from crm.core.forms import plain_characters
from crm.core.visibility import narrowest
from crm.core.written.answers import NotADay, Read, TwoDays
from crm.imports.chosen import Choices
from crm.imports.columns import DETAILS, LABELS
from crm.imports.naming import Named, Names
from crm.imports.rules.course import Fate
from crm.imports.rules.days import read_cell
from crm.imports.rules.lines import (
    begins_aside,
    is_note,
    is_total,
    one_line,
    says_above,
    says_heading,
    says_nothing,
    without_footnote,
)
from crm.imports.words import Words
from crm.reach.doers import Doer, Unclear, doers, named
from crm.states.queries import register
from crm.states.register import Register
from crm.states.rules import fold

NOT_SAID = "The spreadsheet does not say."
OPENED = "Follow up"
"""What is to be done, where a spreadsheet says by when and not what."""

ASIDE = (
    "This line names no State of its own and begins like a total or a note. If it is a record, write its State; if it "
    "is none, leave it out."
)
_LONG = frozenset(key for key, most in LENGTHS.items() if most == NOTE_LENGTH)
"""What may have several lines."""

_CARRIED = ("state", "held_on")
"""What a blank cell, or one that says that it is as above, may take from the line above."""

Problem = tuple[str, str]
"""What a cell says of ours ("" for the whole line), and what is wrong with it."""


@dataclass
class Judged:
    """A line as it was understood. `notes`: what will be done with it that nobody would expect, in sentences;
    `carried`: what it takes from a line above, by column; `above`: why it may not be kept in this installation;
    `states`: every State that it names where it tells its own, whatever is wrong with it; `named`: those that it names
    in any column of States, or the line above where it names none.
    """

    fate: Fate
    told: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    carried: dict[str, str] = field(default_factory=dict)
    above: str = ""
    states: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The same for two lines that say the same, in every column; "" for what is no record."""
        if self.fate is not Fate.READY:
            return ""
        return hashlib.sha256(repr(sorted(self.told.items())).encode()).hexdigest()

    @property
    def on_record(self) -> str:
        """The same for a line and for a record of it (`fingerprint_of`); "" for what is none."""
        return fingerprint_of(self.told) if self.fate is Fate.READY else ""


def fingerprint_of(told: dict[str, Any]) -> str:
    """The same for what was said of the same kind, States, day, person and reply: what another record of an approach
    would repeat, whatever else it says.
    """
    states = sorted({told["state_iso3"], *told["further_states"]})
    text = (told["kind"], *states, told["held_on"].isoformat(), told["precision"].value)
    said = (fold(told["person_name"]), fold(told["reply"]))
    return hashlib.sha256("\x1f".join((*text, *said)).encode()).hexdigest()


class Judge:
    """Judges the lines of one spreadsheet for whoever sent it, one after the other. `naming`: its columns of States
    beside the one that is chosen.
    """

    def __init__(
        self,
        actor: Viewer,
        choices: Choices,
        headings: Sequence[str],
        today: date,
        base: int = 1900,
        naming: Collection[int] = (),
    ) -> None:
        self.actor, self.choices = actor, choices
        self.headings = frozenset(fold(one) for one in headings if one)
        self.today, self.base = today, base
        self.known: Register = register()
        self.words = Words()
        self.above: dict[str, str] = {}
        self.names = Names(self.known)
        self._doers: list[Doer] | None = None
        self._named = Named(self.names, {choices.columns["state"], *naming} if "state" in choices.columns else naming)

    def read(self, cells: Sequence[str]) -> Judged:
        """What the next line says, those before it having been read or passed by."""
        found = self.judge(cells)
        named = self._named.by(cells, aside=bool(self._no_record(cells)))
        found.named = tuple(dict.fromkeys((*found.states, *named)))
        return found

    def pass_by(self, cells: Sequence[str]) -> None:
        """Take note of a line that was read before, for what stands below it."""
        if self.choices.carry_down:
            self.read(cells)
        else:
            self._named.by(cells, aside=bool(self._no_record(cells)))

    def judge(self, cells: Sequence[str], carried: Mapping[str, str] | None = None) -> Judged:
        """What a line says; `carried` where it was found out before what it takes from above."""
        if why := self._no_record(cells):
            return Judged(Fate.LEFT_OUT, problems=[("", why)])
        said = self._said(cells)
        if not any(said.values()):
            return Judged(Fate.LEFT_OUT, problems=[("", "Nothing stands in the columns that are taken over.")])
        found = Judged(Fate.READY, carried=self._carry(said) if carried is None else dict(carried))
        if "state" in found.carried and begins_aside(cells):
            found.problems.append(("state", ASIDE))
        said |= found.carried
        found.told = self._told(said, found)
        try:
            ceiling.check(found.told["handling"], found.told["marks"])
        except ceiling.AboveCeiling as above:
            found.above = str(above)
        if not found.problems:
            self._ask_the_verb(found)
        if found.problems:
            found.fate = Fate.PROBLEM
        return found

    def _said(self, cells: Sequence[str]) -> dict[str, str]:
        said = {key: cells[at] if at < len(cells) else "" for key, at in self.choices.columns.items()}
        return {key: "" if key in _CARRIED and says_above(text) else text for key, text in said.items()}

    def _no_record(self, cells: Sequence[str]) -> str:
        """Why a line is no record, "" for one that may be."""
        if says_heading(cells, self.headings):
            return "The heading once more."
        if is_note(cells):
            return "A note below the table."
        state = self._said(cells).get("state") if is_total(cells) else None
        return "A line of totals." if is_total(cells) and not (state and self.names.state(state)) else ""

    def _carry(self, said: Mapping[str, str]) -> dict[str, str]:
        """Where that was agreed, a blank State or day is the one above."""
        if not self.choices.carry_down:
            return {}
        found = {key: self.above[key] for key in _CARRIED if not said.get(key) and self.above.get(key)}
        self.above |= {key: said[key] for key in _CARRIED if said.get(key)}
        return found

    def _told(self, said: dict[str, str], found: Judged) -> dict[str, Any]:
        def refuse(column: str, message: str) -> None:
            found.problems.append((column, message))

        texts = {key: self._text(key, said.get(key, ""), most, refuse) for key, most in LENGTHS.items()}
        states = self._states(said.get("state", ""), found, refuse)
        held = self._held_on(said.get("held_on", ""), refuse, found.notes)
        told: dict[str, Any] = {
            **texts,
            "kind": self._word("kind", said, refuse) or self.choices.kind,
            "state_iso3": states[0] if states else "",
            "further_states": tuple(states[1:]),
            "held_on": held.day if held else self.today,
            "details": self._details(said, refuse),
            "attribution": self.choices.attribution,
            "handling": self._handling(said, refuse, found.notes),
            "person_level": Level(self._word("person_level", said, refuse) or Level.OTHER.value),
            "obstacle": self._word("obstacle", said, refuse),
            "paper_left": Paper(self._word("paper_left", said, refuse) or Paper.NONE.value),
        }
        told["precision"] = held.precision if held else Precision.DAY
        if not told["kind"] and not any(column == "kind" for column, _ in found.problems):
            refuse("kind", "The kind is missing. Write it here, or choose one for all lines that do not say it.")
        self._gaps(told, said, refuse)
        self._follow_up(told, said.get("next_action_due", ""), refuse, found.notes)
        self._charge(told, one_line(said.get("next_action_owner_id", "")), refuse)
        return told

    def _details(self, said: Mapping[str, str], refuse: Callable[[str, str], None]) -> dict[str, Any]:
        """What is answered of what only some kinds ask."""
        texts = {key: self._text(key, said.get(key, ""), LONGEST_ANSWER, refuse) for key in DETAILS}
        found = {key: DETAILS[key].answer_of(text) for key, text in texts.items() if text}
        for key, answer in found.items():
            if problem := DETAILS[key].problem(answer):
                refuse(key, f"“{texts[key][:60]}” is no answer to this. {problem}")
        return found

    def _text(self, key: str, text: str, most: int, refuse: Callable[[str, str], None]) -> str:
        if not text:
            return ""
        text = text if key in _LONG else one_line(text)
        if len(text) > most:
            refuse(key, f"This is longer than {most:,} characters.")
            return ""
        if text.isascii() and text.isprintable():
            return text
        try:
            plain_characters(None, SimpleNamespace(data=text.replace("\n", " ").replace("\t", " ")))
        except ValidationError as error:
            refuse(key, str(error))
        return text

    def _word(self, key: str, said: dict[str, str], refuse: Callable[[str, str], None]) -> str:
        text = said.get(key, "")
        meaning = self.words.meaning(key, text) if text else ""
        if meaning is None:
            refuse(
                key, f"“{one_line(text)[:60]}” is not known here. Known are, for example: {self.words.examples[key]}."
            )
        return meaning or ""

    def _states(self, text: str, judged: Judged, refuse: Callable[[str, str], None]) -> list[str]:
        """The States that a cell names: one, or several with signs between them."""
        if not text:
            refuse("state", "The State is missing.")
            return []
        found = self.names.each(text)
        judged.states = tuple(dict.fromkeys(filter(None, found.values())))
        unknown = next((piece for piece, iso3 in found.items() if iso3 is None), "")
        if unknown:
            refuse("state", self._nobody_is_called(unknown if any(found.values()) else text))
            return []
        return list(judged.states)

    def _nobody_is_called(self, text: str) -> str:
        bare = without_footnote(text)
        if all(len(word) < 2 for word in fold(bare).split()):
            return f"No State is called “{one_line(text)[:60]}”."
        near = [self.known.name_today(iso3) for iso3 in self.known.search(bare)[:3]]
        if not near:
            names = {iso3: state.names["en"] for iso3, state in self.known.states.items()}
            near = [name for name, _, _ in process.extract(text, names, scorer=fuzz.ratio, score_cutoff=75, limit=2)]
        hint = f" Perhaps {' or '.join(near)}?" if near else ""
        return f"No State is called “{one_line(text)[:60]}”.{hint}"

    def _held_on(self, text: str, refuse: Callable[[str, str], None], notes: list[str]) -> Read | None:
        if not text:
            refuse("held_on", "The date is missing.")
            return None
        found = self._day("held_on", text, refuse)
        if found is None:
            return None
        problem = ""
        if found.day > self.today:
            problem = "This day has not come yet. Plan what is to come on its own page."
        if found.precision.first_day(EARLIEST) > found.day:
            problem = f"This day is before {days.in_words(EARLIEST)}, when the process began."
        if problem:
            refuse("held_on", f"{problem} {found.doubt}".strip())
        elif found.doubt:
            notes.append(found.doubt)
        return found

    def _day(self, key: str, text: str, refuse: Callable[[str, str], None]) -> Read | None:
        try:
            return read_cell(text, self.choices.order, self.base)
        except TwoDays as error:
            refuse(key, f"{error.both} Say above how days are written here.")
        except NotADay as error:
            refuse(key, str(error))
        return None

    def _handling(self, said: dict[str, str], refuse: Callable[[str, str], None], notes: list[str]) -> Handling:
        """What was chosen for all; a cell may only narrow it."""
        own = self._word("handling", said, refuse)
        if not own:
            return self.choices.handling
        narrower = narrowest([self.choices.handling, Handling(own)])
        if narrower is not Handling(own):
            notes.append("The line says a wider circle than was chosen for all: the narrower one holds.")
        return narrower

    def _gaps(self, told: dict[str, Any], said: Mapping[str, str], refuse: Callable[[str, str], None]) -> None:
        """Whom and what came back, which no report goes without unless that was agreed."""
        kind = ACTIVITY_TYPES.get(told["kind"])
        if not told["person_name"] and told["person_title"]:
            told["person_name"], told["person_title"] = told["person_title"], ""
        unsaid = says_nothing(said.get("reply", ""))
        if self.choices.with_gaps:
            told["reply"] = NOT_SAID if unsaid else told["reply"] or NOT_SAID
            return
        if not (told["person_name"] or said.get("person_name")) and (kind is None or kind.whom_required):
            refuse("person_name", "Say whom.")
        if unsaid:
            refuse("reply", "Write what they replied.")

    def _follow_up(self, told: dict[str, Any], text: str, refuse: Callable[[str, str], None], notes: list[str]) -> None:
        """A next action with its day; one whose day has passed is not opened unless that was agreed."""
        due = self._due(text, refuse, notes) if text else None
        told["next_action_due"] = due.day if due else None
        if due and not told["next_action"]:
            told["next_action"] = OPENED
            notes.append(f"It says by when and not what is to be done: the follow-up is called “{OPENED}”.")
        if not told["next_action"]:
            return
        if due is None:
            if not text:
                refuse("next_action_due", "Give the day by which this is to be done.")
            return
        if due.day < told["held_on"]:
            refuse("next_action_due", "This day is before the approach itself.")
        if problem := days.too_far(due.day, self.today):
            refuse("next_action_due", problem)
        if due.day < self.today and not self.choices.open_past:
            kept = f"Follow-up in the spreadsheet: {told['next_action']} (by {days.in_words(due.day)})"
            told["officer_comment"] = "\n\n".join(filter(None, (told["officer_comment"], kept)))
            told["next_action"], told["next_action_due"] = "", None
            notes.append("The day of the follow-up has passed: it is kept in your comment and not opened.")

    def _charge(self, told: dict[str, Any], who: str, refuse: Callable[[str, str], None]) -> None:
        """Whoever is charged with the next action, a person or a mission; whoever sends the spreadsheet without it."""
        if not who or not told["next_action"]:
            return
        if self._doers is None:
            with looking_as(self.actor):
                self._doers = doers(self.actor)
        try:
            told["next_action_owner_id"] = named(who, self._doers)
        except Unclear as unclear:
            refuse("next_action_owner_id", str(unclear))

    def _due(self, text: str, refuse: Callable[[str, str], None], notes: list[str]) -> Read | None:
        """The day by which something is to be done: the last one, where a month or a year stands there."""
        read = self._day("next_action_due", text, refuse)
        if read is None:
            return None
        if read.doubt:
            notes.append(read.doubt)
        due = read.until
        if due.why:
            notes.append(f"By when “{one_line(text)[:60]}”: the day is {due.why}, {days.in_words(due.day)}.")
        return due

    def _ask_the_verb(self, found: Judged) -> None:
        """What the verb itself would refuse."""
        try:
            writing.writing_party(self.actor, Report(**found.told))
        except RuleViolation as refused:
            found.problems += by_column(refused)


_COLUMNS_OF = {"state_iso3": "state", "further_states": "state"}
"""What the verb calls a field → what the column is called."""


def by_column(refused: RuleViolation) -> list[Problem]:
    """What the verb refuses, each beside the column that says it; of the whole line where none does."""
    named = {name: _COLUMNS_OF.get(name, name) for name in refused.errors}
    return [
        (named[name] if named[name] in LABELS else "", one)
        for name, messages in refused.errors.items()
        for one in messages
    ]
