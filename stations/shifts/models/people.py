"""Team, Volunteer and what is known about volunteers. Positions are WGS-84 degrees."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel.db import Base, UtcDateTime


class Team(Base):
    """A club, team or squad. `path` is its organization's path and its own code: the unit of permission."""

    __tablename__ = "team"
    __table_args__ = (CheckConstraint("kind IN ('club', 'team', 'squad')", name="kind_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    path: Mapped[str] = mapped_column(String(240), index=True)
    version: Mapped[int] = mapped_column(default=1)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Volunteer(Base):
    """Somebody who helps. `path` is that of their team, else of their organization, and their staff number. They sign
    in with it and a code (`code_hash`, '' for none) or by a signed link; `link_no` makes older links void. `lat` and
    `lon` are about where they live or start from, coarse on purpose (`rules.orders.coarse`)."""

    __tablename__ = "volunteer"
    __table_args__ = (
        CheckConstraint("standing IN ('', 'leader', 'deputy')", name="standing_known"),
        CheckConstraint("standing = '' OR team_id IS NOT NULL", name="leads_a_team"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_no: Mapped[str] = mapped_column(String(40), unique=True)
    code_hash: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(30))
    born_on: Mapped[date | None]
    guardian_consent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    path: Mapped[str] = mapped_column(String(240), index=True)
    standing: Mapped[str] = mapped_column(String(10))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    link_no: Mapped[int] = mapped_column(default=1)
    feed_key: Mapped[str] = mapped_column(String(40), unique=True)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class VolunteerSkill(Base):
    """A skill with the proof that was seen, by whom, and until when it holds; without a date it does not expire."""

    __tablename__ = "volunteer_skill"

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), primary_key=True)
    skill: Mapped[str] = mapped_column(String(20), primary_key=True)
    proof: Mapped[str] = mapped_column(String(120))
    valid_until: Mapped[date | None]
    checked_by: Mapped[str] = mapped_column(String(80))
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Availability(Base):
    """What a volunteer said about one half of a local day; who has no row has not said anything."""

    __tablename__ = "availability"

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    half: Mapped[str] = mapped_column(String(10), primary_key=True)
    is_free: Mapped[bool]


class Wish(Base):
    """A post or a station (its code) that a volunteer would like, or refuses."""

    __tablename__ = "wish"
    __table_args__ = (CheckConstraint("about IN ('post', 'station')", name="about_known"),)

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), primary_key=True)
    about: Mapped[str] = mapped_column(String(10), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    is_liked: Mapped[bool]


class Companion(Base):
    """What one volunteer asked for about another: to work together, or apart. The other may ask for something else in
    a row of their own."""

    __tablename__ = "companion"
    __table_args__ = (CheckConstraint("asked_by <> other_id", name="of_two"),)

    asked_by: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), primary_key=True, index=True)
    is_together: Mapped[bool]


class Duty(Base):
    """Hours in which a volunteer drives a vehicle, and so takes no shift."""

    __tablename__ = "duty"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="takes_time"),
        Index("ix_duty_volunteer_id_ends_at", "volunteer_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HeatDay(Base):
    """The highest temperature that is forecast for a district and a local day."""

    __tablename__ = "heat_day"

    district_code: Mapped[str] = mapped_column(ForeignKey("district.code"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    celsius: Mapped[float]
