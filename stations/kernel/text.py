"""Text for people: an English message id now, the reader's language when it is printed.

Rooms know no web framework, so the web installs its translator here once at start.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Translator = Callable[[str], str]


def _as_written(message: str) -> str:
    return message


_translate: Translator = _as_written


def install(translator: Translator) -> None:
    """Use `translator` (message id -> text in the current reader's language) from now on."""
    global _translate
    _translate = translator


@dataclass(frozen=True)
class Text:
    """A translatable sentence; `str()` gives it in the reader's language with its values filled in."""

    message: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        text = _translate(self.message)
        return text % {name: str(value) for name, value in self.values.items()} if self.values else text

    def __mod__(self, values: dict[str, Any]) -> "Text":
        return Text(self.message, {**self.values, **values})

    def __hash__(self) -> int:
        return hash(self.message)


def _(message: str, **values: Any) -> Text:
    """Mark `message` for translation; `values` fill its %(name)s places when it is printed."""
    return Text(message, values)
