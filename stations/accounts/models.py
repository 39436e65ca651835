"""Person, Organization and Grant."""

from datetime import datetime
from typing import Any

from flask_security import UserMixin
from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel.db import Base, UtcDateTime


class Organization(Base):
    """A union federation, a district union or a company. `path` holds the codes from the root down to it,
    each followed by a slash, so that a whole subtree is one prefix."""

    __tablename__ = "organization"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    path: Mapped[str] = mapped_column(String(200), unique=True)


class Person(Base, UserMixin):
    """A member of staff who signs in. Examinees and parents never have an account."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(80))
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool]
    is_demo: Mapped[bool]
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    mf_recovery_codes: Mapped[list[Any] | None] = mapped_column(JSON)

    roles = []  # grants decide, not the sign-in library's roles  # noqa: RUF012


class Grant(Base):
    """A role that a person holds over everything below `path`, until `ends_at` where it is set."""

    __tablename__ = "grant_"
    __table_args__ = (
        UniqueConstraint("person_id", "role", "path"),
        CheckConstraint("path LIKE '%/' OR path = ''", name="path_ends_with_slash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(40))
    path: Mapped[str] = mapped_column(String(200))
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
