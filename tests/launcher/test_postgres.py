"""The PostgreSQL server of the tests: real, closed to others, and nothing is left of it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from launcher import postgres
from launcher.postgres import Cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    made.start()
    yield made
    made.stop()


def test_it_is_a_postgresql_that_asks_for_its_password(cluster):
    with psycopg.connect(cluster.url) as connection:
        row = connection.execute("SELECT current_setting('server_version_num')::int, current_user").fetchone()
    assert row
    assert row[0] >= 180000
    assert row[1] == "demarche"
    password = urlsplit(cluster.url).password or ""
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(cluster.url.replace(password, "wrong"))


def test_it_speaks_utf8_and_has_the_search_extensions(cluster):
    with psycopg.connect(cluster.url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE EXTENSION unaccent")
        row = connection.execute("SELECT unaccent('Côte d’Ivoire'), upper('élan'), length('老挝')").fetchone()
        connection.rollback()
    assert row == ("Cote d'Ivoire", "ÉLAN", 2)


@pytest.mark.drill
def test_what_was_committed_outlives_a_crash(cluster):
    with psycopg.connect(cluster.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 100) AS number")
    before = cluster.url
    cluster.crash()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(before)
    cluster.restart()
    assert cluster.url == before
    with psycopg.connect(cluster.url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (100,)


def test_nothing_is_left_and_no_folder_was_opened(tmp_path):
    parents = [tmp_path, *tmp_path.parents, Path.home()]
    before = [stat.S_IMODE(folder.stat().st_mode) for folder in parents]
    passing = Cluster(tmp_path / "cluster")
    url = passing.start()
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in parents] == before
    home = passing._home
    assert (home == passing.folder) == (os.geteuid() != 0)
    passing.stop()
    assert not postgres.accepts(urlsplit(url).port or 0)
    assert not (home / "data").exists()
    assert [path.name for path in (tmp_path / "cluster").iterdir()] == ["postgres.log"]
