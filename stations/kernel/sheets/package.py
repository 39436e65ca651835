"""The zip of XML parts that an .xlsx file is, opened with suspicion: no bomb is ever unpacked or expanded."""

import io
import zipfile
from collections.abc import Callable, Iterator
from xml.parsers import expat

from stations.kernel.errors import Invalid
from stations.kernel.sheets.shape import MEBIBYTE, Limits
from stations.kernel.text import _

MOST_PARTS = 1_000
# Real sheets shrink 5 to 60 times; deflate can reach 1,032.
HIGHEST_RATIO = 200
CHUNK_BYTES = 65_536

START, END, CHARS = 0, 1, 2
Event = tuple[int, str, dict[str, str]]
"""START with local name and attributes, END with local name, CHARS with the text."""


def damaged() -> Invalid:
    """The refusal of a file that cannot be read."""
    return Invalid("sheet.damaged", _("The file is damaged or is not a real .xlsx file. Save it again."), field="file")


def open_package(content: bytes, limits: Limits) -> zipfile.ZipFile:
    """The archive, once its directory promises nothing outsized. Raises Invalid.

    The promise binds: zipfile reads no part beyond the size that its directory states.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except Exception as error:  # a hostile directory fails in many ways, all of them mean the same
        raise damaged() from error
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise Invalid("sheet.protected", _("The file has a password. Save it without one."), field="file")
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise damaged()
    unzipped_bytes = sum(part.file_size for part in parts)
    is_squeezed = any(
        part.file_size > MEBIBYTE and part.file_size > HIGHEST_RATIO * part.compress_size for part in parts
    )
    if len(parts) > MOST_PARTS or unzipped_bytes > limits.max_unzipped_bytes or is_squeezed:
        raise Invalid(
            "sheet.unpacks_too_big",
            _("The file unpacks to far more than a table needs. Copy the cells into a new file."),
            field="file",
        )
    return archive


def read_part(archive: zipfile.ZipFile, path: str) -> Iterator[Event]:
    """The events of the part at `path`, in constant memory; nothing when there is no such part."""
    if path not in archive.NameToInfo:
        return
    queue: list[Event] = []
    parser = _make_parser(
        lambda name, attributes: queue.append((START, _local(name), attributes)),
        lambda name: queue.append((END, _local(name), {})),
        lambda text: queue.append((CHARS, text, {})),
    )
    with archive.open(path) as source:
        while chunk := source.read(CHUNK_BYTES):
            parser.Parse(chunk, False)
            yield from queue
            queue.clear()
    parser.Parse(b"", True)
    yield from queue


def feed_part(
    archive: zipfile.ZipFile,
    path: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    chars: Callable[[str], None],
) -> None:
    """The same events as calls, which is faster where there are millions of them."""
    parser = _make_parser(
        lambda name, attributes: start(_local(name), attributes), lambda name: end(_local(name)), chars
    )
    with archive.open(path) as source:
        parser.ParseFile(source)


def _make_parser(
    start: Callable[[str, dict[str, str]], None], end: Callable[[str], None], chars: Callable[[str], None]
) -> expat.XMLParserType:
    """A document type is refused, and with it every entity bomb."""

    def refuse(*_declaration: object) -> None:
        raise damaged()

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = chars
    return parser


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
