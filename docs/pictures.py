"""Make the pictures of the README from the running application: `make pictures`."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from chromium import QUIET, find_chromium  # noqa: E402

from stations import create_app  # noqa: E402
from stations.config import Config  # noqa: E402
from stations.fleet.queries.board import list_board_vehicles  # noqa: E402
from stations.kernel import clock  # noqa: E402
from stations.web.driver_links import make_token  # noqa: E402

PORT = 5077
HERE = f"http://127.0.0.1:{PORT}"
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
PICTURES = {
    "home-phone-zh": (PHONE, "/?site=KD0108-12", ""),
    "home-phone-en": (PHONE, "/?site=KD0108-12&lang=en", ""),
    "home-desk-zh": (DESK, "/?site=KD0108-12", ""),
    "home-desk-en": (DESK, "/?site=KD0108-12&lang=en", ""),
    "choose-phone-zh": (PHONE, "/?q=shiyi", ""),
    "station-phone-zh": (PHONE, "/s/GH-HD-01", ""),
    "site-desk-zh": (DESK, "/e/KD0108-12", ""),
    "help-phone-zh": (PHONE, "/help", ""),
    "stations-desk-zh": (DESK, "/admin/stations/", "haidian"),
    "desk-phone-zh": (PHONE, "/desk/GH-HD-01", "lead"),
    "need-phone-zh": (PHONE, "/?site=KD0108-12&need=umbrella", ""),
    "supplies-desk-zh": (DESK, "/admin/stock/?organization=YS-BJ-110108", "haidian"),
    "replenishment-desk-en": (DESK, "/admin/stock/replenishment?lang=en", "city"),
    "sessions-desk-en": (DESK, "/admin/exam-times/?lang=en", "city"),
    "grid-desk-zh": (DESK, "/coordination/", "haidian"),
    "gaps-desk-en": (DESK, "/coordination/gaps?lang=en", "haidian"),
    "here-phone-zh": (PHONE, "/desk/GH-HD-01/here", "lead"),
    "ask-phone-zh": (PHONE, "/help/ask?site=KD0108-12&kind=late", ""),
    "board-desk-zh": (DESK, "/dispatch", "dispatcher"),
    "board-desk-en": (DESK, "/dispatch?lang=en", "dispatcher"),
    "vehicles-desk-zh": (DESK, "/admin/vehicles/", "company"),
}
PLAY = ("--every", "6", "--speed", "6", "--minutes", "10", "--seed", "3")
PLAYED_SECONDS = 75  # until rides are on their way


def draw(browser: Browser, name: str, size: dict[str, int], path: str, username: str) -> None:
    """One picture, signed in where a name is given."""
    page = open_page(browser, size, path, username)
    page.wait_for_timeout(1500)
    keep(page, name)


def open_page(browser: Browser, size: dict[str, int], path: str, username: str) -> Page:
    """A page in a browser of its own."""
    page = browser.new_page(viewport=size, locale="zh-CN")
    if username:
        page.goto(f"{HERE}/account/sign-in")
        page.locator("#username").fill(username)
        page.locator("#password").fill("bankao-demo")
        page.locator("form [type=submit]").last.click()
        page.wait_for_url("**/account/")
    page.goto(HERE + path)
    return page


def keep(page: Page, name: str) -> None:
    """What the page shows now, as a picture."""
    page.screenshot(path=ROOT / "docs" / "pictures" / f"{name}.png")
    page.close()


def draw_roster(browser: Browser, name: str) -> None:
    """A roster that was just worked out."""
    page = open_page(browser, DESK, "/coordination/roster", "haidian")
    page.locator("form[method=post] [type=submit]").last.click()
    page.wait_for_url("**/coordination/roster/*", timeout=120_000)
    page.wait_for_timeout(1500)
    keep(page, name)


def draw_volunteer(browser: Browser, name: str) -> None:
    """A volunteer's own page, entered by number and code."""
    page = open_page(browser, PHONE, "/v/", "")
    page.locator("[name=staff_no]").fill("ZY0405")
    page.locator("[name=code]").fill("270607")
    page.locator("form[method=post] [type=submit]").last.click()
    page.wait_for_url("**/v/*")
    page.wait_for_timeout(1500)
    keep(page, name)


def driver_link() -> str:
    """The page of a crew that is on its way, as the dispatcher would hand it out."""
    with create_app(Config.from_env()).app_context():
        riding = next(each for each in list_board_vehicles(("",), clock.now()) if each.ride_accepted_at)
        return f"/d/{make_token(riding.id, 1)}"


def main() -> None:
    """Serve a fresh demonstration and walk through it."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "PORT": str(PORT), "DATABASE_URL": f"sqlite:///{folder}/stations.db",
            "DEMO_CLOCK": "2027-06-07T07:45:00+08:00",
        }  # fmt: skip
        served = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT)
        played = None
        try:
            for _try in range(900):
                try:
                    urllib.request.urlopen(f"{HERE}/healthz", timeout=2).read()
                    break
                except OSError:
                    time.sleep(0.2)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(QUIET))
                for name, (size, path, username) in PICTURES.items():
                    if path.startswith("/dispatch") and played is None:
                        played = subprocess.Popen([sys.executable, "data/play_demo.py", *PLAY], cwd=ROOT)
                        time.sleep(PLAYED_SECONDS)
                    draw(browser, name, size, path, username)
                draw_roster(browser, "roster-desk-zh")
                draw_volunteer(browser, "volunteer-phone-zh")
                draw(browser, "driver-phone-zh", PHONE, driver_link(), "")
                browser.close()
        finally:
            if played is not None:
                played.terminate()
            served.terminate()
            served.wait(20)


if __name__ == "__main__":
    main()
