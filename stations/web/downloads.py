"""Sheets to take along."""

from collections.abc import Iterable, Sequence

from flask import Response

from stations.kernel.errors import Invalid
from stations.kernel.sheets import write_csv, write_xlsx
from stations.kernel.sheets.writing import Value
from stations.kernel.text import Text, _

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRITERS = {"csv": (write_csv, "text/csv"), "xlsx": (write_xlsx, XLSX)}


def send_sheet(stem: str, ending: str, headings: Sequence[Text], rows: Iterable[Sequence[Value]]) -> Response:
    """The rows below their headings as a .csv or .xlsx file. Raises Invalid for any other ending."""
    if ending not in WRITERS:
        raise Invalid("sheet.ending", _("Only .csv and .xlsx can be downloaded."))
    write, mimetype = WRITERS[ending]
    response = Response(write([str(name) for name in headings], rows), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response
