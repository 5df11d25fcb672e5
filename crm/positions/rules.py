"""Types of obstacle, and the approaches that answer them.

Types 1 to 7 and the pairings marked `deck` are those of the 2011 presentation of the Friend of the
President on Universalization; the others are this project's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ObstacleType(StrEnum):
    """What keeps a State from joining, in the order of the 2011 presentation."""

    SECURITY = "security"
    INDUSTRY = "industry"
    FINANCE = "finance"
    HUMAN_RESOURCES = "human_resources"
    LOW_PRIORITY = "low_priority"
    KNOWLEDGE = "knowledge"
    LEGISLATURE = "legislature"
    OTHER = "other"


class Basis(StrEnum):
    """Whether the State said so or an officer concluded it."""

    STATED = "stated"
    INFERRED = "inferred"


@dataclass(frozen=True)
class Approach:
    """An answer to an obstacle; `deck` marks the pairings of the 2011 presentation."""

    label: str
    deck: bool = False


@dataclass(frozen=True)
class Obstacle:
    """One type of obstacle with its finer kinds and the approaches that answer it."""

    type: ObstacleType
    label: str
    subtypes: dict[str, str]
    approaches: tuple[Approach, ...]


OBSTACLES: dict[ObstacleType, Obstacle] = {
    one.type: one
    for one in (
        Obstacle(
            ObstacleType.SECURITY,
            "Security reasons",
            {
                "threat": "A threat, or a neighbour that is not party",
                "alliance": "Alliance and joint operations",
                "doctrine": "Military doctrine",
                "conflict": "An active conflict",
                "linkage": "Linked to another question",
            },
            (
                Approach("Military dialogue"),
                Approach("Explanation of Article 21"),
                Approach("A peer that lives with a similar threat"),
                Approach("Interim steps"),
            ),
        ),
        Obstacle(
            ObstacleType.INDUSTRY,
            "Industry in the country",
            {
                "producer": "Produces",
                "exporter": "Exports",
                "jobs": "Jobs depend on it",
                "foreign_partner": "A foreign partner",
            },
            (
                Approach("Experience of conversion"),
                Approach("Moratorium"),
                Approach("Ministries of finance and defence"),
            ),
        ),
        Obstacle(
            ObstacleType.FINANCE,
            "Financial constraints",
            {
                "stockpile_destruction": "Cost of destroying stocks",
                "clearance": "Cost of clearance",
                "assessed_contribution": "Assessed contribution",
                "domestic_cost": "Cost at home",
            },
            (
                Approach("Estimate of the cost"),
                Approach("Cooperation and assistance under Article 6"),
                Approach("Donors"),
            ),
        ),
        Obstacle(
            ObstacleType.HUMAN_RESOURCES,
            "Lack of human resources",
            {
                "ratification": "For the ratification itself",
                "implementation": "For carrying out the obligations",
                "reporting": "For the Article 7 report",
            },
            (
                Approach("Expert mission", deck=True),
                Approach("Ratification kit"),
                Approach("Model law"),
                Approach("Template of the report"),
            ),
        ),
        Obstacle(
            ObstacleType.LOW_PRIORITY,
            "Low priority",
            {
                "foreign_policy": "In foreign policy",
                "domestic_policy": "In domestic policy",
                "treaty_fatigue": "Too many treaties",
            },
            (
                Approach("High-level seminar (foreign policy)", deck=True),
                Approach("Capacity-building workshop (domestic policy)", deck=True),
                Approach("Expert mission (domestic policy)", deck=True),
                Approach("Letter"),
                Approach("Visit by a leader"),
            ),
        ),
        Obstacle(
            ObstacleType.KNOWLEDGE,
            "Lack of knowledge",
            {
                "unaware": "Does not know the Convention",
                "thinks_unaffected": "Believes it is not concerned, or already party",
                "misreading": "Misreads an obligation",
                "translation": "Needs a translation",
            },
            (
                Approach("Briefing"),
                Approach("Translation"),
                Approach("Material of the ICRC and the Cluster Munition Coalition"),
            ),
        ),
        Obstacle(
            ObstacleType.LEGISLATURE,
            "Communication with the legislature",
            {
                "backlog": "Backlog",
                "opposition": "Opposition",
                "election": "Election or dissolution",
                "committee": "Held in committee",
                "federal_consent": "Consent of federal units",
            },
            (
                Approach("Workshop on inter-ministerial coordination and the political sector", deck=True),
                Approach("Expert mission", deck=True),
                Approach("Parliamentarians, IPU"),
            ),
        ),
        Obstacle(
            ObstacleType.OTHER,
            "Other",
            {
                "recognition": "Recognition",
                "other_forum": "Prefers another forum",
                "definition": "Legal definition",
            },
            (),
        ),
    )
}
