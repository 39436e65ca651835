"""What the home page and a station's page cost a phone: uv run --group bench python bench/home.py (about four minutes).

Serves the demonstration as `python app.py` does and opens each page with an empty cache at 360 x 740, in turn, at full
speed and with the CPU slowed four times; medians of 5 rounds. KB are 1,000 bytes as they came over the wire, headers
included, compressed: first of what the first screen loads, then, scrolled to the end, of all, map included. Lighthouse
(npm, into a temporary folder) is its mobile run, the median of 3; where npm or it cannot be had, its rows say so.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from chromium import QUIET, find_chromium  # noqa: E402

PAGES = {"home": "/?site=KD0108-12", "station": "/s/GH-HD-01"}
PHONE = {"width": 360, "height": 740}
ROUNDS = 5
SLOWED = (1, 4)
LIGHTHOUSE = "lighthouse@13"
LIGHTHOUSE_ROUNDS = 3
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
HOME_KB = 150
LEAST_SCORE = 95
CLOCK = "2027-06-07T07:45:00+08:00"
WATCH = """(() => {
  const told = (window.told = { lcp: 0, cls: 0 });
  const watch = (type, hear) => new PerformanceObserver((list) => list.getEntries().forEach(hear))
    .observe({ type, buffered: true });
  watch("largest-contentful-paint", (entry) => { told.lcp = entry.startTime; });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) told.cls += entry.value; });
})()"""
TOLD = """() => [performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0, told.lcp, told.cls]"""
HEADINGS = (
    "page", "run", "KB: first screen / with map", "requests: first screen / with map", "to other hosts",
    "FCP / LCP ms", "CLS", "DOM nodes", "performance / accessibility / best practices / SEO",
)  # fmt: skip


@dataclass
class Visit:
    """One cold visit; bytes and counts of the first screen, then of the whole page with its map."""

    first_bytes: float
    all_bytes: float
    first_requests: float
    all_requests: float
    foreign: float
    fcp_ms: float
    lcp_ms: float
    shift: float
    nodes: float


class Wire:
    """Counts what a page asks for and what comes back."""

    def __init__(self, devtools: CDPSession, address: str) -> None:
        self.requests = self.foreign = self.received_bytes = 0
        self._address = address
        devtools.on("Network.requestWillBeSent", self._ask)
        devtools.on("Network.loadingFinished", self._receive)
        devtools.send("Network.enable")

    def _ask(self, event: dict[str, Any]) -> None:
        url = event["request"]["url"]
        if url.startswith(("data:", "blob:")):
            return
        self.requests += 1
        self.foreign += not url.startswith(self._address)

    def _receive(self, event: dict[str, Any]) -> None:
        self.received_bytes += event["encodedDataLength"]


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The application on a new demonstration database; the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"PORT": str(port), "DATABASE_URL": f"sqlite:///{folder}/stations.db", "DEMO_CLOCK": CLOCK}
    with (folder / "served.log").open("wb") as log:
        served = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=os.environ | settings, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(served, f"{address}/healthz", folder / "served.log")
        yield address
    finally:
        served.terminate()
        served.wait(20)


def wait_for(served: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Until it answers; RuntimeError with its log when it does not within two minutes."""
    until = time.monotonic() + 120
    while served.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=2).read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(log.read_text())


def visit(browser: Browser, address: str, path: str, slowed: int) -> Visit:
    """Opens the page with an empty cache, waits until it is quiet, then scrolls to its end."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    try:
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
        wire = Wire(devtools, address)
        page.add_init_script(WATCH)
        page.goto(address + path, wait_until="networkidle")
        first = wire.received_bytes, wire.requests
        times = page.evaluate(TOLD)
        scroll_to_map(page)
        return Visit(
            first[0], wire.received_bytes, first[1], wire.requests, wire.foreign, *times,
            nodes=page.evaluate("document.querySelectorAll('*').length"),
        )  # fmt: skip
    finally:
        context.close()


def scroll_to_map(page: Page) -> None:
    """Down to the end of the page, until the map's pins are drawn and the wire is quiet."""
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("performance.getEntriesByName('map-ready').length", timeout=60_000)
    page.wait_for_load_state("networkidle")


def visit_all(address: str) -> dict[tuple[str, int], Visit]:
    """The medians of every page at every speed."""
    taken: dict[tuple[str, int], list[Visit]] = {(name, slowed): [] for name in PAGES for slowed in SLOWED}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(QUIET))
        for _round in range(ROUNDS):
            for (name, slowed), visits in taken.items():
                visits.append(visit(browser, address, PAGES[name], slowed))
        browser.close()
    return {
        key: Visit(*(median(getattr(one, field.name) for one in visits) for field in fields(Visit)))
        for key, visits in taken.items()
    }


