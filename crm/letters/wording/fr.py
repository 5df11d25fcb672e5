"""The letter of encouragement in French."""

from __future__ import annotations

from datetime import date

from crm.letters.content import Paragraph
from crm.letters.facts import Addressee, Capacity, Meeting, ReadyFacts, Signer, StateNames
from crm.letters.grammar import french as fr
from crm.letters.grammar.french_cities import FRENCH
from crm.letters.language import Labels, Wording
from crm.letters.rules import Verb
from crm.people.rules import Gender, OfficeKind

_CAPACITIES = {
    Capacity.PRESIDENT_DESIGNATE: ("Président désigné", "Présidente désignée", "Présidence désignée"),
    Capacity.PRESIDENT: ("Président", "Présidente", "Présidence"),
    Capacity.COORDINATOR: (
        "Coordonnateur pour l’universalisation",
        "Coordonnatrice pour l’universalisation",
        "Coordination pour l’universalisation",
    ),
}
_APPEALS = {
    OfficeKind.HEAD_OF_STATE: ("Monsieur le Président", "Madame la Présidente"),
    OfficeKind.HEAD_OF_GOVERNMENT: ("Monsieur le Premier Ministre", "Madame la Première Ministre"),
    OfficeKind.FOREIGN_MINISTER: ("Monsieur le Ministre", "Madame la Ministre"),
    OfficeKind.PERMANENT_REPRESENTATIVE: ("Monsieur l’Ambassadeur", "Madame l’Ambassadrice"),
}
# A minister who bears another title is addressed by it: beginnings of titles, folded, and the form of address.
_TITLED = {
    "vice-premier ministre": ("Monsieur le Vice-Premier Ministre", "Madame la Vice-Première Ministre"),
    "vice-première ministre": ("Monsieur le Vice-Premier Ministre", "Madame la Vice-Première Ministre"),
    "premier ministre": ("Monsieur le Premier Ministre", "Madame la Première Ministre"),
    "première ministre": ("Monsieur le Premier Ministre", "Madame la Première Ministre"),
    "ministre d’état": ("Monsieur le Ministre d’État", "Madame la Ministre d’État"),
    "secrétaire d’état": ("Monsieur le Secrétaire d’État", "Madame la Secrétaire d’État"),
    "conseiller fédéral": ("Monsieur le Conseiller fédéral", "Madame la Conseillère fédérale"),
    "conseillère fédérale": ("Monsieur le Conseiller fédéral", "Madame la Conseillère fédérale"),
}
_GROUPS = {
    "Africa": "du Groupe des États d’Afrique",
    "Asia-Pacific": "du Groupe des États d’Asie et du Pacifique",
    "Eastern Europe": "du Groupe des États d’Europe orientale",
    "GRULAC": "du Groupe des États d’Amérique latine et des Caraïbes",
    "WEOG": "du Groupe des États d’Europe occidentale et autres États",
}


class French(Wording):
    """French, with the forms of address and the typography of French diplomatic correspondence."""

    code = "fr"
    locale = "fr-FR"
    label = "French"
    labels = Labels(draft="Projet", reference="Référence", page="Page", of="sur")

    def date(self, day: date) -> str:
        return fr.day(day)

    def city(self, name: str) -> str:
        return FRENCH.get(name, name)

    def bare(self, names: StateNames) -> str:
        return fr.bare(names.formal["fr"])

    def appeal(self, addressee: Addressee) -> str:
        masculine, feminine = _appeals(addressee)
        usual = feminine if addressee.gender is Gender.FEMALE else masculine
        return addressee.salutations.get("fr") or usual

    def name_line(self, addressee: Addressee) -> str:
        usual = "Madame" if addressee.gender is Gender.FEMALE else "Monsieur"
        return f"Son Excellence {addressee.honorific or usual} {addressee.name}"

    def title_line(self, addressee: Addressee) -> str:
        title = addressee.titles["fr"]
        return f"{title} par intérim" if addressee.acting and "intérim" not in title else title

    def capacity(self, signer: Signer, facts: ReadyFacts) -> str:
        forms = _CAPACITIES[signer.capacity]
        usual = forms[{Gender.MALE: 0, Gender.FEMALE: 1}.get(signer.gender, 2) if signer.person else 2]
        title = signer.capacity_titles.get("fr") or usual
        if signer.capacity is Capacity.COORDINATOR:
            return title
        return f"{title} de {_the_meeting(facts.meeting)}"

    def on_behalf(self, signer: Signer) -> str:
        return f"Pour {fr.apostrophes(signer.names.formal['fr'])}"

    def subject(self, facts: ReadyFacts) -> str:
        return f"Universalisation de la {facts.treaty.names['fr']}"

    def close(self, addressee: Addressee) -> str:
        return f"Veuillez agréer, {self.appeal(addressee)}, les assurances de notre très haute considération."

    def figures_note(self, facts: ReadyFacts) -> str:
        return (
            f"Chiffres au {fr.day(facts.figures.as_of)}. Les États parties sont comptés à partir du dépôt de leur "
            "instrument auprès du Secrétaire général de l’Organisation des Nations Unies."
        )

    def typography(self, text: str) -> str:
        return fr.spaces(text)

    def paragraphs(self, facts: ReadyFacts, verb: Verb) -> tuple[Paragraph, ...]:
        return (
            Paragraph("occasion", _occasion(facts, verb)),
            Paragraph("treaty", _treaty(facts, self)),
            Paragraph("case", _CASE),
            Paragraph("joining", _joining(facts, verb)),
            Paragraph("offer", _offer(verb)),
            Paragraph("invitation", _invitation(facts, self)),
            Paragraph("contact", _contact(facts)),
        )


