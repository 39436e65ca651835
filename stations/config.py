"""The settings, read from the environment and checked once."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

from stations.kernel.db import database_url

ROOT = Path(__file__).resolve().parent.parent
MESSAGE_KINDS = (  # a provider's template is needed for each
    "reminder", "placed", "changed", "removed", "cancelled", "offer", "swap", "agreed", "refused",
)  # fmt: skip


class BadSetting(SystemExit):
    """A setting that cannot be used: the start stops and says which one."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")


@dataclass(frozen=True)
class Config:
    """One frozen set of settings; `from_env` documents each variable's name by its field."""

    environment: str = "development"
    host: str = "127.0.0.1"
    port: int = 5000
    workers: int = 1
    threads: int = 8
    database_url: str = f"sqlite:///{ROOT / 'instance' / 'stations.db'}"
    redis_url: str = ""
    secret_key: str = ""
    demo_clock: str = "auto"
    admin_two_factor: bool = False
    trusted_proxies: int = 0
    tile_url: str = ""
    tile_attribution: str = ""
    tile_datum: str = "wgs84"
    map_approval_no: str = ""
    osrm_url: str = ""
    keep_days: int = 7
    keep_volunteers_days: int = 180
    messenger: str = "console"
    messenger_url: str = ""
    messenger_key: str = ""
    messenger_templates: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_production(self) -> bool:
        """Whether this is a real deployment: no demonstration, no generated secret."""
        return self.environment == "production"

    @staticmethod
    def from_env(env: Mapping[str, str] = os.environ) -> "Config":
        """Read and check every setting; stops the start with the name of a bad one."""
        messenger = _choice(env, "MESSENGER", "console", ("console", "webhook", "sms", "wechat"))
        environment = _choice(env, "STATIONS_ENV", "development", ("development", "production", "test"))
        return Config(
            environment=environment,
            host=env.get("HOST", Config.host),
            port=_whole(env, "PORT", Config.port, 1, 65535),
            workers=_whole(env, "WORKERS", Config.workers, 1, 64),
            threads=_whole(env, "THREADS", Config.threads, 1, 256),
            database_url=database_url(env.get("DATABASE_URL") or Config.database_url),
            redis_url=env.get("REDIS_URL", ""),
            secret_key=_secret(env, environment),
            demo_clock=_demo_clock(env),
            admin_two_factor=_choice(env, "ADMIN_TWO_FACTOR", "off", ("on", "off")) == "on",
            trusted_proxies=_whole(env, "TRUSTED_PROXIES", 0, 0, 5),
            tile_url=_tile_url(env),
            tile_attribution=env.get("TILE_ATTRIBUTION", ""),
            tile_datum=_choice(env, "TILE_DATUM", "wgs84", ("wgs84", "gcj02", "bd09")),
            map_approval_no=env.get("MAP_APPROVAL_NO", ""),
            osrm_url=_osrm_url(env),
            keep_days=_whole(env, "KEEP_DAYS", Config.keep_days, 1, 365),
            keep_volunteers_days=_whole(env, "KEEP_VOLUNTEERS_DAYS", Config.keep_volunteers_days, 1, 3650),
            messenger=messenger,
            messenger_url=_messenger_url(env, messenger),
            messenger_key=_messenger_key(env, messenger),
            messenger_templates=_messenger_templates(env, messenger),
        )


def _choice(env: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = env.get(name) or default
    if value not in allowed:
        raise BadSetting(name, f"must be one of {', '.join(allowed)}, not {value!r}")
    return value


def _whole(env: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = env.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise BadSetting(name, f"must be a whole number from {least} to {most}, not {value!r}")
    return int(value)


def _secret(env: Mapping[str, str], environment: str) -> str:
    value = env.get("SECRET_KEY", "")
    if value:
        if len(value) < 32:
            raise BadSetting("SECRET_KEY", "must have at least 32 characters")
        return value
    if environment == "production":
        raise BadSetting("SECRET_KEY", "is required when STATIONS_ENV=production")
    kept = ROOT / "instance" / "secret_key"
    kept.parent.mkdir(exist_ok=True)
    if not kept.exists():
        # Linked when it is whole: another process that starts now never reads half a secret.
        with NamedTemporaryFile("w", dir=kept.parent) as made, suppress(FileExistsError):
            made.write(secrets.token_urlsafe(48))
            made.flush()
            os.link(made.name, kept)
    value = kept.read_text()
    if len(value) < 32:
        raise BadSetting("SECRET_KEY", f"{kept} is damaged; remove it to have a new one made")
    return value


def _demo_clock(env: Mapping[str, str]) -> str:
    value = env.get("DEMO_CLOCK") or "auto"
    if value in {"auto", "off"}:
        return value
    try:
        shown = datetime.fromisoformat(value)
    except ValueError:
        raise BadSetting("DEMO_CLOCK", f"must be auto, off or an ISO time, not {value!r}") from None
    if shown.tzinfo is None:
        raise BadSetting("DEMO_CLOCK", "needs a zone, as in 2027-06-07T07:40:00+08:00")
    return value


def _tile_url(env: Mapping[str, str]) -> str:
    value = env.get("TILE_URL", "")
    if value and not value.startswith(("https://", "http://127.0.0.1", "http://localhost", "/")):
        raise BadSetting("TILE_URL", "must be an https address or a path on this server")
    return value


def _osrm_url(env: Mapping[str, str]) -> str:
    value = env.get("OSRM_URL", "")
    if value and not value.startswith(("https://", "http://")):
        raise BadSetting("OSRM_URL", "must be an http or https address")
    return value.rstrip("/")


def _messenger_url(env: Mapping[str, str], messenger: str) -> str:
    value = env.get("MESSENGER_URL", "")
    local = ("http", "127.0.0.1"), ("http", "localhost")
    try:
        parts = urlsplit(value)
        is_fit = bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme, parts.hostname) in local)
        is_fit = is_fit and parts.port != 0
    except ValueError:
        is_fit = False
    if messenger != "console" and not is_fit:
        raise BadSetting("MESSENGER_URL", f"must be an https address when MESSENGER={messenger}")
    return value


def _messenger_key(env: Mapping[str, str], messenger: str) -> str:
    value = env.get("MESSENGER_KEY", "")
    if messenger != "console" and len(value) < 32:
        raise BadSetting("MESSENGER_KEY", f"must have at least 32 characters when MESSENGER={messenger}")
    return value


def _messenger_templates(env: Mapping[str, str], messenger: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in env.get("MESSENGER_TEMPLATES", "").split(",")]
    templates = {kind.strip(): code.strip() for kind, _is, code in pairs if code.strip()}
    missing = [kind for kind in MESSAGE_KINDS if kind not in templates]
    if messenger in {"sms", "wechat"} and missing:
        raise BadSetting("MESSENGER_TEMPLATES", f"needs kind=template for {', '.join(missing)}")
    return templates
