"""What stands for a row in an address: its number, as large as a database can hold one."""

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

LARGEST_ID = 2**31 - 1


class IdConverter(BaseConverter):
    """`<id:name>`: any other number leads nowhere, as an address that nobody has."""

    regex = "[0-9]{1,10}"

    def to_python(self, value: str) -> int:
        """The number. Raises ValidationError."""
        number = int(value)
        if number > LARGEST_ID:
            raise ValidationError
        return number


def install(app: Flask) -> None:
    """To be called before the pages are registered."""
    app.url_map.converters["id"] = IdConverter
