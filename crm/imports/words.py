"""Words by which people mean a level, an obstacle, a paper or a handling, in English, French and Spanish; a kind brings
its own.

Only whole cells are compared, without accents and case: a word that is not here is a problem of its cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm.activities.rules import LEVEL_LABELS, PAPER_LABELS, Level, Paper
from crm.activities.types import ACTIVITY_TYPES
from crm.core.access import HANDLING_LABELS, Handling
from crm.positions.rules import OBSTACLES, ObstacleType
from crm.states.rules import fold

_LEVELS = {
    Level.HEAD_OF_STATE: "president|king|queen|chef d etat|jefe de estado|presidente",
    Level.HEAD_OF_GOVERNMENT: "prime minister|pm|premier ministre|chef de gouvernement|primer ministro|"
    "jefe de gobierno",
    Level.MINISTER: "fm|foreign minister|minister for foreign affairs|ministre|ministro|ministra|canciller",
    Level.DEPUTY_MINISTER: "vice minister|deputy foreign minister|vice ministre|viceministro|viceministra|"
    "secretaire d etat|minister of state",
    Level.SECRETARY_GENERAL: "secretary general|permanent secretary|secretaire general|secretario general",
    Level.DIRECTOR_GENERAL: "dg|director general|directeur general|directrice generale|directora general",
    Level.DIRECTOR: "director|head of department|head of division|directeur|directrice|chef de division|directora|"
    "jefe de departamento",
    Level.DESK: "desk|desk officer|officer|redacteur|charge de dossier|agent|funcionario|oficial",
    Level.AMBASSADOR: "ambassador|permanent representative|pr|ambassadeur|ambassadrice|representant permanent|"
    "embajador|embajadora|representante permanente",
    Level.DEPUTY_HEAD_OF_MISSION: "dhm|dcm|dpr|deputy head of mission|deputy permanent representative|"
    "charge d affaires|ministre conseiller|ministro consejero|encargado de negocios",
    Level.ATTACHE: "attache|agregado|first secretary|second secretary|third secretary|counsellor|conseiller|consejero",
    Level.PARLIAMENTARIAN: "parliamentarian|mp|member of parliament|senator|depute|parlementaire|senateur|diputado|"
    "parlamentario|senador",
    Level.OTHER: "other|autre|otro|otra",
}
_OBSTACLES = {
    ObstacleType.SECURITY: "1|type 1|security|security reasons|defence|securite|raisons de securite|seguridad|defensa",
    ObstacleType.INDUSTRY: "2|type 2|industry|industrie|industria",
    ObstacleType.FINANCE: "3|type 3|finance|financial|cost|money|funding|financier|finances|cout|moyens financiers|"
    "financiero|finanzas|costo|coste|costes",
    ObstacleType.HUMAN_RESOURCES: "4|type 4|human resources|staff|capacity|lack of capacity|ressources humaines|"
    "capacites|recursos humanos|capacidad",
    ObstacleType.LOW_PRIORITY: "5|type 5|low priority|priority|not a priority|faible priorite|priorite|pas prioritaire|"
    "baja prioridad|prioridad",
    ObstacleType.KNOWLEDGE: "6|type 6|knowledge|lack of knowledge|awareness|lack of awareness|connaissance|"
    "meconnaissance|manque d information|conocimiento|desconocimiento|falta de informacion",
    ObstacleType.LEGISLATURE: "7|type 7|legislature|parliament|parliamentary|ratification|parlement|"
    "procedure parlementaire|parlamento|tramite parlamentario|congreso",
}
_NOTHING = frozenset(
    [
        "none",
        "no",
        "nil",
        "n a",
        "na",
        "aucun",
        "aucune",
        "neant",
        "rien",
        "ninguno",
        "ninguna",
        "nada",
        "sin obstaculo",
    ]
)
"""Words for nothing, where a cell may say so."""

_PAPERS = {
    Paper.NON_PAPER: "non paper|nonpaper|non papier|no documento",
    Paper.AIDE_MEMOIRE: "aide memoire|ayuda memoria|ayudamemoria",
    Paper.NOTE_VERBALE: "note verbale|nv|verbal note|nota verbal",
    Paper.LETTER: "letter|lettre|carta",
}
_HANDLINGS = {
    Handling.PUBLIC: "public|publico|everybody",
    Handling.COMMUNITY: "community|civil society|societe civile|sociedad civil|communaute|comunidad",
    Handling.STATES: "states|etats|estados|all states",
    Handling.COORDINATION: "coordination|coordinators|coordinacion",
    Handling.ORIGINATOR: "originator|internal|own party|interne|interno|confidential|confidentiel|confidencial",
}


def _table(words: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, str]:
    said = {fold(text): key for key, texts in words.items() for text in texts.split("|")}
    own = {fold(text): key for key, label in labels.items() for text in (key, label)}
    return {**said, **own}


class Words:
    """What a whole cell means, by column; made once it is first asked."""

    def __init__(self) -> None:
        kinds = {key: one.label for key, one in ACTIVITY_TYPES.items()}
        obstacles = {key.value: one.label for key, one in OBSTACLES.items()}
        self.known: dict[str, dict[str, str]] = {
            "kind": _table({key: one.words for key, one in ACTIVITY_TYPES.items()}, kinds),
            "person_level": _table(_plain(_LEVELS), _plain(LEVEL_LABELS)),
            "obstacle": {**_table(_plain(_OBSTACLES), obstacles), **dict.fromkeys(_NOTHING, "")},
            "paper_left": {
                **_table(_plain(_PAPERS), _plain(PAPER_LABELS)), **dict.fromkeys(_NOTHING, Paper.NONE.value)
            },
            "handling": _table(_plain(_HANDLINGS), HANDLING_LABELS),
        }  # fmt: skip
        self.examples = {
            "kind": "démarche, capital visit, margins, letter, workshop",
            "person_level": "minister, director, ambassador, desk officer",
            "obstacle": "security, industry, finance, human resources, low priority, knowledge, legislature",
            "paper_left": "non-paper, aide-mémoire, note verbale, letter, none",
            "handling": "originator, coordination, states, community, public",
        }

    def meaning(self, column: str, text: str) -> str | None:
        """The code that a cell means, "" for nothing, None where it is not known."""
        return self.known[column].get(fold(text))


def _plain(table: Mapping[Any, str]) -> dict[str, str]:
    return {str(key): text for key, text in table.items()}
