"""The way to one's link by staff number and code, where the link itself is lost."""

from functools import cache

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_security import hash_password, verify_password

from stations.kernel.errors import Invalid
from stations.kernel.forms import CellField, CellForm, text_reader
from stations.kernel.text import Text, _
from stations.shifts.queries.volunteers import find_code_hash
from stations.shifts.queries.volunteers import find_volunteer as find_by_number
from stations.web.limits import count_sign_in
from stations.web.volunteer_links import make_token
from stations.web.writing import go, mark

door = Blueprint("volunteer_sign_in", __name__, url_prefix="/v")

WRONG: Text = _("Staff number and code do not fit together. Your team leader can give you a new code or a link.")
NOBODYS_CODE = "nobody's code"


class SignInForm(CellForm):
    """Who comes, and the code that their leader gave them."""

    staff_no = CellField(_("Staff number"), text_reader(40), is_required=True)
    code = CellField(_("Sign-in code"), text_reader(40), is_required=True)


@door.get("/")
def page() -> Response:
    """The form."""
    return _draw(SignInForm())


@door.post("/")
def send() -> Response:
    """Lead to the link of whoever knows the code; one answer to everybody else."""
    form = SignInForm(request.form)
    count_sign_in(f"volunteer:{request.form.get('staff_no', '').strip().casefold()[:64]}")
    if not form.validate():
        return _draw(form, 400)
    is_right = verify_password(form.code.value, find_code_hash(form.staff_no.value) or _nobodys_hash())
    row = find_by_number(form.staff_no.value)
    if row is None or row.is_withdrawn or not row.has_code or not is_right:
        mark(form, Invalid("volunteer.code", WRONG))
        return _draw(form, 400)
    return go(url_for("volunteer.home", token=make_token(row.id, row.link_no)))


@cache
def _nobodys_hash() -> str:
    """What is looked at where there is no code, so that the answer takes as long."""
    return str(hash_password(NOBODYS_CODE))


def _draw(form: SignInForm, status: int = 200) -> Response:
    response = make_response(render_template("volunteer/sign_in.html", form=form), status)
    response.headers["Cache-Control"] = "no-store"
    return response
