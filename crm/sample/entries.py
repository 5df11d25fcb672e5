"""What the sample campaign tells: the outreach of 2010 and 2011 by the kinds of activity, obstacles and
approaches of the presentation that the Friend of the President on Universalization gave in June 2011.

That presentation names kinds of talks and types of obstacle, but no day, no State and nobody met. The days and
States below were therefore chosen, and people, replies and further occasions invented, for the sample alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crm.core.access import Handling
from crm.positions.rules import Basis, ObstacleType

_MFA = "Ministry of Foreign Affairs"

SOMEBODY = "Sample interlocutor (invented)"
DIRECTOR_MULTILATERAL = "Sample Director Dorji (invented)"
DIRECTOR_LEGAL = "Sample Director Lhamo (invented)"
DIRECTOR_SECURITY = "Sample Director Serik (invented)"
"""People who are met more than once."""


@dataclass(frozen=True)
class Entry:
    """One sample activity. `in_days`: when its next action is due, counted from the day of the set-up.

    `handling` is wider than the States only where everything happened before civil society or in public.
    """

    kind: str
    state_iso3: str
    held_on: date | int
    person_title: str
    reply: str
    occasion: str = ""
    place: str = ""
    obstacle: ObstacleType | None = None
    subtype: str = ""
    basis: Basis = Basis.STATED
    next_action: str = ""
    in_days: int = 0
    for_coordinator: bool = False
    handling: Handling = Handling.STATES
    person_name: str = SOMEBODY


PROMISED = ("MNG", "The cost of destroying the stocks, as the armed forces see it", 12)
"""What a State said it would send: the State, what, and in how many days from the set-up."""

ASKED_OF_MISSION = ("IND", "Find out who follows the file in the ministry of defence", 9)
"""What a mission is charged with: the State, what, and in how many days from the set-up."""

OUTREACH: tuple[Entry, ...] = (
    Entry(
        "bilateral_talks", "MNG", date(2010, 9, 14), f"Director-General for Multilateral Affairs, {_MFA}",
        "Welcomed the entry into force. Wishes to join, after an estimate of what destroying the stocks would cost.",
        occasion="Bilateral talks on disarmament and non-proliferation",
        obstacle=ObstacleType.FINANCE, subtype="stockpile_destruction",
    ),
    Entry(
        "cosigned_letter", "PHL", date(2010, 10, 4), "Minister for Foreign Affairs",
        "The letter was received with thanks and passed to the inter-agency committee.",
        occasion="Co-signed letter with the President Designate of the First Meeting of States Parties (Lao PDR)",
        obstacle=ObstacleType.LEGISLATURE, subtype="backlog", basis=Basis.INFERRED,
    ),
    Entry(
        "margin_meeting", "SGP", date(2010, 10, 19), "Deputy director, disarmament",
        "Follows the Convention closely; security considerations come first in the region.",
        occasion="Asian Senior-level Talks on Non-Proliferation",
        obstacle=ObstacleType.SECURITY, subtype="threat",
    ),
    Entry(
        "margin_meeting", "PLW", date(2010, 11, 10), "Head of the observer delegation",
        "Said in open session that it means to ratify, and that very few officials look after all of its treaties.",
        occasion="First Meeting of States Parties, general exchange of views", place="Vientiane",
        obstacle=ObstacleType.HUMAN_RESOURCES, subtype="ratification", handling=Handling.PUBLIC,
    ),
    Entry(
        "capital_visit", "BTN", date(2010, 11, 24), f"Director, Multilateral Department, {_MFA}",
        "Supports the aims. The ministry has two officers for all treaties; help with the procedure would be welcome.",
        place="Thimphu", obstacle=ObstacleType.HUMAN_RESOURCES, subtype="ratification",
        person_name=DIRECTOR_MULTILATERAL,
    ),
    Entry(
        "political_consultations", "UKR", date(2010, 12, 7), f"Head of the disarmament division, {_MFA}",
        "Large old stocks would have to be destroyed; the cost is beyond the national budget.",
        occasion="Political consultations between ministries",
        obstacle=ObstacleType.FINANCE, subtype="stockpile_destruction",
    ),
    Entry(
        "margin_meeting", "ARM", date(2010, 12, 1), "Deputy minister for foreign affairs",
        "Would consider joining together with its neighbours.",
        occasion="OSCE meeting", obstacle=ObstacleType.SECURITY, subtype="threat",
    ),
    Entry(
        "margin_meeting", "TUR", date(2011, 1, 20), "Head of department, arms control",
        "Does not use or produce. Studies what the Convention would mean within the alliance.",
        occasion="NATO meeting", obstacle=ObstacleType.SECURITY, subtype="alliance",
    ),
    Entry(
        "demarche", "KAZ", date(2011, 2, 8), f"Deputy director, international security, {_MFA}",
        "Took note. The defence ministry will be asked again.",
        obstacle=ObstacleType.INDUSTRY, subtype="producer", basis=Basis.INFERRED,
    ),
    Entry(
        "margin_meeting", "KIR", date(2011, 2, 16), "Assistant secretary for foreign affairs",
        "Asked before all participants what a State without stocks gains by joining.",
        occasion="Regional workshop with the ICRC and the Cluster Munition Coalition", place="Suva",
        obstacle=ObstacleType.KNOWLEDGE, subtype="thinks_unaffected", handling=Handling.COMMUNITY,
    ),
    Entry(
        "capital_visit", "PLW", date(2011, 2, 22), "Director, legal division, Ministry of State",
        "Signed in 2008; the bill is drafted and waits for its turn in parliament.",
        place="Melekeok", obstacle=ObstacleType.LEGISLATURE, subtype="backlog",
    ),
    Entry(
        "capital_visit", "TON", date(2011, 3, 3), f"Secretary for Foreign Affairs, {_MFA}",
        "Was not aware that a State without stocks is welcome too. Asked for a note in plain words.",
        place="Nuku'alofa", obstacle=ObstacleType.KNOWLEDGE, subtype="thinks_unaffected",
    ),
    Entry(
        "questionnaire", "THA", date(2011, 3, 15), f"Peace, Security and Disarmament Division, {_MFA}",
        "Answered in part. Names the time that the domestic procedure needs.",
        occasion="Questionnaire on obstacles",
        obstacle=ObstacleType.LOW_PRIORITY, subtype="domestic_policy",
    ),
    Entry(
        "margin_meeting", "JAM", date(2011, 4, 6), "Member of the committee on foreign affairs",
        "The bill waits behind others. Members in the room offered to ask for a date.",
        occasion="Briefing for parliamentarians, open to civil society", place="Kingston",
        obstacle=ObstacleType.LEGISLATURE, subtype="backlog", handling=Handling.COMMUNITY,
    ),
    Entry(
        "bilateral_talks", "BRA", date(2011, 4, 12), "Head of the disarmament division",
        "Prefers work in another forum and names the national industry.",
        occasion="Bilateral talks on disarmament and non-proliferation",
        obstacle=ObstacleType.INDUSTRY, subtype="exporter",
    ),
    Entry(
        "capital_visit", "GAB", date(2011, 4, 27), "Directeur des affaires juridiques",
        "In favour; the matter has not been put on the agenda of the Council of Ministers.",
        place="Libreville", obstacle=ObstacleType.LOW_PRIORITY, subtype="foreign_policy", basis=Basis.INFERRED,
    ),
    Entry(
        "cosigned_letter", "VUT", date(2011, 5, 20), "Minister for Foreign Affairs",
        "Acknowledged by note verbale.",
        occasion="Co-signed letter with the President Designate of the Second Meeting of States Parties (Lebanon)",
        obstacle=ObstacleType.HUMAN_RESOURCES, subtype="implementation", basis=Basis.INFERRED,
    ),
)  # fmt: skip

PRESENT: tuple[Entry, ...] = (
    Entry(
        "margin_meeting", "TUV", -13, "Second secretary, Permanent Mission",
        "Thanked for the material and will report to the capital, where one lawyer looks after all treaties.",
        occasion="Side event of the First Committee, open to civil society", place="New York",
        obstacle=ObstacleType.HUMAN_RESOURCES, subtype="ratification", handling=Handling.COMMUNITY,
    ),
    Entry(
        "capital_visit", "BTN", -9, f"Director, Legal and Treaty Department, {_MFA}",
        "The draft law was sent to three ministries for comment. Answers are expected within the month.",
        place="Thimphu", obstacle=ObstacleType.LEGISLATURE, subtype="committee",
        next_action="Ask whether the three ministries have answered", in_days=0, person_name=DIRECTOR_LEGAL,
    ),
    Entry(
        "margin_meeting", "TON", -6, "Permanent Representative",
        "Will ask the capital to receive our mission; would like a model law beforehand.",
        occasion="First Committee of the General Assembly", place="New York",
        obstacle=ObstacleType.HUMAN_RESOURCES, subtype="ratification",
        next_action="Send the model law and the ratification kit", in_days=-1,
    ),
    Entry(
        "demarche", "KAZ", -3, f"Director, international security, {_MFA}",
        "Will study the estimate of costs and reply in writing.",
        obstacle=ObstacleType.FINANCE, subtype="stockpile_destruction",
        next_action="Remind them of the written reply", in_days=4, for_coordinator=True, person_name=DIRECTOR_SECURITY,
    ),
)  # fmt: skip

SPREADSHEET = (
    "Pays;Date;Interlocuteur;Réponse;Obstacle",
    "Swaziland;12 octobre 2010;Sample interlocutor (invented);Will write to the capital.;procédure parlementaire",
    "Cap-Vert;14.10.2010;Sample interlocutor (invented);The law is ready to be signed.;",
    "Myanmar (Burma);oct. 2010;Sample interlocutor (invented);Listened, and asked for the text.;sécurité",
    "Absurdistan;15.10.2010;Sample interlocutor (invented);Took note.;",
    "Bhoutan;31.09.2010;Sample interlocutor (invented);Supports the aims.;",
    "Total;5;;;",
)
"""Lines of a spreadsheet as people kept them before; two are to be put right. All of it is invented."""

ROUND = "Reception of the First Committee of the General Assembly"
ROUND_HELD = -2
TALKS = (
    ("FJI", "Counsellor, Permanent Mission", "positive", None, "The instrument lies with the Attorney-General.",
     "Ask the Attorney-General’s office for the date", 9),
    ("NPL", "", "capital", ObstacleType.KNOWLEDGE, "Believed the Convention to cover all mines.",
     "Send the Nepali translation", 5),
    ("MNG", "Second secretary, Permanent Mission", "open", ObstacleType.SECURITY, "", "", 0),
)  # fmt: skip
"""A round of short talks: State, office, outcome, obstacle, what they said, what follows and in how many days."""
