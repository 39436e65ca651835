"""The settings: each bad one stops the start and is named."""

import stat
from pathlib import Path

import pytest

from stations import config
from stations.config import MESSAGE_KINDS, BadSetting, Config

SECRET = "s" * 32


def test_nothing_set_is_a_development_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "ROOT", tmp_path)
    made = Config.from_env({})
    assert (made.environment, made.is_production, made.host, made.port) == ("development", False, "127.0.0.1", 5000)
    assert made == Config(secret_key=made.secret_key)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STATIONS_ENV", "prod"),
        *(("PORT", value) for value in ("0", "65536", "80a", "-1", "٣", "1e3", " 80")),
        *(("WORKERS", value) for value in ("0", "65", "two")),
        *(("THREADS", value) for value in ("0", "257")),
        *(("TRUSTED_PROXIES", value) for value in ("6", "yes")),
        ("SECRET_KEY", "short"),
        *(("DEMO_CLOCK", value) for value in ("noon", "2027-06-07T07:40:00", "on")),
        ("ADMIN_TWO_FACTOR", "true"),
        *(("TILE_URL", value) for value in ("http://tiles.example/{z}", "javascript:alert(1)", "tiles.example")),
        ("TILE_DATUM", "WGS84"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"^{name}: "):
        Config.from_env({"SECRET_KEY": SECRET, name: value})


def test_good_values_are_taken() -> None:
    made = Config.from_env({
        "STATIONS_ENV": "production", "SECRET_KEY": SECRET, "HOST": "0.0.0.0", "PORT": "8080", "WORKERS": "4",
        "THREADS": "16", "DATABASE_URL": "postgres://u:p@db/stations", "REDIS_URL": "redis://cache/0",
        "DEMO_CLOCK": "2027-06-07T07:40:00+08:00", "ADMIN_TWO_FACTOR": "on", "TRUSTED_PROXIES": "1",
        "TILE_URL": "https://tiles.example/{z}/{x}/{y}.png", "TILE_ATTRIBUTION": "©", "TILE_DATUM": "gcj02",
        "MAP_APPROVAL_NO": "GS(2024)0650",
    })  # fmt: skip
    assert made == Config(
        "production", "0.0.0.0", 8080, 4, 16, "postgresql+psycopg://u:p@db/stations", "redis://cache/0", SECRET,
        "2027-06-07T07:40:00+08:00", True, 1, "https://tiles.example/{z}/{x}/{y}.png", "©", "gcj02", "GS(2024)0650",
    )  # fmt: skip
    assert made.is_production


def test_empty_values_are_as_good_as_none() -> None:
    names = ("PORT", "WORKERS", "THREADS", "DEMO_CLOCK", "TILE_URL", "TILE_DATUM", "DATABASE_URL", "TRUSTED_PROXIES")
    assert Config.from_env({"SECRET_KEY": SECRET, **dict.fromkeys(names, "")}) == Config(secret_key=SECRET)


def test_production_needs_a_secret_of_its_own() -> None:
    with pytest.raises(BadSetting, match=r"^SECRET_KEY: is required"):
        Config.from_env({"STATIONS_ENV": "production"})


def test_the_generated_secret_is_private_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "ROOT", tmp_path)
    first = Config.from_env({}).secret_key
    kept = tmp_path / "instance" / "secret_key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len(first) >= 48
    assert Config.from_env({}).secret_key == first == kept.read_text()


def test_an_empty_secret_file_is_not_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a start that was cut off between making and writing the file leaves behind."""
    monkeypatch.setattr(config, "ROOT", tmp_path)
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "secret_key").touch()
    with pytest.raises(BadSetting, match=r"^SECRET_KEY: "):
        Config.from_env({})


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"MESSENGER": "pigeon"}, "MESSENGER"),
        ({"MESSENGER": "webhook"}, "MESSENGER_URL"),
        ({"MESSENGER": "webhook", "MESSENGER_URL": "http://example.org/"}, "MESSENGER_URL"),
        ({"MESSENGER": "webhook", "MESSENGER_URL": "https://example.org/"}, "MESSENGER_KEY"),
        (
            {"MESSENGER": "sms", "MESSENGER_URL": "https://example.org/", "MESSENGER_KEY": "k" * 32},
            "MESSENGER_TEMPLATES",
        ),
    ],
)
def test_messenger_without_its_settings_stops_the_start(env: dict[str, str], named: str) -> None:
    with pytest.raises(BadSetting) as stopped:
        Config.from_env({"SECRET_KEY": "s" * 32} | env)
    assert str(stopped.value).startswith(f"{named}: ")


def test_messenger_reads_its_templates() -> None:
    templates = {kind: f"T-{kind}" for kind in MESSAGE_KINDS}
    env = {"SECRET_KEY": "s" * 32, "MESSENGER": "sms", "MESSENGER_URL": "https://example.org/"}
    env["MESSENGER_KEY"] = "k" * 32
    read = Config.from_env(env | {"MESSENGER_TEMPLATES": ",".join(f"{k}={v}" for k, v in templates.items())})
    assert (read.messenger, read.messenger_templates) == ("sms", templates)
