"""A volunteer's file: who they are, what they can do, when they are free, what they hold."""

from datetime import timedelta

from flask import render_template

from stations.accounts.queries import list_organizations
from stations.accounts.rules import Actor
from stations.fleet.queries.vehicles import list_vehicles
from stations.kernel import audit, clock
from stations.kernel.forms import form_data
from stations.kernel.masking import mask_phone
from stations.seasons.queries import get_calendar
from stations.shifts.forms import DutyForm, SkillForm, VolunteerForm
from stations.shifts.queries.assignments import list_assignments_of
from stations.shifts.queries.known import (
    get_availability,
    list_companions_of,
    list_duties_of,
    list_skills_of,
    list_wishes_of,
)
from stations.shifts.queries.volunteers import VolunteerRow, list_teams, volunteer_order
from stations.web.codes import draw_code
from stations.web.coordination.words import words
from stations.web.volunteer_links import make_link

LATELY = timedelta(days=2)


def draw_volunteer(
    row: VolunteerRow | None, me: Actor, form: VolunteerForm | None = None, skill_form: SkillForm | None = None,
    duty_form: DutyForm | None = None,
) -> str:  # fmt: skip
    """The file, or an empty form; with what was typed and refused."""
    may_write = me.may("volunteers.write", row.path if row else None)
    values = volunteer_order(row).values() if row else {}
    if row:
        values |= {"version": str(row.version), "phone": mask_phone(row.phone)}
    organizations = {one.code: one.name for one in list_organizations(me.paths("volunteers.write"))}
    teams = {one.code: one.name for one in list_teams(me.paths("volunteers.write"))}
    if row:
        organizations.setdefault(row.organization, row.organization_name)
    return render_template(
        "coordination/volunteer_edit.html", volunteer=row, form=form or VolunteerForm(form_data(values)),
        skill_form=skill_form or SkillForm(), duty_form=duty_form or DutyForm(),
        may_write=may_write, organizations=organizations,
        teams=teams | ({row.team: row.team_name} if row and row.team else {}),
        may_reveal=row is not None and (me.may("shifts.lead", row.path) or may_write), **_file(row), **words(),
    )  # fmt: skip


def _file(row: VolunteerRow | None) -> dict[str, object]:
    if row is None:
        return {}
    duties = list_duties_of(row.id, clock.now() - LATELY)
    own_link = make_link(row.id, row.link_no)
    return {
        "own_link": own_link, "own_code": draw_code(own_link),
        "skills": list_skills_of(row.id), "said": get_availability(row.id), "wishes": list_wishes_of(row.id),
        "companions": list_companions_of(row.id), "duties": duties,
        "vehicle_codes": {one.id: one.code for one in list_vehicles(("",))} if duties else {},
        "held": list_assignments_of(row.id, clock.now() - LATELY),
        "today": clock.now().astimezone(get_calendar().zone).date(), "events": audit.list_events(f"volunteer:{row.id}"),
    }  # fmt: skip
