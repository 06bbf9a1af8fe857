"""How does a paper become a PDF? Pages of headings, facts, tables and pictures, in any script.

fpdf2 lays out, HarfBuzz joins letters and turns Arabic round, DejaVu Sans has the letters: all
three lie in ``layers/pictures``, and only a function that carries it may import this module, when
it runs. The facts go along as a file inside of the PDF (``handover-facts.json``, as it is, not
packed), so that a program reads them without reading the page. A letter that the font has not shows
as an empty box.
"""

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import FontFace

FONT = "DejaVuSans.ttf"
_FOLDER = "lastmile_fonts"
_MARGIN_MM, _WIDTH_MM = 18, 174


@dataclass(frozen=True, slots=True)
class Table:
    """Columns with their widths in parts of the page, and rows; the last so many are figures."""

    columns: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[str]]
    figures: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with rows of facts, and perhaps a picture (JPEG) or a table below them."""

    heading: str
    rows: Sequence[tuple[str, str]] = ()
    picture: bytes | None = None
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    title: str
    lead: str
    parts: Sequence[Part]
    foot: str
    facts: bytes
    made_at: datetime
    facts_name: str = "handover-facts.json"


def make(paper: Paper) -> bytes:
    """The PDF: the same paper gives the same bytes."""
    pdf = FPDF(format="A4")
    pdf.set_creation_date(paper.made_at)
    pdf.set_title(paper.title)
    pdf.set_margin(_MARGIN_MM)
    pdf.add_font("letters", fname=str(_font()))
    pdf.set_text_shaping(True)
    pdf.add_page()
    _line(pdf, paper.title, size=20, height=10)
    _line(pdf, paper.lead, size=10, height=6)
    for part in paper.parts:
        _write(pdf, part)
    pdf.ln(6)
    _line(pdf, paper.foot, size=8, height=4.5)
    # Not packed: `local.verify_proof` finds it with no PDF library.
    pdf.embed_file(bytes=paper.facts, basename=paper.facts_name, compress=False)
    return bytes(pdf.output())


def _write(pdf: FPDF, part: Part) -> None:
    pdf.ln(4)
    _line(pdf, part.heading, size=13, height=8)
    for label, value in part.rows:
        _line(pdf, f"{label}: {value}" if label else value, size=9.5, height=5.5)
    if part.picture is not None:
        pdf.image(io.BytesIO(part.picture), h=70)
    if part.table is not None:
        _table(pdf, part.table)


def _table(pdf: FPDF, wanted: Table) -> None:
    """Rows over as many pages as they take, with the heading on each."""
    pdf.set_font("letters", size=8.5)
    texts = len(wanted.columns) - wanted.figures
    with pdf.table(
        col_widths=tuple(wanted.widths),
        text_align=("LEFT",) * texts + ("RIGHT",) * wanted.figures,
        borders_layout="HORIZONTAL_LINES",
        headings_style=FontFace(emphasis="", fill_color=(235, 238, 242)),
        line_height=5,
        width=_WIDTH_MM,
    ) as table:
        for cells in (wanted.columns, *wanted.rows):
            row = table.row()
            for cell in cells:
                row.cell(cell)


def _line(pdf: FPDF, text: str, *, size: float, height: float) -> None:
    pdf.set_font("letters", size=size)
    pdf.multi_cell(_WIDTH_MM, height, text, align="L", new_x="LMARGIN", new_y="NEXT")


def _font() -> Path:
    """In the layer, or where the layer is built from."""
    source = Path(__file__).parents[2] / "layers" / "pictures" / "fonts" / FONT
    beside = (Path(folder) / _FOLDER / FONT for folder in sys.path)
    return next(path for path in (*beside, source) if path.exists())