_CASE = (
    "Les armes à sous-munitions dispersent des engins explosifs sur de vastes étendues. Beaucoup n’explosent pas "
    "comme prévu et demeurent dans les champs, sur les chemins et près des habitations, où ils tuent et mutilent "
    "longtemps après la fin des combats. Les victimes sont, dans leur immense majorité, des civils, et très souvent "
    "des enfants. La Convention oppose à ce fléau une interdiction complète et l’engagement durable de détruire les "
    "stocks, de dépolluer les terres et d’assister les victimes, leurs familles et leurs communautés."
)


def _appeals(addressee: Addressee) -> tuple[str, str]:
    title = fr.apostrophes(addressee.titles.get("fr", "")).lower()
    if addressee.office is OfficeKind.FOREIGN_MINISTER:
        for beginning, forms in _TITLED.items():
            if title.startswith(beginning):
                return forms
    return _APPEALS[addressee.office]


def _the_meeting(meeting: Meeting) -> str:
    """Every meeting's French name is feminine: la deuxième Assemblée, la première Conférence d'examen."""
    return fr.the_meeting(meeting.names["fr"])


def _state(signer: Signer) -> str:
    return fr.running(signer.names.short["fr"], signer.names.formal["fr"])


def _presides(signer: Signer, facts: ReadyFacts) -> str:
    office = "la présidence" if signer.capacity is Capacity.PRESIDENT else "la présidence désignée"
    verb = "assurent" if _state(signer).startswith("les ") else "assure"
    return f"qui {verb} {office} de {_the_meeting(facts.meeting)}"


def _coordinates(signer: Signer) -> str:
    title = signer.capacity_titles.get("fr") or "coordonnateur pour l’universalisation"
    return f"en qualité {fr.de(title)}"


def _occasion(facts: ReadyFacts, verb: Verb) -> str:
    presidency, coordinator = facts.presidency, facts.coordinator
    treaty = facts.treaty.names["fr"]
    link = "de" if facts.meeting.review_conference else "à"
    who = (
        f"au nom {fr.de(_state(presidency))}, {_presides(presidency, facts)} {link} la {treaty}, "
        f"et {fr.de(_state(coordinator))}, {_coordinates(coordinator)}"
    )
    occasion = facts.occasion.get("fr", "")
    opening = f"À l’occasion {fr.de(occasion)} et {who}" if occasion else "A" + who[1:]
    asked = "ratifier cette Convention" if verb is Verb.RATIFY else "adhérer à cette Convention"
    return f"{opening}, nous avons l’honneur d’inviter {facts.state.names.formal['fr']} à {asked}."


