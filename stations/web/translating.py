"""Catalogues of translations: the .po files are kept, the .mo files made from them at the start."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from stations.config import ROOT

CATALOGUES = ROOT / "stations" / "translations"


def compile_catalogues(folder: Path = CATALOGUES) -> None:
    """Make every .mo that is missing or older than its .po; several processes may do so at once."""
    for po in folder.glob("*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        made = mo.with_suffix(f".{os.getpid()}.tmp")
        with po.open("rb") as source, made.open("wb") as target:
            write_mo(target, read_po(source))
        made.replace(mo)
