"""Let the demonstration's morning happen: people ask for help, vehicles report and drive, crews press their buttons.

Everything goes over HTTP, as phones would send it; only the crews' links are made from the database, as a dispatcher
would hand them out. Seeded: the same people ask in the same order. Starts the server where none answers.
Run: make demo   (or: python data/play_demo.py --speed 4 --every 40 --minutes 60)
"""

import argparse
import csv
import json
import math
import random
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from stations import create_app  # noqa: E402
from stations.config import Config  # noqa: E402
from stations.fleet.queries.vehicles import list_vehicles  # noqa: E402
from stations.web.driver_links import make_token  # noqa: E402

TICK_SECONDS = 5
METRES_PER_DEGREE = 111_320.0
CITY_MPS = 7.0  # 25 km/h, the built-in reckoning's road speed of the morning
KINDS = ("late", "late", "late", "wrong_site", "papers", "unwell", "ride_home")
PLACE = re.compile(r"演示上车点 (\d+)")
Spot = tuple[float, float]


@dataclass
class Car:
    """A vehicle as this play moves it."""

    code: str
    token: str
    at: Spot
    goal: Spot | None = None
    gate: Spot | None = None
    ride: int = 0
    answers_at: float = 0.0
    answer: str = ""
    heading: float = 0.0


@dataclass
class Asked:
    """Where somebody waits and where they want to go."""

    at: Spot
    gate: Spot


class Web:
    """A browser of its own: cookies, forms, JSON."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open

    def get(self, path: str) -> str:
        """The page as text."""
        with self._open(self.base + path, timeout=30) as answer:
            return str(answer.read().decode())

    def post(self, path: str, fields: dict[str, str]) -> str:
        """What comes after a form."""
        return self._send(path, urllib.parse.urlencode(fields).encode(), {})

    def post_json(self, path: str, content: object, token: str = "") -> str:
        """The answer to JSON."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        return self._send(path, json.dumps(content).encode(), headers)

    def _send(self, path: str, body: bytes, headers: dict[str, str]) -> str:
        asked = urllib.request.Request(self.base + path, body, headers)  # noqa: S310 (our own server)
        try:
            with self._open(asked, timeout=30) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return str(error.read().decode())


class Play:
    """The morning: who asks, who drives, who dispatches."""

    def __init__(self, base: str, speed: float, seed: int) -> None:
        self.web, self.dispatcher = Web(base), Web(base)
        self.speed, self.draw = speed, random.Random(seed)  # noqa: S311 (a play, not a secret)
        self.sites = _read("exam_sites.csv")
        self.gates: dict[str, list[Spot]] = {}
        for gate in _read("gates.csv"):
            self.gates.setdefault(gate["site_code"], []).append((float(gate["lat"]), float(gate["lon"])))
        self.asked: list[Asked] = []
        self.cars = _cars()

    def sign_in(self) -> None:
        """Sit down as the demonstration's dispatcher."""
        token = _csrf(self.dispatcher.get("/account/sign-in"))
        who = {"username": "dispatcher", "password": "bankao-demo", "csrf_token": token}
        self.dispatcher.post("/account/sign-in", who)

    def ask(self) -> None:
        """Somebody asks for help, two to seven kilometres from their gate."""
        site = self.draw.choice(self.sites)
        home = (float(site["lat"]), float(site["lon"]))
        gate = self.draw.choice(self.gates.get(site["site_code"], [home]))
        here = _away(home, self.draw.uniform(2_000, 7_000), self.draw.uniform(0, 360))
        self.asked.append(Asked(here, gate))
        kind = self.draw.choice(KINDS)
        self.web.post(
            "/help/ask",
            {
                "kind": kind, "site": site["site_code"], "is_site_checked": "yes", "is_located": "yes",
                "lat": f"{here[0]:.6f}", "lon": f"{here[1]:.6f}", "place": f"演示上车点 {len(self.asked) - 1}",
                "phone": f"138{self.draw.randrange(10**8):08d}" if self.draw.random() < 0.7 else "",
                "seats": str(self.draw.choice((1, 1, 1, 2, 3))), "request_id": uuid.uuid4().hex,
            },
        )  # fmt: skip
        print(f"{time.strftime('%H:%M:%S')} help: {kind} -> {site['name']}")  # noqa: T201 (a play is watched)

    def dispatch(self) -> None:
        """Send what the board proposes."""
        page = self.dispatcher.get("/dispatch")
        self.dispatcher.post("/dispatch/offers", {"csrf_token": _csrf(page), "request_id": uuid.uuid4().hex})

    def drive(self, car: Car, now: float) -> None:
        """Look at the driver's page, press what is due, move on."""
        shown = json.loads(self.web.get(f"/d/{car.token}/now"))
        ride = shown["ride"]
        if ride is None:
            car.ride, car.goal = 0, None
            return
        if ride["id"] != car.ride:
            found = PLACE.search(shown["html"])
            if found is None or int(found[1]) >= len(self.asked):
                return  # somebody else's request, or an earlier play's: the person at the desk plays it
            waits = self.asked[int(found[1])]
            car.ride, car.goal, car.gate = ride["id"], waits.at, waits.gate
            car.answers_at = now + self.draw.uniform(5, 20)
            car.answer = "accept" if self.draw.random() < 0.93 else ""
        if ride["state"] == "offered" and car.answer and now >= car.answers_at:
            self._press(car, "accept")
        elif ride["state"] in ("en_route", "accepted"):
            if self._move(car, car.goal):
                self._press(car, "pick_up")
        elif ride["state"] == "picked_up" and self._move(car, car.gate):
            self._press(car, "drop_off")

    def report(self, car: Car) -> None:
        """The vehicle's position, a few metres off as phones are."""
        lat, lon = _away(car.at, abs(self.draw.gauss(0, 6)), self.draw.uniform(0, 360))
        fix = {
            "lat": lat,
            "lon": lon,
            "accuracy": 12,
            "heading": car.heading if car.ride else None,
            "at": int(time.time() * 1000),
        }
        self.web.post_json("/t/beacon", {"fixes": [fix]}, car.token)

    def _press(self, car: Car, kind: str) -> None:
        self.web.post_json(f"/d/{car.token}/presses", [{"id": uuid.uuid4().hex, "kind": kind, "ride": str(car.ride)}])
        print(f"{time.strftime('%H:%M:%S')} {car.code}: {kind}")  # noqa: T201

    def _move(self, car: Car, goal: Spot | None) -> bool:
        """Go on towards `goal` for a tick; True when it is there."""
        if goal is None:
            return False
        north = (goal[0] - car.at[0]) * METRES_PER_DEGREE
        east = (goal[1] - car.at[1]) * METRES_PER_DEGREE * math.cos(math.radians(goal[0]))
        left, step = math.hypot(north, east), CITY_MPS * self.speed * TICK_SECONDS
        car.heading = math.degrees(math.atan2(east, north)) % 360
        car.at = goal if left <= step else _away(car.at, step, car.heading)
        return left <= step