def _treaty(facts: ReadyFacts, wording: Wording) -> str:
    treaty, figures = facts.treaty, facts.figures
    parties, signed = figures.states_parties, figures.signatories
    joined = fr.count(parties, "État a déposé son", "États ont déposé leur")
    joined += " instrument de ratification, d’acceptation, d’approbation ou d’adhésion"
    if signed:
        joined += f" et {fr.count(signed, 'autre l’a signée', 'autres l’ont signée')} sans l’avoir encore ratifiée"
    return (
        f"Adoptée {fr.a(wording.city(treaty.adopted_in))} le {fr.day(treaty.adopted_on)} et ouverte à la signature "
        f"{fr.a(wording.city(treaty.opened_in))} le {fr.day(treaty.opened_on)}, la Convention est entrée en vigueur "
        f"le {fr.day(treaty.in_force_on)}. Au {fr.day(figures.as_of)}, {joined}.{_neighbours(facts)} Par le "
        "paragraphe 1 de l’article 21, chaque État partie s’est engagé à encourager les autres États à s’y joindre, "
        "afin que tous soient un jour liés par elle. C’est dans cet esprit que nous vous écrivons."
    )


def _neighbours(facts: ReadyFacts) -> str:
    group, number = _GROUPS.get(facts.state.un_group), facts.figures.group_states_parties
    if not group or not number:
        return ""
    return f" On compte parmi les États parties {fr.count(number, 'membre', 'membres')} {group}."


def _joining(facts: ReadyFacts, verb: Verb) -> str:
    state = facts.state
    if verb is Verb.RATIFY:
        signed = f", le {fr.day(state.signed_on)}," if state.signed_on else ""
        opening = (
            f"Par sa signature{signed} votre pays a fait connaître son attachement à ce but. Il reste à déposer un "
            "seul instrument, de ratification, d’acceptation ou d’approbation, auprès du Secrétaire général de "
            "l’Organisation des Nations Unies, dépositaire."
        )
    else:
        opening = (
            "L’adhésion ne demande que le dépôt d’un instrument auprès du Secrétaire général de l’Organisation des "
            "Nations Unies, dépositaire ; aucune autre étape ne la précède."
        )
    return (
        f"{opening} La Convention entre en vigueur pour l’État concerné le premier jour du sixième mois qui suit le "
        "dépôt. Un rapport initial au titre de l’article 7 est dû dans les 180 jours à compter de cette date, puis une "
        "mise à jour chaque année, au plus tard le 30 avril. Les stocks, s’il en existe, sont détruits dans un délai "
        "de huit ans et les zones contaminées dépolluées dans un délai de dix ans. L’article 6 ouvre à chaque État "
        "partie le droit de demander et de recevoir une assistance. Aucune réserve n’est admise."
    )


def _offer(verb: Verb) -> str:
    step = "de ratification" if verb is Verb.RATIFY else "d’adhésion"
    return (
        f"Nous aiderions volontiers vos autorités à chaque étape : modèle d’instrument {step}, expérience d’États "
        "ayant mené cette procédure à son terme, conseils sur la législation, les rapports et les coûts. Si des "
        "difficultés devaient subsister, nous serions heureux de pouvoir en parler avec elles en toute confidentialité."
    )


def _invitation(facts: ReadyFacts, wording: Wording) -> str:
    meeting = facts.meeting
    return (
        f"{fr.sentence(_the_meeting(meeting))} {_held(meeting, facts.letter_date, wording)}. Les États non parties "
        "peuvent y assister en qualité d’observateurs, et nous serions honorés d’y accueillir une délégation "
        f"{fr.de(facts.state.names.formal['fr'])}."
    )


def _held(meeting: Meeting, on: date, wording: Wording) -> str:
    where = f" {fr.a(wording.city(meeting.city))}" if meeting.city else ""
    if not meeting.starts_on:
        return f"se tiendra{where}" if where else "est en préparation"
    if meeting.precision != "day":
        return f"se tiendra{where} {fr.roughly(meeting.starts_on, meeting.precision)}"
    held = "se tient" if meeting.starts_on <= on else "se tiendra"
    return f"{held}{where} {fr.span(meeting.starts_on, meeting.ends_on or meeting.starts_on)}"


def _contact(facts: ReadyFacts) -> str:
    presidency, coordinator = facts.presidency, facts.coordinator
    whose = fr.de(_state(presidency))
    if _state(presidency) != _state(coordinator):
        whose += f" et {fr.de(_state(coordinator))}"
    written = f" ; tout message peut être adressé à {facts.contact}" if facts.contact else ""
    return (
        f"Les missions permanentes {whose} auprès de l’Organisation des Nations Unies à New York et à Genève se "
        f"tiennent à la disposition de vos autorités{written}."
    )


WORDING = French()
