"""Makes the ten messy spreadsheets in `files/`: `python -m tests.imports.making` writes them anew."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import xlsxwriter

FILES = Path(__file__).parent / "files"


def _text(name: str, text: str, encoding: str) -> None:
    (FILES / name).write_bytes(text.encode(encoding))


def _texts() -> None:
    _text(
        "01_semicolons_french_cp1252.csv",
        "Suivi des démarches 2026;;;;;\r\n;;;;;\r\nPays;Date;Type de démarche;Interlocuteur;Réponse;Échéance\r\n"
        "Côte d'Ivoire;12 mars 2026;Visite;Mme Adjoua Exemple;Favorable à l’adhésion, « bientôt ».;\r\n"
        "Cote d’Ivoire;1er avril 2026;Démarche;M. Koffi Exemple;A pris note.;\r\n"
        "Cap-Vert;03.02.2026;Entretien bilatéral;Directeur des affaires juridiques;Projet de loi prêt.;\r\n"
        "Swaziland;févr. 2026;Lettre;Ministère des affaires étrangères;Accusé de réception.;\r\n"
        "Birmanie;5 mai 2026;Visite;U Exemple;Pas de réponse.;\r\n"
        ";;;;;\r\nTotal : 5;;;;;\r\n",
        "cp1252",
    )
    _text(
        "02_spanish_utf16_tabs.csv",
        "País\tFecha\tTipo\tNombre\tCargo\tResultado\tObstáculo\tSeguimiento\tPlazo\n"
        "Perú\t12 de marzo de 2026\tVisita\tSra. Ejemplo\tDirectora\tApoya los objetivos.\tCosto\tEnviar el modelo de"
        " ley\t15 de enero de 2027\n"
        'República Dominicana\t3 de junio de 2026\tConsultas políticas\tSr. Ejemplo\tViceministro\t"Dos líneas:\n'
        'la segunda."\tTrámite parlamentario\t\t\n'
        "Swazilandia\t2026-05-04\tCarta\tMinisterio\t\tRecibida.\tninguno\t\t\n",
        "utf-16",
    )
    _text(
        "03_ambiguous_dates.csv",
        "Country,Date,Type,Contact,Outcome\n"
        "Bhutan,3/4/2026,Visit,Karma Example,Supports the aims.\n"
        "Mongolia,5/6/2026,Démarche,Bat Example,Took note.\n"
        "Tonga,25/3/2026,Visit,Sione Example,Asked for a note.\n"
        "Palau,7/7/2026,Letter,Minister,Received.\n",
        "utf-8",
    )
    _text(
        "04_quoted_lines_and_notes.csv",
        "\ufeffState,Date,Kind,Whom,Reply\n"
        '"Lao People\'s Democratic Republic",12 March 2026,visit,"Ms, Example","First line,\nsecond ""quoted"" line."\n'
        'Burma¹,Mar-26,briefing,"U Example (MFA)",Listened.\n'
        "Cape Verde (2),2026,margins,Ms Example,Will see.\n"
        '"State","Date","Kind","Whom","Reply"\n'
        "Ivory Coast*,13.03.2026,demarche,Mr Example,Took note.\n"
        "* name in use until 1985,,,,\n"
        "Source: our own files,,,,\n",
        "utf-8",
    )
    _text(
        "05_cyrillic_cp1251.csv",
        "State;Date;Kind;Name;Reply\n"
        "KAZ;12.03.2026;visit;Иван Иванович Примеров;Приняли к сведению и передадут в столицу.\n"
        "MNG;13.03.2026;letter;Пётр Примеров;Получено.\n",
        "cp1251",
    )
    _text(
        "06_arabic_cp1256.csv",
        "iso3|date|kind|whom|reply\n"
        "JOR|2026-03-12|visit|السيد مثال|سوف ندرس الموضوع مع الوزارات الأخرى.\n"
        "YEM|2026-03-13|letter|وزارة الخارجية|تم الاستلام.\n",
        "cp1256",
    )
    _text(
        "07_emoji_and_invisible.csv",
        "🌍 Country,📅 Date,Type,Who,Notes,Classification\n"
        "🇹🇴 Tonga,2026\u201103\u201112,Visit,Sione\u00a0Example,👍 very positive ✔️,\n"
        "Tuvalu 🇹🇻,12 March 2026,Corridor talk,\u200bTe Example,🤷 no answer,RESTRICTED\n"
        "Nowhere Land,12 March 2026,Visit,Nobody,No reply,\n"
        "Fiji,31/02/2026,Visit,Ana Example,Yes,\n"
        "Samoa,13 March 2026,Tea party,Ana Example,Yes,\n"
        "Kiribati,13 March 2026,Visit,,Yes,\n",
        "utf-8",
    )
    _text(
        "08_duplicates_and_blank_lines.csv",
        "State,Date,Kind,Whom,Reply\n"
        ",,,,\n"
        "Bhutan,2026-03-12,visit,Karma Example,Supports the aims.\n"
        "\n"
        "bhutan , 12 March 2026 , Visit , Karma Example , Supports the aims.\n"
        "Kingdom of Bhutan,2026-03-12,visit,Karma Example,Another reply.\n"
        "Subtotal,3,,,\n"
        "GRAND TOTAL,3,,,\n",
        "utf-8",
    )


def _workbooks() -> None:
    with xlsxwriter.Workbook(FILES / "09_merged_headers_and_sheets.xlsx") as book:
        days = book.add_format({"num_format": "dd/mm/yyyy"})
        cover = book.add_worksheet("Read me")
        cover.write("A1", "This workbook belongs to the desk.")
        sheet = book.add_worksheet("Contacts 2026")
        sheet.merge_range("A1:F1", "Contacts with States not party")
        sheet.merge_range("A3:A4", "Country")
        sheet.merge_range("B3:B4", "Date of contact")
        sheet.merge_range("C3:D3", "Interlocutor")
        sheet.write_row("C4", ["Name", "Title"])
        sheet.merge_range("E3:E4", "Outcome")
        sheet.merge_range("F3:F4", "Type")
        rows = [
            ("Eswatini (formerly Swaziland)", date(2026, 3, 12), "Ms Example", "Director", "Supports.", "Visit"),
            ("Swaziland", date(2026, 3, 13), "Mr Example", "Desk", "Took note.", "Visit"),
            ("", date(2026, 3, 14), "Mr Example", "Desk", "Wants a text.", "Visit"),
        ]
        for number, (state, day, *others) in enumerate(rows, start=4):
            sheet.write(number, 0, state)
            sheet.write_datetime(number, 1, day, days)  # type: ignore[arg-type]
            sheet.write_row(number, 2, others)
        sheet.write(7, 0, "Total")
        sheet.write_formula(7, 1, "=COUNTA(B5:B7)", None, 3)
    with xlsxwriter.Workbook(FILES / "10_formulas_and_serials.xlsx") as book:
        sheet = book.add_worksheet("Log")
        sheet.write_row("A1", ["State", "Date", "Kind", "Whom", "Reply", "Next action", "By when", "Obstacle"])
        sheet.write_row("A2", ["Mongolia", 46093, "visit", "Bat Example", "", "Send the kit", "2027-01-15", "3"])
        sheet.write_formula("E2", '="Wishes to join"&"."', None, "Wishes to join.")
        sheet.write_row(
            "A3", ["Palau", "2026-03-13", "letter", "Minister", "Received.", "Ask again", "2026-04-01", "none"]
        )
        sheet.write_row("A4", ["Tonga", "2026-03-14", "visit", "Sione", "-1+1|cmd", "Call", "", "Zorglub"])
        sheet.write_string("A5", "=Fiji")


def make() -> None:
    """Write all ten."""
    FILES.mkdir(exist_ok=True)
    _texts()
    _workbooks()


if __name__ == "__main__":
    make()
