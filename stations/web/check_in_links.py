"""The code at a station: whoever opens its address has stood before it, for the address holds a signature."""

from flask import current_app, url_for
from itsdangerous import Signer

SALT = "station's check-in"


def make_check_in_link(station: str) -> str:
    """The whole address in the code of a station."""
    return url_for("check_in.page", code=station, k=make_key(station), lang=None, view=None, _external=True)


def make_key(station: str) -> str:
    """The signature in it."""
    return _signer().get_signature(station.encode()).decode()


def is_key_of(station: str, key: str) -> bool:
    """Whether this is the signature of that station."""
    return _signer().verify_signature(station.encode(), key.encode())


def _signer() -> Signer:
    return Signer(current_app.config["SECRET_KEY"], salt=SALT)
