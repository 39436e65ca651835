"""Make a database ready: the schema, then the demonstration or one administrator, each only once."""

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from stations.accounts.actions import PersonOrder, add_person
from stations.accounts.queries import has_people
from stations.accounts.rules import PROGRAM, Actor, Scope
from stations.config import ROOT, Config
from stations.fleet.actions.vehicles import renew_checks, stand_by_all
from stations.kernel import clock
from stations.kernel.audit import AuditEvent
from stations.kernel.db import db, sqlite_path, transaction
from stations.kernel.schema import upgrade
from stations.places.actions.rounds import verify_due
from stations.places.actions.stations import set_state
from stations.places.rules import StationState
from stations.places.rules.openness import VERIFIED_MINUTES
from stations.seasons.actions import SeasonOrder, begin_season, set_clock
from stations.seasons.queries import find_season, get_calendar
from stations.shifts.actions.volunteers import set_code
from stations.shifts.queries.volunteers import list_teams
from stations.stock.queries.items import list_items
from stations.workflows import importing
from stations.workflows.demo_morning import Morning
from stations.workflows.demo_roster import Roster
from stations.workflows.demo_talks import play_talks

Hash = Callable[[str], str]  # a password into what is stored; the sign-in library's

DATA = ROOT / "data"
DEMO_START = datetime(2027, 6, 7, 7, 40, tzinfo=ZoneInfo("Asia/Shanghai"))
DEMO_ENROLLED = DEMO_START - timedelta(days=4)
DEMO_PASSWORD = "bankao-demo"  # noqa: S105 (demonstration accounts work on loopback only)
DEMO_VOLUNTEER, DEMO_CODE = "ZY0405", "270607"
DEMO_SHEETS = (
    ("districts", "districts.csv"),
    ("landmarks", "landmarks.csv"),
    ("organizations", "demo/organizations.csv"),
    ("exam-sites", "demo/exam_sites.csv"),
    ("gates", "demo/gates.csv"),
    ("stations", "demo/stations.csv"),
    ("sessions", "demo/sessions.csv"),
)
# username, display name, role, path
DEMO_PEOPLE = (
    ("admin", "演示管理员", "admin", ""),
    ("city", "演示市总工会", "federation", "YS-BJ/"),
    ("haidian", "演示海淀区总工会", "organizer", "YS-BJ/YS-BJ-110108/"),
    ("company", "演示门店企业", "organizer", "YS-BJ/YS-QY/"),
    ("lead", "演示站长", "station_lead", "YS-BJ/YS-BJ-110108/GH-HD-01/"),
    ("dispatcher", "演示调度员", "dispatcher", "YS-BJ/"),
    ("team", "演示队长", "team_leader", "YS-BJ/YS-BJ-110108/"),
    ("counsellor", "演示咨询师", "counsellor", "YS-BJ/YS-BJ-110108/"),
    ("observer", "演示观察员", "observer", "YS-BJ/"),
)
DEMO_STOCK = (  # the time at which each sheet is imported
    (time(5, 50), "items", "demo/items.csv"),
    (time(5, 55), "limits", "demo/stock_limits.csv"),
    (time(6, 0), "stock", "demo/stock_at_0600.csv"),
    (time(7, 5), "stock", "demo/stock_at_0705.csv"),
)
DEMO_FLEET = "demo/vehicles.csv"
DEMO_MORNING = "demo/stock_morning.csv"
DEMO_TALKS = "demo/talks.csv"
DEMO_STATES = (
    ("MD-004", StationState.PAUSED, "临时补货，约 08:10 恢复"),
    ("MD-031", StationState.PAUSED, "门前排队过长，请先去隔壁站点"),
    ("MD-052", StationState.CLOSED, "今日店面检修"),
)


