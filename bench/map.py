"""The map page against Folium's own: uv run --group bench python bench/map.py (about two minutes, Chromium needed).

Each page is opened with an empty cache, in turn with its peers, at full speed and with the CPU slowed four times;
medians of 5 rounds. `render` is the server's CPU time for page and data; `wire` is every byte the
browser asked for, uncompressed; `ready` is the frame in which the first pins are drawn. No page shows tiles. The
peers' files come by npm into a temporary folder and are served from here, but for two style sheets that npm lacks.
"""

import gzip
import importlib.util
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

from map_pages import (
    NAMES,
    ROOT,
    Build,
    Figures,
    Parts,
    Pin,
    cluster_page,
    fetch_peers,
    lean_page,
    make_pins,
    marker_page,
    point_peers_here,
)
from playwright.sync_api import Browser, Page, sync_playwright

from stations.maps.base import read_base

POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:"
ROUNDS = 5
BROWSER = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
WATCH = """(() => {
  const look = () => document.querySelector(".leaflet-marker-icon")
    ? performance.mark("map-ready") : requestAnimationFrame(look);
  requestAnimationFrame(look);
})()"""

BASE = read_base(ROOT / "data", language="zh")


class Site(BaseHTTPRequestHandler):
    """The page under test and the folders its files lie in."""

    protocol_version = "HTTP/1.1"
    page: Parts
    folders: dict[str, Path]
    policy = ""
    sent: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        first, _slash, rest = path[1:].partition("/")
        body = Site.page.get(path)
        if body is None and first in Site.folders and (file := Site.folders[first] / rest).is_file():
            body = file.read_bytes()
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", guess_type(path)[0] or "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body or b"")))
        if Site.policy:
            self.send_header("Content-Security-Policy", Site.policy)
        self.end_headers()
        with suppress(ConnectionError):  # the visit is over and the browser has left
            self.wfile.write(body or b"")
        Site.sent.append(len(body or b""))

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


@contextmanager
def serving(folders: dict[str, Path]) -> Iterator[str]:
    Site.folders = folders
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def wait_for_entry(page: Page, name: str) -> float:
    """Milliseconds from the start of the visit to the performance entry `name`; TimeoutError after a minute."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        at = page.evaluate(f"performance.getEntriesByName('{name}')[0]?.startTime")
        if at is not None:
            return float(at)
        time.sleep(0.05)
    raise TimeoutError(f"{name} did not come")


def visit(browser: Browser, address: str, *, slowed: int, is_lean: bool, figures: Figures) -> None:
    """Opens the page with an empty cache and notes its times."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        if slowed > 1:
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
        if not is_lean:
            page.add_init_script(WATCH)
        Site.sent.clear()
        page.goto(address, wait_until="commit")
        page.wait_for_load_state("load")
        for name, times in (("map-ready", figures.ready), ("first-contentful-paint", figures.paint)):
            times[slowed].append(wait_for_entry(page, name))
        figures.nodes = page.evaluate("document.querySelectorAll('*').length")
        figures.wire_bytes = sum(Site.sent)
        figures.foreign += sum(not url.startswith((address, "data:", "blob:")) for url in asked)
    finally:
        context.close()


def run_round(browser: Browser, address: str, pins: list[Pin], told: dict[Build, Figures]) -> None:
    """Every page once at each speed, each made afresh."""
    for slowed in (1, 4):
        for build, figures in told.items():
            began = time.thread_time()
            page = build(pins, figures)
            figures.render.append((time.thread_time() - began) * 1000)
            figures.page_bytes = sum(map(len, page.values()))
            figures.zipped_bytes = sum(len(gzip.compress(body)) for body in page.values())
            Site.page = {**page, "/base.json": BASE, "/favicon.ico": b""}
            is_lean = build is lean_page
            Site.policy = POLICY if is_lean else ""
            visit(browser, address, slowed=slowed, is_lean=is_lean, figures=figures)


def row(count: int, build: Build, figures: Figures) -> str:
    paint, ready = (
        " / ".join(f"{median(times[slowed]):.0f}" for slowed in (1, 4)) for times in (figures.paint, figures.ready)
    )
    size = f"{figures.page_bytes / 1000:.0f} ({figures.zipped_bytes / 1000:.0f})"
    wire = f"{figures.wire_bytes / 1000:.0f}"
    render = f"{median(figures.render):.1f}"
    return f"| {count:,} | {NAMES[build]} | {render} | {size} | {wire} | {paint} | {ready} | {figures.nodes} |"


def judge(small: dict[Build, Figures], large: dict[Build, Figures]) -> list[tuple[str, float, float]]:
    """Goals: what, measured, at most."""
    lean, many = small[lean_page], large[lean_page]
    goals = [
        ("shell render ms", max(median(lean.shell), median(many.shell)), 15),
        ("shell KB", max(lean.shell_bytes, many.shell_bytes) / 1000, 5),
        ("cold page at 250, KB on the wire", lean.wire_bytes / 1000, 250),
        ("requests to other hosts", lean.foreign + many.foreign, 0),
    ]
    if marker_page in small:
        for slowed in (1, 4):
            ratio = median(lean.paint[slowed]) / median(small[marker_page].paint[slowed])
            goals.append((f"first paint at 250, share of Marker+Popup, CPU x{slowed}", ratio, 0.6))
        for slowed, most in ((1, 0.7), (4, 0.55)):
            ratio = median(many.ready[slowed]) / median(large[cluster_page].ready[slowed])
            goals.append((f"ready at 10,000, share of FastMarkerCluster, CPU x{slowed}", ratio, most))
        ratio = median(many.render) / median(large[cluster_page].render)
        goals.append(("server time at 10,000, share of FastMarkerCluster", ratio, 1 / 15))
    return goals


def main() -> None:
    leaflet = importlib.util.find_spec("js_lib_leaflet")
    assert leaflet is not None
    assert leaflet.origin is not None
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        has_peers = fetch_peers(Path(folder))
        if has_peers:
            point_peers_here()
        folders = {
            "leaflet": Path(leaflet.origin).parent / "static" / "js_lib_leaflet",
            "static": ROOT / "static",
            "npm": Path(folder) / "node_modules",
        }
        small: dict[Build, Figures] = {build: Figures() for build in (NAMES if has_peers else [lean_page])}
        large = {build: Figures() for build in small if build is not marker_page}
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        with serving(folders) as address:
            for told, count in ((small, 250), (large, 10_000)):
                pins = make_pins(count)
                for _round in range(ROUNDS):
                    run_round(browser, address, pins, told)
        browser.close()
    print("| N | page | render ms | page+data KB (gz) | wire KB | FCP ms x1 / x4 | ready ms x1 / x4 | DOM nodes |")
    print("|---|---|---|---|---|---|---|---|")
    for count, told in ((250, small), (10_000, large)):
        for build, figures in told.items():
            print(row(count, build, figures))
    if not has_peers:
        print("| - | no npm here: Folium's own pages could not be made | - | - | - | - | - | - |")
    print()
    for what, measured, most in judge(small, large):
        print(f"- {'met' if measured <= most else 'MISSED'}: {what} {measured:.2f} (goal <= {most:.2f})")


if __name__ == "__main__":
    main()
