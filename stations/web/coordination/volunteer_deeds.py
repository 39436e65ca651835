"""What is done to a volunteer's file besides its form: skills with their proof, leading a team, a new link."""

from flask import Response, make_response, request, url_for

from stations.kernel.errors import Refused
from stations.kernel.text import Text, _
from stations.shifts.actions.knowing import remove_skill, set_skill
from stations.shifts.actions.teams import set_standing
from stations.shifts.actions.volunteers import new_link
from stations.shifts.forms import PressForm, SkillForm
from stations.web.coordination.volunteer_page import draw_volunteer
from stations.web.coordination.volunteers import door, get_mine
from stations.web.guard import actor, needs
from stations.web.writing import Deed, go, mark, write_once

__all__ = ["door"]


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


@door.post("/<code>/standing")
@needs("volunteers.write")
def standing(code: str) -> Response:
    """Make them leader or deputy of their team, or neither."""
    row, chosen = get_mine(code, actor()), request.form.get("standing", "")
    return _deed(row.staff_no, f"volunteer.standing {row.id}", lambda by: set_standing(row.staff_no, chosen, by))


@door.post("/<code>/link")
@needs("volunteers.write")
def link(code: str) -> Response:
    """Make earlier links void."""
    row = get_mine(code, actor())
    done = _("Earlier links of %(name)s no longer work.", name=row.name)
    return _deed(row.staff_no, f"volunteer.link {row.id}", lambda by: new_link(row.staff_no, by), done)


def _deed(code: str, action: str, do: Deed, done: Text | None = None) -> Response:
    form = PressForm(request.form)
    form.require()
    write_once(form.request_id.value, action, do, done or _("Saved."))
    return go(url_for(".edit", code=code))
