"""Fields keep what was typed and read it, or say why not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from stations.kernel.cells import read_list, read_whole
from stations.kernel.errors import Invalid
from stations.kernel.forms import (
    CellField,
    CellForm,
    ChoicesField,
    LongField,
    choice_reader,
    code_reader,
    form_data,
    read_code,
    read_request_id,
    text_reader,
)
from stations.kernel.text import _

COLOURS = {"red": _("Red"), "blue": _("Blue"), "green": _("Green")}
WORDS = {"红": "red", "蓝": "blue"}


class Sample(CellForm):
    name = CellField(_("Name"), text_reader(5), is_required=True)
    note = LongField(_("Note"), text_reader(10))
    count = CellField(_("Count"), read_whole)
    colour = CellField(_("Colour"), choice_reader(COLOURS, WORDS))
    colours = ChoicesField(_("Colours"), COLOURS, WORDS, read_list)


def fill(*pairs: tuple[str, str]) -> Sample:
    form = Sample(MultiDict(pairs))
    form.validate()
    return form


def problems(*pairs: tuple[str, str]) -> dict[str, str]:
    return {name: str(message) for name, message in fill(*pairs).problems.items()}


def test_a_whole_form_is_read_into_values() -> None:
    form = fill(
        ("name", " 东门 "),
        ("note", "a\r\nb"),
        ("count", "１２"),
        ("colour", "蓝"),
        ("colours", "green、红"),
        ("colours", "红"),
    )
    assert form.problems == {}
    assert form.values == {
        "name": "东门", "note": "a\nb", "count": 12, "colour": "blue", "colours": ("red", "green"),
    }  # fmt: skip
    assert form.colours.ticked == {"red", "green"}
    form.require()


def test_a_code_is_never_read_as_another_ones_spelling() -> None:
    form = Sample(MultiDict([("name", "a"), ("colours", "红")]))
    form.colours.choices = COLOURS | {"红": _("A red thing")}
    assert form.validate()
    assert form.colours.value == ("红",)


def test_what_is_left_empty_is_none() -> None:
    form = fill(("name", "x"), ("note", ""), ("count", "  "))
    assert form.problems == {}
    assert form.values == {"name": "x", "note": None, "count": None, "colour": None, "colours": ()}


@pytest.mark.parametrize(
    ("pairs", "name", "words"),
    [
        ([("name", "")], "name", "Please fill this in."),
        ([("name", " \n ")], "name", "Please fill this in."),
        ([], "name", "Please fill this in."),
        ([("name", "abcdef")], "name", "Please use at most 5 characters."),
        ([("name", "a\0b")], "name", "This contains characters that cannot be kept."),
        ([("name", "a\x1bb")], "name", "This contains characters that cannot be kept."),
        ([("name", "a\ud800")], "name", "This contains characters that cannot be kept."),
        ([("name", "a"), ("name", "a")], "name", "This was given more than once."),
        ([("name", "a"), ("count", "x")], "count", '"x" is not a number.'),
        ([("name", "a"), ("colour", "pink")], "colour", '"pink" is not one of the choices.'),
        ([("name", "a"), ("colours", "red;pink")], "colours", '"pink" is not one of the choices.'),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_kept(pairs: list[tuple[str, str]], name: str, words: str) -> None:
    form = fill(*pairs)
    assert {field: str(message) for field, message in form.problems.items()} == {name: words}
    if pairs and name != "colours":
        assert form[name].data == dict(reversed(pairs))[name]
    with pytest.raises(Invalid) as refused:
        form.require()
    assert (refused.value.code, refused.value.field) == ("form.invalid", name)


def test_composed_and_decomposed_letters_are_one() -> None:
    assert fill(("name", "e\u0301")).name.value == "é"


@given(
    st.lists(st.tuples(st.sampled_from(("name", "note", "count", "colour", "colours", "other")), st.text()), max_size=6)
)
def test_anything_typed_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    form = fill(*pairs)
    assert bool(form.problems) != form.validate()


def test_a_row_of_a_sheet_fills_a_form() -> None:
    form = Sample(form_data({"name": "a", "colours": "红；蓝"}))
    assert form.validate()
    assert form.values["colours"] == ("red", "blue")


@pytest.mark.parametrize(
    ("typed", "code"), [("KD-1", "KD-1"), ("ＫＤ１", "KD1"), ("a" * 40, "a" * 40), ("1.2-3", "1.2-3")]
)
def test_codes_are_letters_digits_dots_and_hyphens(typed: str, code: str) -> None:
    assert read_code(typed) == code


@pytest.mark.parametrize("typed", ["", "a" * 41, "-a", ".a", "a b", "a/b", "a_b", "考点", "a\n", "é", "a;b"])
def test_other_codes_are_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        read_code(typed)


def test_codes_may_have_to_be_shorter() -> None:
    assert code_reader(3)("abc") == "abc"
    with pytest.raises(Invalid):
        code_reader(3)("abcd")


@pytest.mark.parametrize("typed", ["", "short", "a" * 65, "has space", "ünïcödé1", "a/b/c/d/e", "12345678\n"])
def test_request_ids_are_plain_and_long_enough(typed: str) -> None:
    assert read_request_id("A-z_0-9a") == "A-z_0-9a"
    with pytest.raises(Invalid):
        read_request_id(typed)
