"""How does a paper become a PDF? Pages of headings, facts, tables and pictures, in any script.

fpdf2 lays out, HarfBuzz joins letters and turns Arabic round, DejaVu Sans has the letters: all
three lie in ``layers/pictures``, and only a function that carries it may import this module, when
it runs. The facts go along as a file inside of the PDF (``handover-facts.json``, as it is, not
packed), so that a program reads them without reading the page. A letter that the font has not (it
has no Chinese, Japanese or Korean) shows as an empty box; the file inside has it as it is.
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
_GAP_MM, _AMOUNT_MM = 8, 44
_BOX = "\u25a1"
_RULE, _HEAD = 205, (235, 238, 242)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns with their widths in parts of the page, and rows; the last so many are figures.
    ``totals``: one row more, below a line."""

    columns: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[str]]
    figures: int = 0
    totals: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with sums, the last of which is what they come to, and rows of facts; perhaps a
    picture (JPEG) or a table below them, and ``beside`` it another one without such."""

    heading: str
    rows: Sequence[tuple[str, str]] = ()
    picture: bytes | None = None
    table: Table | None = None
    sums: Sequence[tuple[str, str]] = ()
    beside: "Part | None" = None


@dataclass(frozen=True, slots=True)
class Paper:
    title: str
    lead: str
    parts: Sequence[Part]
    foot: str
    facts: bytes
    made_at: datetime
    facts_name: str = "handover-facts.json"


class _Pages(FPDF):  # type: ignore[misc]
    """Each says what it is of, and which one."""

    def footer(self) -> None:
        self.set_y(-13)
        self.set_font("letters", size=8)
        said = f"{self.title}, page {self.page_no()} of {{nb}}"
        self.cell(_WIDTH_MM, 5, said, align="R")


def make(paper: Paper) -> bytes:
    """The PDF: the same paper gives the same bytes."""
    pdf = _Pages(format="A4")
    pdf.set_creation_date(paper.made_at)
    pdf.set_title(paper.title)
    pdf.set_margin(_MARGIN_MM)
    pdf.add_font("letters", fname=str(_font()))
    pdf.set_text_shaping(True)
    pdf.set_draw_color(_RULE)
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
    if part.beside is not None:
        _write_beside(pdf, part, part.beside)
        return
    _facts(pdf, part, _WIDTH_MM)
    if part.picture is not None:
        pdf.image(io.BytesIO(part.picture), h=70)
    if part.table is not None:
        _table(pdf, part.table)


def _write_beside(pdf: FPDF, left: Part, right: Part) -> None:
    """Both from the same height on; what follows begins below the longer one."""
    width, top = (_WIDTH_MM - _GAP_MM) / 2, pdf.get_y()
    _facts(pdf, left, width)
    below = pdf.get_y()
    pdf.set_left_margin(_MARGIN_MM + width + _GAP_MM)
    pdf.set_y(top)
    _facts(pdf, right, width)
    pdf.set_left_margin(_MARGIN_MM)
    pdf.set_y(max(below, pdf.get_y()))


def _facts(pdf: FPDF, part: Part, width: float) -> None:
    _line(pdf, part.heading, size=13, height=8, width=width)
    for number, (label, amount) in enumerate(part.sums, start=1):
        is_whole = number == len(part.sums)
        pdf.set_font("letters", size=12 if is_whole else 9.5)
        border = "T" if is_whole else 0
        height = 8 if is_whole else 5.5
        pdf.cell(width - _AMOUNT_MM, height, _shown(pdf, label), border=border)
        pdf.cell(
            _AMOUNT_MM, height, amount, border=border, align="R", new_x="LMARGIN", new_y="NEXT"
        )
    for label, value in part.rows:
        _line(pdf, f"{label}: {value}" if label else value, size=9.5, height=5.5, width=width)


def _table(pdf: FPDF, wanted: Table) -> None:
    """Rows over as many pages as they take, with the heading on each."""
    pdf.set_font("letters", size=8.5)
    texts = len(wanted.columns) - wanted.figures
    with pdf.table(
        col_widths=tuple(wanted.widths),
        text_align=("LEFT",) * texts + ("RIGHT",) * wanted.figures,
        borders_layout="HORIZONTAL_LINES",
        headings_style=FontFace(emphasis="", fill_color=_HEAD),
        line_height=5,
        width=_WIDTH_MM,
    ) as table:
        for cells in (wanted.columns, *wanted.rows):
            row = table.row()
            for cell in cells:
                row.cell(_shown(pdf, cell))
        if wanted.totals:
            row = table.row(style=FontFace(fill_color=_HEAD))
            for cell in wanted.totals:
                row.cell(cell)


def _line(pdf: FPDF, text: str, *, size: float, height: float, width: float = _WIDTH_MM) -> None:
    pdf.set_font("letters", size=size)
    pdf.multi_cell(width, height, _shown(pdf, text), align="L", new_x="LMARGIN", new_y="NEXT")


def _shown(pdf: FPDF, text: str) -> str:
    """With a box for each letter that the font has not: it would be left out without a trace."""
    known = pdf.fonts["letters"].cmap
    return "".join(one if ord(one) in known or one.isspace() else _BOX for one in text)


def _font() -> Path:
    """In the layer, or where the layer is built from."""
    source = Path(__file__).parents[2] / "layers" / "pictures" / "fonts" / FONT
    beside = (Path(folder) / _FOLDER / FONT for folder in sys.path)
    return next(path for path in (*beside, source) if path.exists())
