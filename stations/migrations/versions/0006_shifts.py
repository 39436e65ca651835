"""The shifts."""

import sqlalchemy as sa
from alembic import op

import stations.kernel.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answered_request", sa.Column("fingerprint", sa.String(length=64), nullable=True))
    op.create_table(
        "roster_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=240), nullable=False),
        sa.Column("since", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_proposal")),
    )
    op.create_index(op.f("ix_roster_proposal_path"), "roster_proposal", ["path"], unique=False)
    op.create_table(
        "heat_day",
        sa.Column("district_code", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("celsius", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["district_code"], ["district.code"], name=op.f("fk_heat_day_district_code")),
        sa.PrimaryKeyConstraint("district_code", "day", name=op.f("pk_heat_day")),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=240), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('club', 'team', 'squad')", name=op.f("ck_team_kind_known")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_team_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("code", name=op.f("uq_team_code")),
    )
    op.create_index(op.f("ix_team_organization_id"), "team", ["organization_id"], unique=False)
    op.create_index(op.f("ix_team_path"), "team", ["path"], unique=False)
    op.create_table(
        "shift_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("path", sa.String(length=240), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("post", sa.String(length=20), nullable=False),
        sa.Column("starts_minutes", sa.Integer(), nullable=False),
        sa.Column("ends_from", sa.String(length=5), nullable=False),
        sa.Column("ends_minutes", sa.Integer(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_from IN ('start', 'end')", name=op.f("ck_shift_template_ends_from_known")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_shift_template_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_template")),
        sa.UniqueConstraint("code", name=op.f("uq_shift_template_code")),
    )
    op.create_index(op.f("ix_shift_template_path"), "shift_template", ["path"], unique=False)
    op.create_index(op.f("ix_shift_template_station_id"), "shift_template", ["station_id"], unique=False)
    op.create_table(
        "volunteer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_no", sa.String(length=40), nullable=False),
        sa.Column("code_hash", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("guardian_consent_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("path", sa.String(length=240), nullable=False),
        sa.Column("standing", sa.String(length=10), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("link_no", sa.Integer(), nullable=False),
        sa.Column("feed_key", sa.String(length=40), nullable=False),
        sa.Column("seen_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("erased_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("standing = '' OR team_id IS NOT NULL", name=op.f("ck_volunteer_leads_a_team")),
        sa.CheckConstraint("standing IN ('', 'leader', 'deputy')", name=op.f("ck_volunteer_standing_known")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_volunteer_organization_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_volunteer_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer")),
        sa.UniqueConstraint("feed_key", name=op.f("uq_volunteer_feed_key")),
        sa.UniqueConstraint("staff_no", name=op.f("uq_volunteer_staff_no")),
    )
    op.create_index(op.f("ix_volunteer_organization_id"), "volunteer", ["organization_id"], unique=False)
    op.create_index(op.f("ix_volunteer_path"), "volunteer", ["path"], unique=False)
    op.create_index(op.f("ix_volunteer_team_id"), "volunteer", ["team_id"], unique=False)
    op.create_table(
        "availability",
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("half", sa.String(length=10), nullable=False),
        sa.Column("is_free", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_availability_volunteer_id")),
        sa.PrimaryKeyConstraint("volunteer_id", "day", "half", name=op.f("pk_availability")),
    )
    op.create_table(
        "companion",
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("is_together", sa.Boolean(), nullable=False),
        sa.CheckConstraint("asked_by <> other_id", name=op.f("ck_companion_of_two")),
        sa.ForeignKeyConstraint(["other_id"], ["volunteer.id"], name=op.f("fk_companion_other_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["volunteer.id"], name=op.f("fk_companion_asked_by")),
        sa.PrimaryKeyConstraint("asked_by", "other_id", name=op.f("pk_companion")),
    )
    op.create_index(op.f("ix_companion_other_id"), "companion", ["other_id"], unique=False)
    op.create_table(
        "season_rounding",
        sa.Column("season_id", sa.Integer(), nullable=False),
        sa.Column("rounding", sa.String(length=20), nullable=False),
        sa.Column("set_by", sa.String(length=80), nullable=False),
        sa.Column("set_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["season_id"], ["season.id"], name=op.f("fk_season_rounding_season_id")),
        sa.PrimaryKeyConstraint("season_id", name=op.f("pk_season_rounding")),
    )
    op.create_table(
        "service_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("since", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("attendances", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(length=200), nullable=False),
        sa.Column("recording_unit_id", sa.Integer(), nullable=True),
        sa.Column("issued_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(length=80), nullable=False),
        sa.Column("revoked_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "since <= until AND minutes >= 0 AND attendances >= 0", name=op.f("ck_service_record_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["recording_unit_id"], ["organization.id"], name=op.f("fk_service_record_recording_unit_id")
        ),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_service_record_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_record")),
        sa.UniqueConstraint("key", name=op.f("uq_service_record_key")),
        sa.UniqueConstraint("number", name=op.f("uq_service_record_number")),
    )
    op.create_index(op.f("ix_service_record_recording_unit_id"), "service_record", ["recording_unit_id"], unique=False)
    op.create_index(
        "ix_service_record_volunteer_id_issued_at", "service_record", ["volunteer_id", "issued_at"], unique=False
    )
    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=True),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("exam_session_id", sa.Integer(), nullable=True),
        sa.Column("post", sa.String(length=20), nullable=False),
        sa.Column("starts_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_shift_takes_time")),
        sa.ForeignKeyConstraint(["exam_session_id"], ["exam_session.id"], name=op.f("fk_shift_exam_session_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_shift_station_id")),
        sa.ForeignKeyConstraint(["template_id"], ["shift_template.id"], name=op.f("fk_shift_template_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
        sa.UniqueConstraint(
            "template_id", "station_id", "exam_session_id", name=op.f("uq_shift_template_id_station_id_exam_session_id")
        ),
    )
    op.create_index(op.f("ix_shift_ends_at"), "shift", ["ends_at"], unique=False)
    op.create_index(op.f("ix_shift_exam_session_id"), "shift", ["exam_session_id"], unique=False)
    op.create_index(op.f("ix_shift_starts_at"), "shift", ["starts_at"], unique=False)
    op.create_index("ix_shift_station_id_starts_at", "shift", ["station_id", "starts_at"], unique=False)
    op.create_table(
        "volunteer_skill",
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("skill", sa.String(length=20), nullable=False),
        sa.Column("proof", sa.String(length=120), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("checked_by", sa.String(length=80), nullable=False),
        sa.Column("checked_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_volunteer_skill_volunteer_id")),
        sa.PrimaryKeyConstraint("volunteer_id", "skill", name=op.f("pk_volunteer_skill")),
    )
    op.create_table(
        "wish",
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("is_liked", sa.Boolean(), nullable=False),
        sa.CheckConstraint("about IN ('post', 'station')", name=op.f("ck_wish_about_known")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_wish_volunteer_id")),
        sa.PrimaryKeyConstraint("volunteer_id", "about", "code", name=op.f("pk_wish")),
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("vehicle_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_duty_takes_time")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_duty_vehicle_id")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_duty_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    op.create_index(op.f("ix_duty_vehicle_id"), "duty", ["vehicle_id"], unique=False)
    op.create_index("ix_duty_volunteer_id_ends_at", "duty", ["volunteer_id", "ends_at"], unique=False)
    op.create_table(
        "shift_need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("skill", sa.String(length=20), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= taken AND 0 <= offered AND taken + offered <= places", name=op.f("ck_shift_need_never_over_full")
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_shift_need_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_need")),
        sa.UniqueConstraint("shift_id", "skill", name=op.f("uq_shift_need_shift_id_skill")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("starts_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("override_reason", sa.String(length=200), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("moved_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "source IN ('self', 'leader', 'admin', 'optimizer', 'import', 'swap', 'offer')",
            name=op.f("ck_assignment_source_known"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'dropped', 'declined', 'removed', 'cancelled')",
            name=op.f("ck_assignment_state_known"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_assignment_takes_time")),
        sa.ForeignKeyConstraint(["need_id"], ["shift_need.id"], name=op.f("fk_assignment_need_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["roster_proposal.id"], name=op.f("fk_assignment_proposal_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_assignment_shift_id")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_assignment_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_need_id"), "assignment", ["need_id"], unique=False)
    op.create_index(op.f("ix_assignment_proposal_id"), "assignment", ["proposal_id"], unique=False)
    op.create_index(op.f("ix_assignment_shift_id"), "assignment", ["shift_id"], unique=False)
    op.create_index("ix_assignment_volunteer_id_ends_at", "assignment", ["volunteer_id", "ends_at"], unique=False)
    op.create_table(
        "waiting_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("offered_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("offered_until", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state <> 'offered' OR offered_until IS NOT NULL", name=op.f("ck_waiting_entry_offer_ends")),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'accepted', 'declined', 'lapsed', 'left')",
            name=op.f("ck_waiting_entry_state_known"),
        ),
        sa.ForeignKeyConstraint(["need_id"], ["shift_need.id"], name=op.f("fk_waiting_entry_need_id")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_waiting_entry_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entry")),
    )
    op.create_index("ix_waiting_entry_state_offered_until", "waiting_entry", ["state", "offered_until"], unique=False)
    op.create_index(op.f("ix_waiting_entry_volunteer_id"), "waiting_entry", ["volunteer_id"], unique=False)
    op.create_index(
        "uq_waiting_entry_on_list",
        "waiting_entry",
        ["need_id", "volunteer_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'offered')"),
        postgresql_where=sa.text("state IN ('waiting', 'offered')"),
    )
    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("in_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("in_how", sa.String(length=20), nullable=False),
        sa.Column("in_by", sa.String(length=80), nullable=False),
        sa.Column("out_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("out_how", sa.String(length=20), nullable=False),
        sa.Column("out_by", sa.String(length=80), nullable=False),
        sa.Column("is_closed_by_program", sa.Boolean(), nullable=False),
        sa.Column("no_show_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("no_show_at IS NULL OR in_at IS NULL", name=op.f("ck_attendance_there_or_not")),
        sa.CheckConstraint(
            "out_at IS NULL OR (in_at IS NOT NULL AND in_at <= out_at)", name=op.f("ck_attendance_in_before_out")
        ),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_attendance_assignment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("assignment_id", name=op.f("uq_attendance_assignment_id")),
    )
    op.create_index(op.f("ix_attendance_in_at"), "attendance", ["in_at"], unique=False)
    op.create_table(
        "swap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("other_assignment_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'agreed', 'refused', 'withdrawn', 'lapsed')", name=op.f("ck_swap_state_known")
        ),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_swap_assignment_id")),
        sa.ForeignKeyConstraint(["other_assignment_id"], ["assignment.id"], name=op.f("fk_swap_other_assignment_id")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_swap_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap")),
    )
    op.create_index(op.f("ix_swap_other_assignment_id"), "swap", ["other_assignment_id"], unique=False)
    op.create_index("ix_swap_state_until", "swap", ["state", "until"], unique=False)
    op.create_index(op.f("ix_swap_volunteer_id"), "swap", ["volunteer_id"], unique=False)
    op.create_index(
        "uq_swap_asked",
        "swap",
        ["assignment_id"],
        unique=True,
        sqlite_where=sa.text("state = 'asked'"),
        postgresql_where=sa.text("state = 'asked'"),
    )
    _keep_apart()


def _keep_apart() -> None:
    """Two confirmed assignments of one volunteer never overlap, whoever writes them."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER assignment_apart_{act.lower()} BEFORE {act} ON assignment "  # noqa: S608
                "WHEN NEW.state = 'confirmed' "
                "BEGIN SELECT RAISE(ABORT, 'assignment_apart') WHERE EXISTS (SELECT 1 FROM assignment a "
                "WHERE a.volunteer_id = NEW.volunteer_id AND a.state = 'confirmed' "
                "AND a.id IS NOT NEW.id AND a.starts_at < NEW.ends_at AND NEW.starts_at < a.ends_at); END"
            )
    else:
        op.execute(
            "ALTER TABLE assignment ADD CONSTRAINT assignment_apart EXCLUDE USING gist "
            "(int4range(volunteer_id, volunteer_id, '[]') WITH &&, "
            "tstzrange(starts_at, ends_at) WITH &&) WHERE (state = 'confirmed')"
        )


def downgrade() -> None:
    op.drop_column("answered_request", "fingerprint")
    op.drop_index(
        "uq_swap_asked",
        table_name="swap",
        sqlite_where=sa.text("state = 'asked'"),
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.drop_index(op.f("ix_swap_volunteer_id"), table_name="swap")
    op.drop_index("ix_swap_state_until", table_name="swap")
    op.drop_index(op.f("ix_swap_other_assignment_id"), table_name="swap")
    op.drop_table("swap")
    op.drop_index(op.f("ix_attendance_in_at"), table_name="attendance")
    op.drop_table("attendance")
    op.drop_index(
        "uq_waiting_entry_on_list",
        table_name="waiting_entry",
        sqlite_where=sa.text("state IN ('waiting', 'offered')"),
        postgresql_where=sa.text("state IN ('waiting', 'offered')"),
    )
    op.drop_index(op.f("ix_waiting_entry_volunteer_id"), table_name="waiting_entry")
    op.drop_index("ix_waiting_entry_state_offered_until", table_name="waiting_entry")
    op.drop_table("waiting_entry")
    op.drop_index("ix_assignment_volunteer_id_ends_at", table_name="assignment")
    op.drop_index(op.f("ix_assignment_shift_id"), table_name="assignment")
    op.drop_index(op.f("ix_assignment_proposal_id"), table_name="assignment")
    op.drop_index(op.f("ix_assignment_need_id"), table_name="assignment")
    op.drop_table("assignment")
    op.drop_table("shift_need")
    op.drop_index("ix_duty_volunteer_id_ends_at", table_name="duty")
    op.drop_index(op.f("ix_duty_vehicle_id"), table_name="duty")
    op.drop_table("duty")
    op.drop_table("wish")
    op.drop_table("volunteer_skill")
    op.drop_index("ix_shift_station_id_starts_at", table_name="shift")
    op.drop_index(op.f("ix_shift_starts_at"), table_name="shift")
    op.drop_index(op.f("ix_shift_exam_session_id"), table_name="shift")
    op.drop_index(op.f("ix_shift_ends_at"), table_name="shift")
    op.drop_table("shift")
    op.drop_index("ix_service_record_volunteer_id_issued_at", table_name="service_record")
    op.drop_index(op.f("ix_service_record_recording_unit_id"), table_name="service_record")
    op.drop_table("service_record")
    op.drop_table("season_rounding")
    op.drop_index(op.f("ix_companion_other_id"), table_name="companion")
    op.drop_table("companion")
    op.drop_table("availability")
    op.drop_index(op.f("ix_volunteer_team_id"), table_name="volunteer")
    op.drop_index(op.f("ix_volunteer_path"), table_name="volunteer")
    op.drop_index(op.f("ix_volunteer_organization_id"), table_name="volunteer")
    op.drop_table("volunteer")
    op.drop_index(op.f("ix_shift_template_station_id"), table_name="shift_template")
    op.drop_index(op.f("ix_shift_template_path"), table_name="shift_template")
    op.drop_table("shift_template")
    op.drop_index(op.f("ix_team_path"), table_name="team")
    op.drop_index(op.f("ix_team_organization_id"), table_name="team")
    op.drop_table("team")
    op.drop_table("heat_day")
    op.drop_index(op.f("ix_roster_proposal_path"), table_name="roster_proposal")
    op.drop_table("roster_proposal")
