"""What stands for a row in an address: its number, as large as a database can hold one, or a word."""

from flask import Flask
from werkzeug.routing import BaseConverter, UnicodeConverter, ValidationError

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


class WordConverter(UnicodeConverter):
    """`<name>`: one with a character that no database keeps as text leads nowhere too."""

    def to_python(self, value: str) -> str:
        """The word. Raises ValidationError."""
        if "\0" in value:
            raise ValidationError
        return value


def read_id(typed: str) -> int:
    """The number of a row, from a form. Raises ValueError for what cannot be one."""
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= len(str(LARGEST_ID))):
        raise ValueError(typed)
    number = int(typed)
    if number > LARGEST_ID:
        raise ValueError(typed)
    return number


def install(app: Flask) -> None:
    """To be called before the pages are registered."""
    app.url_map.converters |= {"id": IdConverter, "default": WordConverter, "string": WordConverter}
