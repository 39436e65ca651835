"""What is done to a volunteer's file besides its form: skills with their proof, leading a team, a new link."""

import secrets

from flask import Response, make_response, render_template, request, url_for
from flask_security import hash_password

from stations.fleet.queries.vehicles import get_vehicle
from stations.kernel.errors import Invalid, Refused
from stations.kernel.forms import form_data
from stations.kernel.masking import mask_phone
from stations.kernel.text import Text, _
from stations.shifts.actions.knowing import add_duty, remove_duty, remove_skill, set_companion, set_skill
from stations.shifts.actions.teams import set_standing
from stations.shifts.actions.volunteers import forget_volunteer, new_link, set_code
from stations.shifts.forms import DutyForm, PressForm, SkillForm, VolunteerForm
from stations.shifts.queries.volunteers import NO_VOLUNTEER, volunteer_order
from stations.web.coordination.volunteer_page import draw_volunteer
from stations.web.coordination.volunteers import door, get_mine
from stations.web.guard import actor, needs
from stations.web.writing import Deed, go, mark, read_path_code, say, write_once

__all__ = ["door"]

CODE_DIGITS = 6


@door.post("/<code>/skills")
@needs("volunteers.write")
def skill(code: str) -> Response:
    """Record a skill with the proof that was seen."""
    me = actor()
    row, form = get_mine(code, me), SkillForm(request.form)
    try:
        form.require()
        value = form.values
        write_once(
            form.request_id.value, f"volunteer.skill {row.id}",
            lambda by: set_skill(row.staff_no, value["skill"], value["proof"], value["valid_until"], by),
            _("Saved."),
        )  # fmt: skip
    except Refused as refused:
        if not form.errors:
            mark(form, refused)
        return make_response(draw_volunteer(row, me, skill_form=form), refused.status)
    return go(url_for(".edit", code=row.staff_no))


@door.post("/<code>/skills/<skill_code>/end")
@needs("volunteers.write")
def end_skill(code: str, skill_code: str) -> Response:
    """Take a skill off the file."""
    row = get_mine(code, actor())
    return _deed(row.staff_no, f"volunteer.skill_end {row.id}", lambda by: remove_skill(row.staff_no, skill_code, by))


@door.post("/<code>/duties")
@needs("volunteers.write")
def duty(code: str) -> Response:
    """Say in which hours they drive: no shift is theirs then."""
    me = actor()
    row, form = get_mine(code, me), DutyForm(request.form)
    try:
        form.require()
        vehicle, (starts_at, ends_at) = get_vehicle(form.vehicle.value), form.span()
        write_once(
            form.request_id.value, f"volunteer.duty {row.id}",
            lambda by: add_duty(row.staff_no, vehicle.id, starts_at, ends_at, by), _("Saved."),
        )  # fmt: skip
    except Refused as refused:
        if not form.errors:
            mark(form, refused)
        return make_response(draw_volunteer(row, me, duty_form=form), refused.status)
    return go(url_for(".edit", code=row.staff_no))


@door.post("/<code>/duties/<id:number>/end")
@needs("volunteers.write")
def end_duty(code: str, number: int) -> Response:
    """Drive no more in those hours."""
    row = get_mine(code, actor())
    return _deed(row.staff_no, f"volunteer.duty_end {number}", lambda by: remove_duty(number, by))


@door.post("/<code>/companions/end")
@needs("volunteers.write")
def end_companion(code: str) -> Response:
    """Take back what one of two asked for about the other."""
    row, asked_by, other = get_mine(code, actor()), request.form.get("asked_by", ""), request.form.get("other", "")
    if row.staff_no not in (asked_by, other):
        raise Invalid("volunteer.unknown", NO_VOLUNTEER, field="other")
    action = f"volunteer.companion {row.id}"
    return _deed(row.staff_no, action, lambda by: set_companion(asked_by, other, None, by))


@door.post("/<code>/standing")
@needs("volunteers.write")
def standing(code: str) -> Response:
    """Make them leader or deputy of their team, or neither."""
    row, chosen = get_mine(code, actor()), request.form.get("standing", "")
    return _deed(row.staff_no, f"volunteer.standing {row.id}", lambda by: set_standing(row.staff_no, chosen, by))


@door.post("/<code>/forget")
@needs("volunteers.write")
def forget(code: str) -> Response:
    """They withdraw, and who they were is erased at once."""
    form, me = PressForm(request.form), actor()
    form.require()
    if request.form.get("sure") != "yes":
        row = get_mine(code, me)
        refusal = VolunteerForm(form_data(volunteer_order(row).values() | {"phone": mask_phone(row.phone)}))
        say(refusal, _("Please tick that you are sure."))
        return make_response(draw_volunteer(row, me, refusal), 400)
    action = f"volunteer.forget {read_path_code(code, NO_VOLUNTEER)}"
    write_once(form.request_id.value, action, lambda by: forget_volunteer(code, by), _("Erased. Their hours stay."))
    return go(url_for(".page"))


@door.post("/<code>/link")
@needs("volunteers.write")
def link(code: str) -> Response:
    """Make earlier links void."""
    row = get_mine(code, actor())
    done = _("Earlier links of %(name)s no longer work.", name=row.name)
    return _deed(row.staff_no, f"volunteer.link {row.id}", lambda by: new_link(row.staff_no, by), done)


@door.post("/<code>/code")
@needs("volunteers.write")
def sign_in_code(code: str) -> Response:
    """Make another short code, and show it once."""
    row, form = get_mine(code, actor()), PressForm(request.form)
    form.require()
    made, mark_of_this = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}", secrets.token_hex(8)
    hashed = hash_password(made)
    kept = write_once(
        form.request_id.value, f"volunteer.code {row.id}",
        lambda by: set_code(row.staff_no, hashed, by) | {"mark": mark_of_this}, None,
    )  # fmt: skip
    if kept["mark"] != mark_of_this:  # sent again: what was shown then is not known any more
        return go(url_for(".edit", code=row.staff_no))
    answer = make_response(render_template("coordination/code.html", volunteer=row, made=made))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _deed(code: str, action: str, do: Deed, done: Text | None = None) -> Response:
    form = PressForm(request.form)
    form.require()
    write_once(form.request_id.value, action, do, done or _("Saved."))
    return go(url_for(".edit", code=code))