def _read(name: str) -> list[dict[str, str]]:
    with (ROOT / "data" / "demo" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _cars() -> list[Car]:
    with create_app(Config.from_env()).app_context():
        rows = [row for row in list_vehicles(("",)) if row.state.value == "standby"]
        return [Car(row.code, make_token(row.id, row.link_no), row.post) for row in rows]


def _away(start: Spot, metres: float, bearing: float) -> Spot:
    north, east = math.cos(math.radians(bearing)) * metres, math.sin(math.radians(bearing)) * metres
    degree = METRES_PER_DEGREE * math.cos(math.radians(start[0]))
    return start[0] + north / METRES_PER_DEGREE, start[1] + east / degree


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    return found[1] if found else ""


def _start(base: str) -> subprocess.Popen[bytes] | None:
    """The server, unless one answers already."""
    for wait in range(120):
        try:
            Web(base).get("/")
        except OSError:
            if wait == 0:
                started = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT)
            time.sleep(0.5)
        else:
            return started if wait else None
    raise SystemExit(f"{base} does not answer")


def main() -> None:
    """Play until the minutes are over or somebody presses Ctrl-C."""
    config = Config.from_env()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", default=f"http://{config.host}:{config.port}")
    parser.add_argument("--speed", type=float, default=4.0, help="times the real speed of the vehicles")
    parser.add_argument("--every", type=float, default=40.0, help="seconds between two calls for help, on average")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--watch", action="store_true", help="leave the dispatching to a person")
    given = parser.parse_args()
    server = _start(given.base)
    try:
        play = Play(given.base, given.speed, given.seed)
        play.sign_in()
        print(f"{given.base}/dispatch (dispatcher, bankao-demo); {len(play.cars)} vehicles")  # noqa: T201
        _run(play, given.every, given.minutes * 60, by_hand=given.watch)
    except KeyboardInterrupt:
        pass
    finally:
        if server is not None:
            server.terminate()
            server.wait(20)


def _run(play: Play, every: float, seconds: float, *, by_hand: bool) -> None:
    begun, calls_at, turn = time.monotonic(), 0.0, 0
    while (now := time.monotonic() - begun) < seconds:
        if now >= calls_at:
            play.ask()
            calls_at = now + play.draw.expovariate(1 / every)
        if not by_hand and turn % 4 == 3:
            play.dispatch()
        for n, car in enumerate(play.cars):
            if n % 4 == turn % 4:  # each crew's page looks every twenty seconds, those that ride at every turn
                play.report(car)
            if car.ride or n % 4 == turn % 4:
                play.drive(car, now)
                if car.ride:
                    play.report(car)
        turn += 1
        time.sleep(max(0.0, TICK_SECONDS - (time.monotonic() - begun - now)))


if __name__ == "__main__":
    main()
