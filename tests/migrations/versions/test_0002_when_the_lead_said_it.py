"""What leads said before the migration still counts after it."""

import sqlite3
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from stations.kernel.schema import alembic_config, upgrade

STATION = """
INSERT INTO station (code, name, kind, organization_id, path, district_code, address, lat, lon, phone, state, state_on,
    state_reason, revision, version)
VALUES (?, '', 'shopfront', 1, '', '1', '', 39.9, 116.4, '', ?, ?, '', 1, 1)
"""


def test_a_day_becomes_its_first_moment_and_back(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{path}")
    upgrade(engine, "0001")
    plain = sqlite3.connect(path)  # which asks for no organization
    plain.executemany(STATION, [("A", "closed", "2027-06-07"), ("B", "planned", None)])
    plain.commit()
    upgrade(engine)
    found = plain.execute("SELECT code, state, state_at FROM station ORDER BY code").fetchall()
    assert found == [("A", "closed", "2027-06-06 16:00:00.000000"), ("B", "planned", None)]
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0001")
    found = plain.execute("SELECT code, state_on FROM station ORDER BY code").fetchall()
    assert found == [("A", "2027-06-07"), ("B", None)]
    plain.close()
    engine.dispose()
