"""Vehicles: their kinds, their file, when they are on duty."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from stations.kernel.errors import Refused
from stations.kernel.text import Text, _

MOST_SEATS = 60
DUTY = (6 * 60, 19 * 60)


class VehicleState(StrEnum):
    """What a vehicle is told to do."""

    OFF = "off"
    STANDBY = "standby"


STATES: dict[str, Text] = {"standby": _("Stands by"), "off": _("Off duty")}

KINDS: dict[str, Text] = {
    "sedan": _("Sedan"),
    "suv": _("SUV"),
    "ev": _("Electric car"),
    "van": _("Van"),
    "minibus": _("Minibus"),
    "wheelchair_van": _("Wheelchair van"),
    "motorcycle": _("Motorcycle"),
}

# Further spellings that sheets use.
KIND_WORDS = {
    "轿车": "sedan",
    "小轿车": "sedan",
    "小客车": "sedan",
    "越野车": "suv",
    "SUV": "suv",
    "新能源": "ev",
    "新能源车": "ev",
    "电动车": "ev",
    "电动汽车": "ev",
    "商务车": "van",
    "面包车": "van",
    "MPV": "van",
    "中巴": "minibus",
    "中型客车": "minibus",
    "小巴": "minibus",
    "无障碍车": "wheelchair_van",
    "无障碍出租车": "wheelchair_van",
    "福祉车": "wheelchair_van",
    "摩托车": "motorcycle",
    "警用摩托": "motorcycle",
}

PAPERS: dict[str, Text] = {
    "licence": _("Driving licence"),
    "registration": _("Registration"),
    "insurance": _("Insurance"),
    "driver_check": _("Driver's check of the day"),
}


@dataclass(frozen=True, slots=True)
class VehicleFile:
    """The last day that each paper is good, and the day on which the driver was last checked before duty."""

    licence_until: date | None = None
    registration_until: date | None = None
    insurance_until: date | None = None
    driver_checked_on: date | None = None


@dataclass(frozen=True)
class VehicleOrder:
    """What a vehicle is to be. `organization` and `station` are codes, `duty` minutes since midnight; `version` is
    what the writer last saw, None overwrites whatever is there (imports)."""

    code: str
    plate: str
    kind: str
    seats: int
    has_wheelchair: bool
    organization: str
    station: str
    sticker_no: str
    crew_phone: str
    duty: tuple[int, int]
    file: VehicleFile
    version: int | None = None

    def values(self) -> dict[str, str]:
        """The fields of its form as text."""
        return {
            "code": self.code, "plate": self.plate, "kind": self.kind, "seats": str(self.seats),
            "wheelchair": "yes" if self.has_wheelchair else "no", "organization": self.organization,
            "station": self.station, "sticker_no": self.sticker_no, "crew_phone": self.crew_phone,
            "duty": write_duty(self.duty), "licence_until": _day(self.file.licence_until),
            "registration_until": _day(self.file.registration_until),
            "insurance_until": _day(self.file.insurance_until),
            "driver_checked_on": _day(self.file.driver_checked_on),
        }  # fmt: skip


def today_in(zone: ZoneInfo, now: datetime) -> date:
    """The day in the season's zone: papers are good until its end."""
    return now.astimezone(zone).date()


def missing_in_file(file: VehicleFile, today: date) -> tuple[str, ...]:
    """The codes of PAPERS that are missing or out of date; the driver's check is good for its own day only."""
    until = {
        "licence": file.licence_until, "registration": file.registration_until, "insurance": file.insurance_until,
    }  # fmt: skip
    missing = [code for code, last in until.items() if last is None or last < today]
    return tuple(missing if file.driver_checked_on == today else [*missing, "driver_check"])


def check_standby(file: VehicleFile, today: date) -> None:
    """Refuse a vehicle whose file is not complete, saying what is missing."""
    missing = missing_in_file(file, today)
    if missing:
        words = "、".join(str(PAPERS[code]) for code in missing)
        message = _("It cannot stand by yet: missing or out of date are %(papers)s.", papers=words)
        raise Refused("vehicle.file", message)


def is_on_duty(from_minute: int, until_minute: int, at: datetime, zone: ZoneInfo) -> bool:
    """Whether `at` lies in the duty hours, in minutes since midnight of the season's zone."""
    local = at.astimezone(zone)
    return from_minute <= local.hour * 60 + local.minute < until_minute


def write_duty(duty: tuple[int, int]) -> str:
    """06:00-19:00."""
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in duty)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
