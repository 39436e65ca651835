"""The laws of the house. A wall moves only on purpose."""

import ast
import re
import statistics
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from stations.config import ROOT
from stations.kernel.schema import alembic_config

CODE = [p for p in sorted((ROOT / "stations").rglob("*.py")) if "migrations/versions" not in str(p)]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHELF_NAMES = {"utils", "helpers", "common", "manager", "handler", "data", "info", "process", "misc", "base"}
ROOM_FILES = {"__init__", "rules", "models", "queries", "actions", "forms", "optimizer"}
ROOMS = ("seasons", "accounts", "places", "stock", "fleet", "shifts", "notices", "feedback")
# maps is drawing, not a room of the domain; its base is the map's ground.
ALLOWED = {Path("stations/maps/base.py")}


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_files_are_short() -> None:
    lengths = {p: len(p.read_text().splitlines()) for p in CODE}
    assert {str(p): n for p, n in lengths.items() if n > 300} == {}
    assert statistics.median(lengths.values()) <= 110


def test_functions_are_short() -> None:
    lengths = {}
    for path in CODE:
        for function in _functions(path):
            assert function.end_lineno is not None
            lengths[f"{path.name}:{function.name}"] = function.end_lineno - function.lineno + 1
    assert {name: n for name, n in lengths.items() if n > 50} == {}
    assert statistics.quantiles(lengths.values(), n=20)[-1] <= 30


def test_templates_are_short_and_carry_no_script_or_style() -> None:
    for path in TEMPLATES:
        text = path.read_text()
        assert len(text.splitlines()) <= 120, path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), path


def test_no_name_is_a_shelf() -> None:
    names = {p.relative_to(ROOT) for p in CODE if p.stem in SHELF_NAMES} - ALLOWED
    assert names == set()


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_holds_only_its_files(room: str) -> None:
    held = {p.stem for p in (ROOT / "stations" / room).iterdir() if p.name != "__pycache__"}
    assert held <= ROOM_FILES


def test_only_the_edge_opens_a_transaction() -> None:
    edge = (
        "stations/web/",
        "stations/cli.py",
        "stations/workflows/preparing.py",
        "stations/workflows/watching.py",
        "stations/kernel/db.py",
    )
    for path in CODE:
        name = str(path.relative_to(ROOT))
        text = path.read_text()
        if not name.startswith(edge):
            assert not re.search(r"with transaction\(\)", text), name
        if name != "stations/kernel/db.py":
            assert ".commit()" not in text, name


def test_public_functions_say_what_they_do() -> None:
    silent = []
    for path in CODE:
        for node in ast.parse(path.read_text()).body:
            is_public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if is_public and not ast.get_docstring(node) and "models.py" not in path.name:
                bases = [b.id for b in getattr(node, "bases", []) if isinstance(b, ast.Name)]
                if "Base" not in bases:
                    silent.append(f"{path.name}:{node.name}")
    assert silent == []


def test_migrations_have_one_head_and_numbers() -> None:
    scripts = ScriptDirectory.from_config(alembic_config(None))
    assert len(scripts.get_heads()) == 1
    assert all(re.fullmatch(r"\d{4}", script.revision) for script in scripts.walk_revisions())


def test_nothing_is_fetched_from_another_host() -> None:
    files = [*TEMPLATES, *(ROOT / "static").rglob("*.css"), *(ROOT / "static").rglob("*.js")]
    for path in files:
        text = path.read_text()
        foreign = re.findall(r"(?:src|href)=\"(https?:)?//|@import\s+url|url\(\s*['\"]?(?:https?:)?//", text)
        assert not foreign, path
