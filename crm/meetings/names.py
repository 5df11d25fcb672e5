"""What meetings are called. Pure."""

from __future__ import annotations

from crm.meetings.rules import MeetingKind

_ORDINALS = (
    ("First", "Première"),
    ("Second", "Deuxième"),
    ("Third", "Troisième"),
    ("Fourth", "Quatrième"),
    ("Fifth", "Cinquième"),
    ("Sixth", "Sixième"),
    ("Seventh", "Septième"),
    ("Eighth", "Huitième"),
    ("Ninth", "Neuvième"),
    ("Tenth", "Dixième"),
    ("Eleventh", "Onzième"),
    ("Twelfth", "Douzième"),
    ("Thirteenth", "Treizième"),
    ("Fourteenth", "Quatorzième"),
    ("Fifteenth", "Quinzième"),
    ("Sixteenth", "Seizième"),
    ("Seventeenth", "Dix-septième"),
    ("Eighteenth", "Dix-huitième"),
    ("Nineteenth", "Dix-neuvième"),
    ("Twentieth", "Vingtième"),
)


def key_of(kind: MeetingKind, number: int) -> str:
    """The short name everybody uses: 14MSP, 3RC."""
    return f"{number}{'RC' if kind is MeetingKind.REVIEW_CONFERENCE else 'MSP'}"


def usual_names(kind: MeetingKind, number: int) -> tuple[str, str] | None:
    """What a meeting is called in English and in French (articles 11 and 12); None beyond the twentieth."""
    if not 1 <= number <= len(_ORDINALS):
        return None
    english, french = _ORDINALS[number - 1]
    if kind is MeetingKind.REVIEW_CONFERENCE:
        return f"{english} Review Conference", f"{french} Conférence d’examen"
    return f"{english} Meeting of States Parties", f"{french} Assemblée des États parties"
