"""Which column of a spreadsheet says what: told by its heading, in English, French and Spanish, never by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from crm.states.rules import fold

MOST_HEADING_LINES = 40
"""So many lines may stand over a table."""

_ALIKE = 0.88


@dataclass(frozen=True, slots=True)
class Target:
    """Something that a column may say. `headings`: as people write them, those of all languages with bars between."""

    key: str
    label: str
    headings: str


COMMON = (
    Target(
        "state", "State",
        "state|states|country|countries|state country|target state|iso3|iso code|pays|etat|etat vise|etats|pais|estado|"
        "paises|member state|etat membre|estado miembro",
    ),
    Target(
        "held_on", "Date",
        "date|day|date of meeting|meeting date|when|date of contact|held on|date de la rencontre|date du contact|jour|"
        "date de l entretien|fecha|dia|fecha de la reunion|fecha del contacto|cuando",
    ),
    Target(
        "kind", "Kind",
        "kind|type|type of activity|activity|activity type|type of contact|format|nature|type de demarche|"
        "type d activite|activite|nature du contact|tipo|tipo de actividad|actividad|tipo de gestion|gestion",
    ),
    Target(
        "person_name", "Whom",
        "whom|name|interlocutor|interlocutor name|contact|contact person|met with|counterpart|person|official|"
        "interlocuteur|interlocuteur nom|nom|personne rencontree|contact nom|interlocutor nombre|interlocutora|nombre|"
        "persona|contacto|contacto nombre|contact name|who",
    ),
    Target(
        "person_title", "Title and office",
        "title|position|function|office|rank and title|interlocutor title|contact title|post|titre|fonction|poste|"
        "interlocuteur fonction|interlocuteur titre|contact fonction|cargo|titulo|puesto|funcion|interlocutor cargo|"
        "contacto cargo",
    ),
    Target(
        "delivered_by", "Who delivered it",
        "delivered by|who delivered|presented by|carried out by|our side|our representative|our delegation|"
        "delegation|remis par|effectue par|presente par|notre representant|notre delegation|entregado por|"
        "efectuado por|realizado por|nuestro representante|nuestra delegacion|delegacion",
    ),
    Target(
        "delivered_by_title", "Title of who delivered it",
        "delivered by title|title of who delivered|rank of presenter|our representative title|titre du representant|"
        "cargo del representante",
    ),
    Target("person_level", "Level", "level|rank|seniority|niveau|rang|nivel|rango"),
    Target("place", "Place", "place|location|city|venue|where|lieu|ville|lugar|ciudad|sede|donde"),
    Target(
        "occasion", "Occasion",
        "occasion|event|meeting|context|forum|margins of|evenement|contexte|reunion|en marge de|evento|ocasion|"
        "contexto|foro|al margen de",
    ),
    Target("objective", "What it is to bring about", "objective|aim|purpose|objectif|but|objetivo|finalidad"),
    Target(
        "reply", "Reply",
        "reply|response|outcome|result|reaction|summary|notes|remarks|comments|what they said|report|reponse|resultat|"
        "resume|observations|remarques|compte rendu|commentaires|respuesta|resultado|resumen|observaciones|reaccion|"
        "comentarios|informe",
    ),
    Target(
        "obstacle", "Obstacle",
        "obstacle|obstacles|barrier|challenge|reason|difficulty|concern|main obstacle|obstacle principal|difficulte|"
        "raison|frein|obstaculo|obstaculos|dificultad|motivo|razon",
    ),
    Target(
        "next_action", "Next action",
        "next action|next step|next steps|follow up|followup|action|to do|action required|suite|suites|suivi|"
        "prochaine etape|suite a donner|a faire|seguimiento|proximo paso|proximos pasos|accion|pendiente",
    ),
    Target(
        "next_action_due", "By when",
        "by when|due|due date|deadline|due on|follow up date|until|echeance|date limite|delai|pour le|plazo|"
        "fecha limite|vencimiento|para cuando",
    ),
    Target(
        "next_action_owner_id", "Who does it",
        "who does it|action owner|action by|assigned to|assignee|responsible|responsible person|responsible mission|"
        "in charge|charged|responsable|a charge de|charge du suivi|attribue a|encargado|a cargo de|asignado a",
    ),
    Target(
        "paper_left", "What was left",
        "what was left|paper|paper left|document left|left behind|document remis|papier remis|documento entregado|"
        "papel",
    ),
    Target(
        "handling", "Who may see it",
        "handling|who may see it|distribution|sharing|visibility|diffusion|partage|difusion|distribucion|visibilidad",
    ),
    Target(
        "marks", "National marking",
        "marking|national marking|classification|protective marking|marquage|clasificacion|marca",
    ),
    Target(
        "report_ref", "Reference of your own report",
        "reference|ref|report reference|cable|telegram|file|no|numero|reference du rapport|telegramme|dossier|"
        "referencia|telegrama|expediente|cable no",
    ),
    Target(
        "officer_comment", "Your comment",
        "officer comment|own comment|internal comment|assessment|appreciation|commentaire du poste|evaluation|"
        "comentario propio|valoracion|apreciacion",
    ),
)  # fmt: skip
"""What may be said of an activity of any kind."""

NEEDED = ("state", "held_on")
"""Without these there is no record."""

PROBLEM = "problem"
"""The heading under which failed rows come back; it is taken for none of ours."""


def headings_of(targets: Sequence[Target]) -> Mapping[str, str]:
    """By heading, folded, what it says."""
    return {
        **{text: one.key for one in targets for text in one.headings.split("|")},
        **{fold(one.label): one.key for one in targets},
    }


def letter(place: int) -> str:
    """What a spreadsheet calls its column number `place`, counted from 0: A, B … Z, AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def place_of(name: str) -> int:
    """The number of a column by its letters."""
    found = 0
    for char in name:
        found = found * 26 + ord(char) - 64
    return found - 1


