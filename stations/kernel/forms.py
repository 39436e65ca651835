"""Forms for people, JSON and sheets: a field keeps what was typed and reads it into a value, or says why not."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form
from wtforms.validators import StopValidation
from wtforms.widgets import HiddenInput, TextArea, TextInput

from stations.kernel.errors import Invalid
from stations.kernel.text import Text, _

Read = Callable[[str], Any]
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,39}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class CellField(Field):  # type: ignore[misc]
    """One field of typed text. `data` is what was typed, `value` what it means (None when left empty)."""

    widget = TextInput()
    data: Any

    def __init__(
        self, label: Text, read: Read, *, is_required: bool = False, hint: Text | None = None, **kwargs: Any
    ) -> None:
        super().__init__(label, **kwargs)
        self.read = read
        self.is_required = is_required
        self.hint = hint
        self.value: Any = None
        self.is_repeated = False
        self.flags.required = is_required

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.is_repeated = len(valuelist) > 1
        self.data = valuelist[0] if valuelist else self.data

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)

    def pre_validate(self, form: Form) -> None:  # noqa: ARG002
        typed = self._value().strip()
        if self.is_repeated:
            raise StopValidation(_("This was given more than once."))
        if typed:
            self.value = _read(self.read, typed)
        elif self.is_required:
            raise StopValidation(_("Please fill this in."))


class LongField(CellField):
    """Typed text of several lines."""

    widget = TextArea()


class HiddenField(CellField):
    """A value that travels with the form unseen."""

    widget = HiddenInput()


class ChoicesField(Field):  # type: ignore[misc]
    """Any number of known codes: checkboxes, repeated parameters, or one cell with a list in it.

    `choices` maps codes to their names, `words` further spellings to codes; a code is never read as a spelling."""

    def __init__(
        self, label: Text, choices: Mapping[str, Text], words: Mapping[str, str], split: Callable[[str], list[str]],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(label, **kwargs)
        self.choices = choices
        self.words = words
        self.split = split
        self.hint: Text | None = None
        self.value: tuple[str, ...] = ()

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [str(value) for value in valuelist]

    @property
    def ticked(self) -> frozenset[str]:
        """The codes that are on, for drawing."""
        return frozenset(self._codes())

    def _codes(self) -> Iterable[str]:
        for typed in self.data or []:
            for word in self.split(typed):
                yield word if word in self.choices else self.words.get(word, word)

    def pre_validate(self, form: Form) -> None:  # noqa: ARG002
        codes = set(self._codes())
        unknown = sorted(codes - self.choices.keys())
        if unknown:
            raise StopValidation(_('"%(word)s" is not one of the choices.', word=unknown[0][:40]))
        self.value = tuple(code for code in self.choices if code in codes)


class CellForm(Form):  # type: ignore[misc]
    """A form of such fields. Validate first, then read `values`."""

    @property
    def values(self) -> dict[str, Any]:
        """What every field means, by name."""
        return {name: field.value for name, field in self._fields.items()}

    @property
    def problems(self) -> dict[str, Text]:
        """The first complaint of each field that has one."""
        return {name: field.errors[0] for name, field in self._fields.items() if field.errors}

    def require(self) -> None:
        """Raise the first complaint unless the form is valid."""
        if not self.validate():
            name, message = next(iter(self.problems.items()))
            raise Invalid("form.invalid", message, field=name)


def form_data(values: Mapping[str, str]) -> "MultiDict[str, str]":
    """A row of a sheet as the data of a form."""
    return MultiDict(values)


def _read(read: Read, typed: str) -> Any:
    try:
        return read(typed)
    except Invalid as refusal:
        raise StopValidation(refusal.message) from None


def text_reader(most: int) -> Read:
    """Reads one line or paragraph of at most `most` characters; control characters are refused."""

    def read(typed: str) -> str:
        text = unicodedata.normalize("NFC", typed).replace("\r\n", "\n")
        if len(text) > most:
            raise Invalid("text.long", _("Please use at most %(most)s characters.", most=most))
        if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t" for c in text):
            raise Invalid("text.control", _("This contains characters that cannot be kept."))
        return text

    return read


def read_code(typed: str) -> str:
    """A short code of letters, digits, dots and hyphens."""
    text = unicodedata.normalize("NFKC", typed)
    if not _CODE.fullmatch(text):
        raise Invalid("code.form", _("A code has up to 40 letters, digits, dots and hyphens."))
    return text


def code_reader(most: int) -> Read:
    """Reads a code of at most `most` characters."""

    def read(typed: str) -> str:
        code = read_code(typed)
        if len(code) > most:
            raise Invalid("code.long", _("Please use at most %(most)s characters.", most=most))
        return code

    return read


def read_request_id(typed: str) -> str:
    """The id that makes a repeated request harmless."""
    if not _REQUEST_ID.fullmatch(typed):
        raise Invalid("request.id", _("This form has no valid request id. Please reload it."))
    return typed


def choice_reader(choices: Mapping[str, Any], words: Mapping[str, str]) -> Read:
    """Reads one of the codes, or one of the further `words` for them."""

    def read(typed: str) -> str:
        code = words.get(typed, typed)
        if code not in choices:
            raise Invalid("choice.unknown", _('"%(word)s" is not one of the choices.', word=typed[:40]))
        return code

    return read
