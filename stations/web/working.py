"""Long work that is watched while it goes on: its page begins at once, counts, and ends with what came of it.

The work has a thread of its own, so that it is finished whoever looks away. All of it is one answer: no script, no
table, no second request that another process would have to answer. When the process dies, the transaction and the page
end with it, and the page says so once a minute has passed without a sign.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

from flask import Response, copy_current_request_context, request, stream_template
from flask_wtf.csrf import generate_csrf

from stations.kernel.db import db
from stations.kernel.errors import Refused
from stations.kernel.progress import Step, heard_by
from stations.kernel.text import Text
from stations.web.errors import DETAILS

log = logging.getLogger(__name__)

LONG_ROWS = 1000  # what takes about half a second on a small machine
SIGN_SECONDS = 10.0  # a page that says nothing for six of these is lost
WHOLE = "layouts/staff.html"
PART = "layouts/part.html"  # a page without what is round its content

Do = Callable[[], Text | str]  # a sentence, or the content of a page


@dataclass
class Work:
    """What a page shows of it: the steps until it is done, then a sentence or the rest of the page."""

    said: Text | None = None
    content: str = ""
    is_done: bool = False

    def __post_init__(self) -> None:
        self._steps: SimpleQueue[Step | None] = SimpleQueue()

    def run(self, do: Do) -> None:
        """Do it to its end, whatever happens."""
        try:
            with heard_by(self._steps.put):
                came_of_it = do()
            if isinstance(came_of_it, Text):
                self.said = came_of_it
            else:
                self.content = came_of_it
            self.is_done = True
        except Refused as refused:
            self.said = refused.message
        except Exception:
            log.exception("long work failed")
            self.said = DETAILS[500]
        finally:
            self._steps.put(None)

    def walk_steps(self) -> Iterator[Step]:
        """As they come; the last one again where none comes for a while."""
        last = None
        while True:
            try:
                step = self._steps.get(timeout=SIGN_SECONDS)
                if step is None:
                    return
                last = step
            except Empty:
                pass
            if last is not None:
                yield last


def show_work(title: Text, do: Do, *, page_class: str = "stack", back: tuple[str, Text]) -> Response:
    """The page of a long work. What `do` draws has `PART` for its layout; `back` is where to go when it is done."""
    generate_csrf()  # the cookie goes out before the forms are drawn
    assert request.form is not None  # read before the thread needs it
    work = Work()
    page = stream_template("working.html", title=title, work=work, page_class=page_class, back=back)
    db.session.remove()  # the page itself holds no connection meanwhile
    Thread(target=copy_current_request_context(work.run), args=(do,), daemon=True).start()
    response = Response(page, mimetype="text/html")
    response.headers["X-Accel-Buffering"] = "no"  # proxies are to pass it on as it comes
    response.headers["Cache-Control"] = "no-store"
    return response
