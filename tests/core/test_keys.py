"""Keys: drawn once, kept as their hash, compared without telling anything."""

from __future__ import annotations

from crm.core import keys


def test_what_is_kept_of_a_key_stays_the_same_over_the_years() -> None:
    """Sessions, feeds, links and tokens that are in the tables go on opening what they open."""
    assert keys.digest("Demarche") == "8c0e58f1c4d2eabfa13e31dae0d8fbedd911c982c3bd9f2d8c7be623b1e50be5"


def test_a_key_fits_what_is_kept_of_it_and_nothing_else() -> None:
    one, other = keys.draw(), keys.draw()
    assert len(one) == 43 and one != other
    assert keys.fits(one, keys.digest(one)) and not keys.fits(one, keys.digest(other))


def test_whatever_is_sent_for_a_key_is_merely_wrong() -> None:
    for sent in ("", "\udc80", "\0", "é" * 5000):
        assert not keys.fits(sent, keys.digest(keys.draw()))