def prepare(config: Config, hash_password: Hash, *, with_stock: bool = True, with_volunteers: bool = True) -> list[str]:
    """Bring the database up to date and load what is missing; what a person should be told, line by line."""
    path = sqlite_path(config.database_url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    upgrade(db.engine)
    said = []
    if not has_people() and not config.is_production:
        said = load_demonstration(hash_password, with_stock=with_stock, with_volunteers=with_volunteers)
    start_clock(config)
    if not has_people():
        said.append("No account yet: run `flask --app app init --empty`.")
    return said


def load_demonstration(hash_password: Hash, *, with_stock: bool = True, with_volunteers: bool = True) -> list[str]:
    """Load the demonstration: season, places, volunteers, stock and one account a role."""
    clock.show(DEMO_START, clock.real_now())
    with transaction():
        begin_season(
            SeasonOrder("demo-2027", "2027 年高考（演示）", "Gaokao 2027 (demo)", "Asia/Shanghai", date(2027, 6, 7),
                        date(2027, 6, 10), (39.9087, 116.3975), is_demo=True),
            PROGRAM.username,
        )  # fmt: skip
    for kind, name in DEMO_SHEETS:
        import_file(kind, DATA / name)
    load_fleet()
    if with_volunteers:
        load_volunteers()
        code_hash = hash_password(DEMO_CODE)
        with transaction():
            set_code(DEMO_VOLUNTEER, code_hash, PROGRAM)
            play_talks(DATA / DEMO_TALKS, DEMO_START.date(), get_calendar().zone)
        clock.show(DEMO_START, clock.real_now())
    if with_stock:
        load_stock()
    hashed = hash_password(DEMO_PASSWORD)
    with transaction():
        for code, state, reason in DEMO_STATES:
            set_state(code, state, reason, PROGRAM, get_calendar().zone)
        for username, name, role, path in DEMO_PEOPLE:
            add_person(PersonOrder(username, name, hashed, ((role, path),), is_demo=True), PROGRAM.username)
    return [
        "Demonstration data loaded. Accounts (this machine only), password " + DEMO_PASSWORD + ":",
        *(f"  {username:<12} {role}" for username, _name, role, _path in DEMO_PEOPLE),
        *([f"  {DEMO_VOLUNTEER:<12} volunteer, at /v/ with the code {DEMO_CODE}"] if with_volunteers else []),
    ]


def load_fleet() -> None:
    """Load the demonstration's vehicles; those whose file is complete stand by at their bases."""
    import_file("vehicles", DATA / DEMO_FLEET)
    with transaction():
        stand_by_all(PROGRAM)


def load_volunteers() -> None:
    """Load the demonstration's volunteers, shifts and roster, unless there are teams already: all of it or nothing."""
    roster = Roster(DATA / "demo", _people(), PROGRAM)
    with transaction():
        if list_teams(("",)):
            return
        roster.show(DEMO_ENROLLED)
        roster.enrol()
        roster.play()
    clock.show(DEMO_START, clock.real_now())


def _people() -> dict[str, Actor]:
    return {name: Actor(name, shown, (Scope(role, path),)) for name, shown, role, path in DEMO_PEOPLE}


def load_stock() -> None:
    """Load the demonstration's stock, unless there is some already: all of it or nothing."""
    morning = Morning(DEMO_START.date(), get_calendar().zone, _people())
    with transaction():
        if list_items():
            return
        for at, kind, name in DEMO_STOCK:
            morning.show(at)
            _import(kind, DATA / name)
        morning.play(DATA / DEMO_MORNING)
    clock.show(DEMO_START, clock.real_now())


def import_file(kind_name: str, path: Path) -> dict[str, int]:
    """Import a whole sheet that must hold no wrong row."""
    with transaction():
        return _import(kind_name, path)


def _import(kind_name: str, path: Path) -> dict[str, int]:
    kind = importing.get_kind(kind_name)
    rows = importing.read_file(kind, path.name, path.read_bytes())
    run = importing.get_run(importing.keep_rows(kind, rows, path.name, PROGRAM), PROGRAM)
    counts = importing.apply_run(run, PROGRAM)
    if counts["wrong"]:
        wrong = next(row for row in importing.plan(kind, rows, PROGRAM).rows if row.errors)
        raise ValueError(f"{path.name}, row {wrong.number}: {wrong.errors[0][0]}: {wrong.errors[0][1]}")
    return counts


def start_clock(config: Config) -> None:
    """Set a demonstration's clock for this start. `auto` begins at 07:40 of the first day, or where the records of
    an earlier run end, so that time never runs backwards; the season keeps it, so that every process agrees."""
    if not get_calendar().is_demo or config.demo_clock == "off":
        clock.show_real()
        return
    if config.demo_clock == "auto":
        last = db.session.execute(select(func.max(AuditEvent.at))).scalar()
        shows = max(DEMO_START.astimezone(UTC), last + timedelta(seconds=1) if last else DEMO_START)
    else:
        shows = datetime.fromisoformat(config.demo_clock)
    since = clock.real_now()
    with transaction():
        set_clock(shows, since)
    clock.show(shows, since)
    keep_demonstration_verified()


def follow_clock() -> None:
    """Tell the time as the server of this database does: a demonstration keeps its clock with the season."""
    season = find_season()
    if season is not None and season.clock_shows is not None and season.clock_since is not None:
        clock.show(season.clock_shows, season.clock_since)


def keep_demonstration_verified() -> int:
    """Let the shopfronts' invented staff verify what runs out, and on a new day the drivers who had been checked be
    checked again; how many stations were verified. Those that were stale when the demonstration began stay so, and the
    union points are left to whoever tries the accounts."""
    if not get_calendar().is_demo or clock.is_real():
        return 0
    with transaction():
        renew_checks(DEMO_START.date())
        return verify_due("shopfront", DEMO_START - timedelta(minutes=VERIFIED_MINUTES), clock.now())


def add_admin(username: str, password: str | None, hash_password: Hash) -> str:
    """Add the administrator of an empty database; the password, made up where none was given."""
    password = password or secrets.token_urlsafe(12)
    with transaction():
        add_person(PersonOrder(username, username, hash_password(password), (("admin", ""),)), PROGRAM.username)
    return password
