"""The talks of the demonstration: seeded, counted by people on duty, and enough at one station to show something."""

import filecmp
import shutil
import subprocess
import sys
from pathlib import Path

from flask import Flask

from stations.config import ROOT
from stations.feedback.queries import list_station_days
from stations.feedback.rules import ALL, protect
from stations.kernel import clock
from stations.kernel.db import transaction
from stations.seasons.queries import get_calendar
from stations.workflows.demo_talks import play_talks
from stations.workflows.preparing import DATA, DEMO_START, DEMO_TALKS, load_volunteers


def test_the_first_morning_is_counted_by_those_on_duty(app: Flask) -> None:
    load_volunteers()
    calendar = get_calendar()
    with transaction():
        play_talks(DATA / DEMO_TALKS, DEMO_START.date(), calendar.zone)
    assert clock.now() < DEMO_START
    assert calendar.season_id
    rows = list_station_days(("",), calendar.season_id)
    assert {row.day for row in rows} == {DEMO_START.date()}
    shown = {row.station: protect(row.counts)[ALL, ALL].text for row in rows}
    assert shown.pop("GH-HD-01") == "16"
    assert set(shown.values()) <= {"<5", "5", "6", "7", "8"}


def test_its_sheet_is_what_the_seeded_script_makes(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    shutil.copy(DATA / "make_demo_talks.py", tmp_path)
    shutil.copy(DATA / "demo/roster.csv", tmp_path / "demo")
    subprocess.run([sys.executable, str(tmp_path / "make_demo_talks.py")], check=True, cwd=ROOT)
    assert filecmp.cmp(tmp_path / "demo/talks.csv", DATA / DEMO_TALKS, shallow=False)
