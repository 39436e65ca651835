"""Everything that a desk shows, gathered once for the page and for the refresh."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import render_template

from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.kernel.errors import NotFound
from stations.kernel.text import Text, _
from stations.places.queries.rows import StationRow
from stations.places.queries.stations import find_station
from stations.places.rules.openness import at_minute
from stations.seasons.queries import get_calendar
from stations.stock.actions.ledger import REVERSIBLE
from stations.stock.queries.alerts import AlertRow, list_alerts
from stations.stock.queries.entries import EntryRow, list_entries, sum_issued
from stations.stock.queries.items import ItemRow, list_items
from stations.stock.queries.ledger import last_position
from stations.stock.queries.loans import LoanRow, list_loans
from stations.stock.queries.transfers import TransferRow, list_transfers
from stations.stock.rules.items import CATEGORIES
from stations.stock.rules.ledger import KIND_NAMES
from stations.stock.rules.limits import STATE_NAMES
from stations.stock.rules.transfers import STATE_NAMES as TRANSFER_STATES
from stations.stock.rules.transfers import TransferState
from stations.web.desk.tiles import Tile, list_others, list_tiles
from stations.web.operating import StationLine, make_line
from stations.web.units import say_units
from stations.web.writing import read_path_code

NO_STATION: Text = _("There is no such station.")
LATEST = 8
PARTS = ("alerts", "loans", "entries", "issued")


@dataclass(frozen=True)
class Draft:
    """A form that was refused: its kind, what it was about, what was typed, why."""

    kind: str = ""
    about: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    error: Text | str = ""


NOTHING_TYPED = Draft()


@dataclass(frozen=True)
class Desk:
    """One station's desk, now. Quantities are base units, `entries` the latest ones that can be taken back."""

    line: StationLine
    tiles: list[Tile]
    others: list[ItemRow]
    alerts: list[AlertRow]
    loans: list[LoanRow]
    transfers: list[TransferRow]
    entries: list[tuple[EntryRow, ItemRow]]
    issued: list[tuple[ItemRow, int]]
    position: int
    refused: Draft = NOTHING_TYPED
    operate_reason: str = ""
    operate_error: Text | str = ""

    @property
    def code(self) -> str:
        """The station's."""
        return self.line.station.code

    @property
    def arriving(self) -> int:
        """How many transfers are on their way here, to be signed for."""
        return sum(_is_arriving(transfer, self.code) for transfer in self.transfers)

    @property
    def lendable(self) -> list[ItemRow]:
        """What may be brought back here, wherever it was lent."""
        return [item for item in list_items().values() if item.is_lent]

    def draft(self, kind: str, about: object) -> Draft:
        """What was typed into this very form, where it was the one that was refused."""
        is_this = (self.refused.kind, self.refused.about) == (kind, str(about))
        return self.refused if is_this else NOTHING_TYPED


def get_mine(code: str, me: Actor) -> StationRow:
    """The station, if this person may write its stock; one of others is as if it were not there."""
    station = find_station(read_path_code(code, NO_STATION))
    if station is None or not me.may("stock.write", station.path):
        raise NotFound("station.unknown", NO_STATION)
    return station


def make_desk(
    station: StationRow, me: Actor, refused: Draft = NOTHING_TYPED, reason: str = "", error: Text | str = ""
) -> Desk:
    """Gather it. The position comes last: whoever counts now has seen at least what the tiles show."""
    now, zone = clock.now(), get_calendar().zone
    line, since = make_line(station, me), _midnight(now, zone)
    by_id = {item.id: item for item in list_items().values()}
    tiles = list_tiles(station.code, station.path, line.standing, now)
    issued = sum_issued(station.code, since)
    return Desk(
        line=line,
        tiles=tiles,
        others=list_others(tiles),
        alerts=[alert for alert in list_alerts([station.path]) if alert.acknowledged_at is None],
        loans=list_loans([station.path], station=station.code),
        transfers=sorted(
            list_transfers([station.path], station=station.code), key=lambda row: not _is_arriving(row, station.code)
        ),
        entries=[(row, by_id[row.item_id]) for row in list_entries(station.code, REVERSIBLE, since, LATEST)],
        issued=[(by_id[item_id], units) for item_id, units in issued.items() if units],
        position=last_position(),
        refused=refused,
        operate_reason=reason,
        operate_error=error,
    )


def _is_arriving(transfer: TransferRow, station: str) -> bool:
    return transfer.state is TransferState.SENT and transfer.to_station == station


def _midnight(now: datetime, zone: ZoneInfo) -> datetime:
    return at_minute(now.astimezone(zone), 0)


def draw(template: str, desk: Desk) -> str:
    """The page, or one part of it, of a desk."""
    return render_template(
        f"desk/{template}.html", desk=desk, say_units=say_units, kind_names=KIND_NAMES, state_names=STATE_NAMES,
        transfer_states=TRANSFER_STATES, categories=CATEGORIES,
    )  # fmt: skip