def _meant(heading: str, remembered: Mapping[str, str], known: Mapping[str, str]) -> tuple[str, float]:
    """What a heading says, and how sure that is; "" for nothing."""
    text = fold(heading)
    if not text or text == PROBLEM:
        return "", 0.0
    if text in remembered:
        return remembered[text], 3.0
    if text in known:
        return known[text], 2.0
    inside = [one for one in known if len(one) > 3 and f" {one} " in f" {text} "]
    if inside:
        return known[max(inside, key=len)], 1.0
    near = max(known, key=lambda one: SequenceMatcher(None, one, text).ratio())
    likeness = SequenceMatcher(None, near, text).ratio()
    return (known[near], likeness) if likeness >= _ALIKE and len(text) > 4 else ("", 0.0)


def guess(headings: Sequence[str], remembered: Mapping[str, str], known: Mapping[str, str]) -> dict[str, int]:
    """By what it says, the number of the column that says it; each is given once, to the heading that fits best.

    `remembered`: headings, folded, that this party has explained before ("" for one that says nothing of ours);
    `known`: those that everybody uses.
    """
    found: dict[str, tuple[float, int]] = {}
    for place, heading in enumerate(headings):
        key, sure = _meant(heading, remembered, known)
        if key and sure > found.get(key, (0.0, 0))[0]:
            found[key] = (sure, place)
    return {key: place for key, (_sure, place) in found.items()}


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a table: the number of its last line among those given, and what each column is called."""

    last: int
    names: tuple[str, ...]
    score: int


def find_heading(lines: Sequence[Sequence[str]], remembered: Mapping[str, str], known: Mapping[str, str]) -> Heading:
    """The line, or the two lines one above the other, that name the most columns; the first with text otherwise."""
    best = Heading(next((place for place, one in enumerate(lines) if any(one)), 0), (), -1)
    for place, line in enumerate(lines[:MOST_HEADING_LINES]):
        singles = _scored(place, line, remembered, known)
        best = max(best, singles, key=lambda one: one.score)
        above = lines[place - 1] if place else ()
        if sum(map(bool, above)) >= 2 and any(line):
            both = _scored(place, _joined(above, line), remembered, known)
            if both.score > best.score and both.score > len(guess(above, remembered, known)):
                best = both
    return best if best.names else Heading(best.last, tuple(lines[best.last]) if lines else (), 0)


def heading_at(
    lines: Sequence[Sequence[str]], place: int, remembered: Mapping[str, str], known: Mapping[str, str]
) -> Heading:
    """The heading that somebody says stands there; with the line above it where that one explains it."""
    alone = _scored(place, lines[place], remembered, known)
    joined = _scored(place, _joined(lines[place - 1], lines[place]), remembered, known) if place else alone
    return joined if joined.score > alone.score else alone


def _scored(place: int, names: Sequence[str], remembered: Mapping[str, str], known: Mapping[str, str]) -> Heading:
    return Heading(place, tuple(names), len(guess(names, remembered, known)))


def _joined(above: Sequence[str], below: Sequence[str]) -> list[str]:
    """Two lines of a heading as one: a merged cell stands over the columns to its right until the next one."""
    names, over = [], ""
    for place in range(max(len(above), len(below))):
        top = above[place] if place < len(above) else ""
        own = below[place] if place < len(below) else ""
        over = top or (over if own else "")
        names.append(f"{over} {own}".strip() if own else top)
    return names
