"""The region schemes that live side by side, and the order in which their labels are listed."""

from __future__ import annotations

from enum import StrEnum


class Scheme(StrEnum):
    """`region`: the seven labels of the 2011 deck in plain use. `seed_region`: the same labels, fitted so
    that the deck's own table comes out. `un_group`: the electoral groups of the United Nations.
    """

    REGION = "region"
    SEED_REGION = "seed_region"
    UN_GROUP = "un_group"


REGION_LABELS = (
    "Asia",
    "Pacific",
    "Middle East",
    "Central and South America",
    "Africa",
    "Former Soviet Union",
    "Europe and North America",
)

REGION_ORDER: dict[Scheme, tuple[str, ...]] = {
    Scheme.REGION: REGION_LABELS,
    Scheme.SEED_REGION: REGION_LABELS,
    Scheme.UN_GROUP: ("Africa", "Asia-Pacific", "Eastern Europe", "GRULAC", "WEOG", "none"),
}
