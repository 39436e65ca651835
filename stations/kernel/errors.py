"""Why an action was refused: one exception, turned into a page, a redrawn form or a JSON problem at the edge."""

from stations.kernel.text import Text


class Refused(Exception):
    """A rule or the database said no.

    `code` is stable and dotted (`station.closed`), `message` is for the reader, `field` names the form field
    or query parameter at fault, `status` is the HTTP status that fits.
    """

    status = 409

    def __init__(self, code: str, message: Text, *, field: str | None = None, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        if status is not None:
            self.status = status


class NotFound(Refused):
    """Nothing by that name within what the asker may see."""

    status = 404


class Invalid(Refused):
    """What was sent cannot be understood."""

    status = 400


class Forbidden(Refused):
    """The asker may not do this."""

    status = 403
