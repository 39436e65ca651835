"""Which kind of file was sent, by its content first and its name second."""

from stations.kernel.errors import Invalid
from stations.kernel.sheets.delimited import read_delimited, read_text
from stations.kernel.sheets.shape import MEBIBYTE, Limits, Sheet, shape_sheet
from stations.kernel.sheets.workbook import read_workbook
from stations.kernel.text import _

ZIP_MAGIC = b"PK"
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
TEXT_ENDINGS = ("csv", "tsv", "txt")
ENDINGS = ("xlsx", "xlsm", *TEXT_ENDINGS)


def read_sheet(filename: str, content: bytes, *, limits: Limits = Limits()) -> Sheet:  # noqa: B008 (frozen)
    """The rows of a CSV (UTF-8, UTF-16 with BOM, GB18030; comma, tab, semicolon) or XLSX file.

    Of a workbook the first visible sheet is read, with the values its formulas last had. Raises Invalid.
    """
    if len(content) > limits.max_bytes:
        raise Invalid(
            "sheet.too_big",
            _("The file is larger than %(limit)s MB.", limit=limits.max_bytes // MEBIBYTE),
            field="file",
        )
    if not content.strip():
        raise Invalid("sheet.empty", _("The file is empty."), field="file")
    if content.startswith(OLE_MAGIC):
        raise Invalid(
            "sheet.old_or_protected",
            _("This is an old .xls file or it has a password. Save it as .xlsx without a password."),
            field="file",
        )
    ending = filename.rpartition(".")[2].strip().lower() if "." in filename else ""
    if ending and ending not in ENDINGS:
        raise Invalid("sheet.kind", _("Only .csv and .xlsx files can be read."), field="file")
    if content.startswith(ZIP_MAGIC) and ending not in TEXT_ENDINGS:
        return shape_sheet(read_workbook(content, limits), limits)
    if ending.startswith("xls"):
        raise Invalid(
            "sheet.damaged", _("The file is damaged or is not a real .xlsx file. Save it again."), field="file"
        )
    return shape_sheet(read_delimited(content), limits)


def read_pasted(text: str, *, limits: Limits = Limits()) -> Sheet:  # noqa: B008 (frozen)
    """The rows of cells copied out of a spreadsheet (tab separated) and pasted as text. Raises Invalid."""
    if len(text) > limits.max_bytes:
        raise Invalid(
            "sheet.too_big",
            _("The file is larger than %(limit)s MB.", limit=limits.max_bytes // MEBIBYTE),
            field="file",
        )
    return shape_sheet(read_text(text, "\t" if "\t" in text else None), limits)
