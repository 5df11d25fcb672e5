"""Stamps: the same work is not done twice, changed work is."""

import os

from launcher import stamps


def test_a_digest_follows_contents_names_and_absence(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("same")
    absent = stamps.digest([one, two])
    two.write_text("same")
    both = stamps.digest([one, two])
    assert len({absent, both, stamps.digest([two, one]), stamps.digest([one])}) == 4
    assert stamps.digest([one, two]) == both
    one.write_text("other")
    assert stamps.digest([one, two]) != both


def test_an_outline_sees_files_come_change_and_go(tmp_path):
    def outline():
        return stamps.outline([(tmp_path, "*.html")])

    seen = [outline()]
    page = tmp_path / "a" / "page.html"
    page.parent.mkdir()
    page.write_text("one")
    seen.append(outline())
    os.utime(page, (1, 1))
    seen.append(outline())
    (tmp_path / "a" / "note.txt").write_text("does not count")
    assert outline() == seen[-1]
    page.unlink()
    assert outline() == seen[0]
    assert len(set(seen)) == 3


def test_a_stamp_comes_back_as_written_and_a_broken_one_counts_as_none(tmp_path):
    place = tmp_path / "deep" / "stamp.json"
    assert stamps.read(place) == {}
    stamps.write(place, {"lock": "abc"})
    assert stamps.read(place) == {"lock": "abc"}
    place.write_text("{half")
    assert stamps.read(place) == {}
    place.write_text("[1]")
    assert stamps.read(place) == {}
