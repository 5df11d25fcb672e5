"""Follow-ups on the way to reminders as their readers wish, and back, on SQLite and PostgreSQL."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask_migrate import downgrade, upgrade

from crm.accounts.models import Party, User
from crm.followups.models import FollowUp
from crm.states.models import State
from tests.architecture.test_moving_up import _rows as rows
from tests.architecture.test_moving_up import both, put
from tests.support.databases import Postgres, Sqlite, opened, settings_for
from tests.support.wall import as_owner


def _keep_follow_ups() -> None:
    """What is overdue and was told of, what is not due yet, and what is done, as they stood before."""
    party, user = uuid.uuid4(), uuid.uuid4()
    common = {"state_iso3": "LAO", "owner_id": user, "originator_id": party, "handling": "coordination"}
    with as_owner() as connection:
        put(connection, Party, {"id": party})
        put(connection, User, {"id": user, "party_id": party})
        put(connection, State, {"iso3": "LAO"})
        for what, status, year in (("overdue", "open", 2020), ("ahead", "open", 2090), ("done", "done", 2020)):
            moment = datetime(year, 10, 1, 9, tzinfo=UTC)
            given = {**common, "what": what, "status": status, "due_on": moment.date(), "due_at": moment, "zone": "UTC"}
            given["remind_at"] = moment if what == "ahead" else None
            put(connection, FollowUp, {"id": uuid.uuid4(), **given})


@both
def test_what_is_open_is_looked_at_once_more_and_stands_as_before_on_the_way_back(
    database: str, tmp_path: Path
) -> None:
    server = Sqlite(tmp_path) if database == "sqlite" else Postgres(tmp_path)
    try:
        with opened(settings_for(server.template_url(), tmp_path)) as app, app.app_context():
            upgrade(revision="0045")
            _keep_follow_ups()
            began = datetime.now(UTC)
            upgrade(revision="0050")
            found = {one.what: (one.remind_at, one.planned_since) for one in rows("follow_up")}
            assert found["done"][0] is None
            for what in ("overdue", "ahead"):
                assert all(_moment(one) - began < timedelta(minutes=5) for one in found[what])
                assert all(_moment(one) >= began for one in found[what])
            downgrade(revision="0045")
            back = {one.what: one.remind_at for one in rows("follow_up")}
            assert {what: one and _moment(one).year for what, one in back.items()} == {
                "overdue": 2020,
                "ahead": 2090,
                "done": None,
            }
    finally:
        server.stop()


def _moment(value: datetime) -> datetime:
    """SQLite keeps no zone."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)