def fetch_lighthouse(folder: Path) -> str:
    """The path of an installed Lighthouse, or '' where it cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        return ""
    order = [npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder), LIGHTHOUSE]
    try:
        subprocess.run(order, check=True, timeout=180, capture_output=True)
    except (subprocess.SubprocessError, OSError):
        return ""
    return str(folder / "node_modules" / ".bin" / "lighthouse")


def audit(lighthouse: str, url: str) -> dict[str, Any]:
    """One mobile run; CalledProcessError when it fails."""
    order = [
        lighthouse, url, "--output=json", "--output-path=stdout", "--quiet", "--form-factor=mobile",
        f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={' '.join(('--headless', *QUIET))}",
    ]  # fmt: skip
    env = os.environ | {"CHROME_PATH": find_chromium() or ""}
    done = subprocess.run(order, check=True, timeout=180, capture_output=True, env=env)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def audit_all(lighthouse: str, address: str) -> dict[str, list[dict[str, Any]]]:
    """The runs of every page, taken in turn; of a page that could not be audited, none."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in PAGES}
    for _round in range(LIGHTHOUSE_ROUNDS if lighthouse else 0):
        for name, path in PAGES.items():
            try:
                runs[name].append(audit(lighthouse, address + path))
            except (subprocess.SubprocessError, ValueError) as failed:
                print(f"Lighthouse failed on the {name} page: {failed}", file=sys.stderr)
    return runs


def visit_row(name: str, slowed: int, one: Visit) -> list[str]:
    return [
        name, f"CPU x{slowed}", f"{one.first_bytes / 1000:.1f} / {one.all_bytes / 1000:.1f}",
        f"{one.first_requests:.0f} / {one.all_requests:.0f}", f"{one.foreign:.0f}",
        f"{one.fcp_ms:.0f} / {one.lcp_ms:.0f}", f"{one.shift:.3f}", f"{one.nodes:.0f}", "-",
    ]  # fmt: skip


def get_scores(runs: list[dict[str, Any]]) -> list[float]:
    """The median score of each category, of 100."""
    return [median(100 * (run["categories"][name]["score"] or 0) for run in runs) for name in CATEGORIES]


def lighthouse_row(name: str, runs: list[dict[str, Any]]) -> list[str]:
    if not runs:
        return [name, "Lighthouse mobile: not run, no npm here or it failed", *["-"] * (len(HEADINGS) - 2)]

    def measured(audit_name: str) -> float:
        return median(float(run["audits"][audit_name]["numericValue"]) for run in runs)

    paint = f"{measured('first-contentful-paint'):.0f} / {measured('largest-contentful-paint'):.0f}"
    scores = " / ".join(f"{score:.0f}" for score in get_scores(runs))
    shift = f"{measured('cumulative-layout-shift'):.3f}"
    return [name, "Lighthouse mobile", "-", "-", "-", paint, shift, "-", scores]


def judge(visits: dict[tuple[str, int], Visit], runs: dict[str, list[dict[str, Any]]]) -> list[str]:
    """The goals, and whether they are met."""
    home_kb = max(one.all_bytes for (name, _slowed), one in visits.items() if name == "home") / 1000
    foreign = max(one.foreign for one in visits.values())
    goals = [
        (home_kb <= HOME_KB, f"home page cold, in all, {home_kb:.1f} KB (goal <= {HOME_KB})"),
        (foreign == 0, f"requests to other hosts {foreign:.0f} (goal 0)"),
    ]
    for name, told in runs.items():
        if told:
            least = min(get_scores(told))
            said = f"lowest Lighthouse score, {name}: {least:.0f} (goal >= {LEAST_SCORE})"
            goals.append((least >= LEAST_SCORE, said))
    return [f"- {'met' if is_met else 'MISSED'}: {said}" for is_met, said in goals]


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with serving(folder) as address:
            visits = visit_all(address)
            runs = audit_all(fetch_lighthouse(folder), address)
    rows = [list(HEADINGS), ["---"] * len(HEADINGS)]
    for name in PAGES:
        rows += [visit_row(name, slowed, visits[name, slowed]) for slowed in SLOWED]
        rows.append(lighthouse_row(name, runs[name]))
    print("\n".join(f"| {' | '.join(row)} |" for row in rows))
    print("\n" + "\n".join(judge(visits, runs)))


if __name__ == "__main__":
    main()
