"""Two-dimensional codes, drawn into the page."""

import io

import segno
from markupsafe import Markup


def draw_code(content: str, error: str = "q") -> Markup:
    """The code as an SVG element without a size; "q" is readable when a quarter is scratched off, "l" is smallest."""
    drawn = io.BytesIO()
    segno.make(content, error=error, micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, border=2, omitsize=True
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 (our own drawing)
