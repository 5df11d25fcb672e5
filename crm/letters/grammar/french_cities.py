"""French names of cities whose English name differs; every other name is spelled the same in both."""

from __future__ import annotations

FRENCH: dict[str, str] = {
    "Abu Dhabi": "Abou Dhabi", "Addis Ababa": "Addis-Abeba", "Algiers": "Alger",
    "Andorra la Vella": "Andorre-la-Vieille", "Ashgabat": "Achgabat", "Athens": "Athènes",
    "Baghdad": "Bagdad", "Baku": "Bakou", "Beirut": "Beyrouth", "Bern": "Berne", "Bishkek": "Bichkek",
    "Bogotá": "Bogota", "Brasília": "Brasilia", "Brussels": "Bruxelles", "Bucharest": "Bucarest",
    "Cairo": "Le Caire", "Copenhagen": "Copenhague", "Damascus": "Damas", "Dhaka": "Dacca",
    "Dushanbe": "Douchanbé", "Geneva": "Genève", "Guatemala City": "Guatemala", "Hanoi": "Hanoï",
    "Havana": "La Havane", "Jerusalem": "Jérusalem", "Kabul": "Kaboul", "Kathmandu": "Katmandou",
    "Kuwait City": "Koweït", "Lisbon": "Lisbonne", "London": "Londres", "Manila": "Manille",
    "Mexico City": "Mexico", "Mogadishu": "Mogadiscio", "Moscow": "Moscou", "Muscat": "Mascate",
    "Nicosia": "Nicosie", "Panama City": "Panama", "Port Louis": "Port-Louis", "Port Vila": "Port-Vila",
    "Riyadh": "Riyad", "San Marino": "Saint-Marin", "Sana'a": "Sanaa", "Santo Domingo": "Saint-Domingue",
    "São Tomé": "Sao Tomé", "Seoul": "Séoul", "Singapore": "Singapour", "South Tarawa": "Tarawa-Sud",
    "St. George's": "Saint-Georges", "Tashkent": "Tachkent", "Tbilisi": "Tbilissi", "Tehran": "Téhéran",
    "Thimphu": "Thimphou", "Ulaanbaatar": "Oulan-Bator", "Valletta": "La Valette",
    "Vatican City": "Cité du Vatican", "Vienna": "Vienne", "Warsaw": "Varsovie",
    "Washington, D.C.": "Washington", "Yerevan": "Erevan",
}  # fmt: skip
