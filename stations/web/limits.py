"""How often one address may try: counted in memory, or in Redis where several processes serve."""

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse
from werkzeug.exceptions import TooManyRequests

from stations.config import Config
from stations.kernel.errors import Refused
from stations.kernel.text import _

limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=False)

SIGN_IN_BY_ADDRESS = "30 per minute; 300 per hour"
MISSES = "check-in misses"
SIGN_IN_BY_NAME = "10 per 5 minutes"


def install(app: Flask, config: Config) -> None:
    """Count in Redis when there is one."""
    app.config["RATELIMIT_STORAGE_URI"] = config.redis_url or "memory://"
    app.config["RATELIMIT_KEY_PREFIX"] = "bankao"
    limiter.init_app(app)


def typed_username() -> str:
    """The account that a sign-in tries, folded."""
    return f"name:{request.form.get('username', '').strip().casefold()[:64]}"


def count_sign_in(key: str) -> None:
    """Count a try to get in, by this address and by `key`, before anything is looked at. Raises TooManyRequests."""
    _count(SIGN_IN_BY_ADDRESS, f"address:{get_remote_address()}")
    _count(SIGN_IN_BY_NAME, key)


def check_misses(station: str, digits: str) -> None:
    """Ask whoever guesses to go to the lead. Raises Refused after so many misses: with the same digits at a station,
    from one address at a station, or at a station in all."""
    for rate, keys in _misses(station, digits):
        if not limiter.limiter.test(rate, MISSES, *keys):
            message = _("These digits were not found too often. Please ask the station lead, who can check you in.")
            raise Refused("attendance.guessed", message, field="digits")


def count_miss(station: str, digits: str) -> None:
    """Count digits that fitted nobody at a station."""
    for rate, keys in _misses(station, digits):
        limiter.limiter.hit(rate, MISSES, *keys)


def _misses(station: str, digits: str) -> list[tuple[RateLimitItem, tuple[str, ...]]]:
    address = get_remote_address()
    return [
        (parse("5 per hour"), ("digits", station, digits.strip()[:40])),
        (parse("20 per hour"), ("address", station, address)),
        (parse("60 per hour"), ("station", station)),
    ]


def _count(rates: str, key: str) -> None:
    for rate in rates.split(";"):
        if not limiter.limiter.hit(parse(rate.strip()), "sign-in", key):
            raise TooManyRequests
