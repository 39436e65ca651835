"""Every door of the house, in one list, and what stands before them all."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from stations.config import Config
from stations.web import (
    addresses,
    assets,
    compressing,
    context,
    errors,
    guard,
    headers,
    language,
    limits,
    probes,
    reading,
    translating,
)
from stations.web.account import home as account_home
from stations.web.account import signing_in
from stations.web.admin import (
    certificates,
    fleet_calendar,
    hours,
    imports,
    sessions,
    sites,
    station_edit,
    stock_exports,
    stock_items,
    stock_ledger,
    stock_loans,
    stock_matrix,
    stock_replenish,
    stock_station,
    stock_tags,
    stock_transfers,
    vehicle_setup,
)
from stations.web.admin import home as admin_home
from stations.web.api import routes as api
from stations.web.coordination import (
    counselling,
    gaps,
    grid,
    heat,
    notices,
    phones,
    replacing,
    roster,
    shifts,
    teams,
    templates,
    volunteer_deeds,
)
from stations.web.coordination import stream as coordination_stream
from stations.web.desk import counsel as desk_counsel
from stations.web.desk import entries as desk_entries
from stations.web.desk import handing_over as desk_handover
from stations.web.desk import helping as desk_help
from stations.web.desk import here as desk_here
from stations.web.desk import here_presses as desk_here_presses
from stations.web.desk import pages as desk_pages
from stations.web.desk import syncing as desk_sync
from stations.web.desk import tags as desk_tags
from stations.web.desk import transfers as desk_transfers
from stations.web.dispatch import board, erased, exports, replay, standby, welfare
from stations.web.dispatch import deeds as dispatch_deeds
from stations.web.dispatch import map as dispatch_map
from stations.web.dispatch import stream as dispatch_stream
from stations.web.driver import pages as driver
from stations.web.driver import positions
from stations.web.feeds import calendars
from stations.web.public import check_in, emergency, help, home, map, site, station, verify
from stations.web.volunteer import leading as volunteer_team
from stations.web.volunteer import pages as volunteer
from stations.web.volunteer import signing_in as volunteer_sign_in

View = TypeVar("View", bound=Callable[..., Any])

DOORS = (
    home.door, station.door, check_in.door, site.door, emergency.door, help.door, driver.door, map.door, api.door,
    account_home.door,
    admin_home.door, station_edit.door, sites.door, sessions.door, imports.door, stock_matrix.door,
    stock_station.door, stock_transfers.door, stock_loans.door, stock_ledger.door, stock_exports.door, stock_items.door,
    stock_replenish.door, stock_tags.door, desk_pages.door, desk_entries.door, desk_sync.door,
    desk_transfers.door, desk_tags.door, desk_help.door, desk_here.door,
    desk_here_presses.door, desk_counsel.door, desk_handover.door, vehicle_setup.door, fleet_calendar.door,
    board.door, dispatch_deeds.door, dispatch_map.door, dispatch_stream.door, positions.door,
    erased.door, hours.door, certificates.door, verify.door,
    replay.door, exports.door,
    standby.door, welfare.door, volunteer.door, volunteer_team.door, volunteer_sign_in.door, calendars.door,
    grid.door, shifts.door, gaps.door, phones.door, heat.door, roster.door, templates.door, volunteer_deeds.door,
    teams.door, notices.door, counselling.door, coordination_stream.door, replacing.door,
)  # fmt: skip

# Written to by whoever has the link, without a session: there is nothing that another site could make use of.
SESSIONLESS = (
    help.door, driver.door, positions.door, volunteer.door, volunteer_team.door, volunteer_sign_in.door, check_in.door,
)  # fmt: skip

LARGEST_UPLOAD_BYTES = 10 * 1024 * 1024


def open_all(app: Flask) -> None:
    """Install what every page shares, then the pages."""
    config = cast(Config, app.config["SETTINGS"])
    app.request_class = reading.AnyRequest
    cast(Any, app).ensure_sync = _as_it_is
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_UPLOAD_BYTES, MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024)
    if config.trusted_proxies:
        n = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    translating.compile_catalogues()
    language.install(app)
    probes.install(app)
    headers.install(app, config)
    errors.install(app)
    limits.install(app, config)
    addresses.install(app)
    guard.install(app)
    signing_in.install(app, config)
    assets.install(app)
    context.install(app)
    compressing.install(app)
    guard.spare_public_pages(app)
    for door in DOORS:
        app.register_blueprint(door)
    for door in SESSIONLESS:
        app.extensions["csrf"].exempt(door)


def _as_it_is(view: View) -> View:
    """No view and no hook is a coroutine; Flask would ask each of them at every request."""
    return view
