"""A page that follows a stream, through breaks of every kind."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from journeys.conftest import Visit
from playwright.sync_api import Page, Route

FOLLOW = """async () => {
  const bar = document.createElement("p");
  Object.assign(bar.dataset, { stream: "/dispatch/stream", live: "LIVE", lost: "LOST {time}", age: "{s} old" });
  bar.innerHTML = "<b data-live-state></b><i data-live-age></i>";
  document.body.append(bar);
  const { follow } = await import("/static/x/js/live.js");
  Object.assign(window, { said: [], reads: 0, readable: true, bar });
  follow(bar, {
    async read() {
      if (!window.readable) throw new Error("no network");
      window.said.push(`read ${++window.reads}`);
      await new Promise((resolve) => setTimeout(resolve, window.reads === 1 ? 200 : 0));
      window.said.push("done");
    },
    hear: (kind, content) => window.said.push(`${kind} ${JSON.stringify(content)}`),
  });
}"""


def event(kind: str, content: str, place: str) -> str:
    return f"id: {place}\nevent: {kind}\ndata: {content}\n\n"


class Streams:
    """What the server says at each opening of the stream, and the id that each opening came with."""

    def __init__(self, page: Page, *bodies: str | int) -> None:
        self.bodies = list(bodies)
        self.lasts: list[str] = []
        page.route("**/dispatch/stream*", self.answer)

    def answer(self, route: Route) -> None:
        self.lasts += parse_qs(urlsplit(route.request.url).query).get("last", [""])
        body = self.bodies.pop(0) if self.bodies else 503
        if isinstance(body, int):
            route.fulfill(status=body)
        else:
            route.fulfill(body=body, content_type="text/event-stream")


@pytest.fixture
def page(visit: Callable[..., Visit]) -> Page:
    return visit(bypass_csp=True).page


def start(page: Page, address: str) -> None:
    page.goto(f"{address}/help")
    page.evaluate(FOLLOW)


def test_the_page_goes_on_where_the_stream_broke_off(page: Page, address: str) -> None:
    streams = Streams(
        page,
        event("reset", "null", "5-1") + event("alarm", "1", "5-2"),
        503,
        event("positions", "[[7]]", "5-3") + event("queue", "null", "5-4"),
    )
    start(page, address)
    page.wait_for_function("said.length >= 5")
    # What came while everything was read is younger than what was read: it is heard afterwards.
    assert page.evaluate("said") == ["read 1", "done", "alarm 1", "positions [[7]]", "queue null"]
    assert streams.lasts[:3] == ["", "5-2", "5-2"]


def test_the_page_says_that_it_is_cut_off_and_reads_from_time_to_time(page: Page, address: str) -> None:
    page.clock.install()
    Streams(page)
    start(page, address)
    page.clock.run_for(5_000)
    assert page.evaluate("bar.textContent").startswith("LOST")
    page.clock.run_for(12_000)
    assert page.evaluate("said") == ["read 1", "done"]
    page.evaluate("readable = false")
    page.clock.run_for(30_000)
    age = int(page.evaluate("bar.querySelector('i').textContent").split()[0])
    assert age >= 30
    page.evaluate("readable = true")
    page.clock.run_for(40_000)
    assert page.evaluate("reads") >= 2


def test_a_page_without_streams_reads_from_time_to_time(page: Page, address: str) -> None:
    page.add_init_script("delete window.EventSource")
    page.clock.install()
    start(page, address)
    page.clock.run_for(35_000)
    assert page.evaluate("reads") == 3
    assert page.evaluate("bar.textContent").startswith("LOST")


def test_a_silent_line_is_given_up(page: Page, address: str) -> None:
    page.add_init_script("""
      window.opened = [];
      window.EventSource = class extends EventTarget {
        constructor(url) { super(); opened.push(this); setTimeout(() => this.onopen()); }
        close() { this.isClosed = true; }
      };""")
    page.clock.install()
    start(page, address)
    page.clock.run_for(20_000)
    assert page.evaluate("bar.textContent").startswith("LIVE")
    assert page.evaluate("opened.map((source) => Boolean(source.isClosed))") == [False]
    page.clock.run_for(23_000)
    assert page.evaluate("opened.map((source) => Boolean(source.isClosed))") == [True, False]
