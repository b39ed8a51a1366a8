"""Papers: a heading, facts, a table, and what its words mean, as a PDF that is always the same.

The letters are those of the vendored font, so that every Czech name can be printed, copied and
read aloud; sizes are in millimetres and points.
"""

from dataclasses import dataclass
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, VAlign
from fpdf.fonts import FontFace
from typing_extensions import override

from app.web.templating import STATIC

_FONTS = STATIC / "vendor" / "dejavu"
_FONT = "DejaVu"
_MARGIN, _LINE = 18, 5
_GREY = 90
_THIN = 0.15


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that stands on it, in the reader's language.

    `widths` are the shares of the columns. `page` is what stands under each, with `%(page)s` and
    `%(all)s`. What is to be read on a screen, too, is read from here.
    """

    title: str
    language: str
    made_at: datetime
    made: str
    facts: tuple[tuple[str, str], ...]
    said: str
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]
    notes: tuple[str, ...]
    page: str


class _Sheet(FPDF):
    """A4 with the number of each page below it."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(format="A4")
        self._paper = paper
        self.add_font(_FONT, "", _FONTS / "DejaVuSans.ttf")
        self.add_font(_FONT, "B", _FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN + _LINE)
        self.set_title(paper.title)
        self.set_lang(paper.language)
        self.set_creator("Kustod")
        self.set_creation_date(paper.made_at)

    @override
    def footer(self) -> None:
        """The paper's own words and the number of the page."""
        self.set_y(-_MARGIN)
        self.set_font(_FONT, size=8)
        self.set_text_color(_GREY)
        numbers = {"page": self.page_no(), "all": self.str_alias_nb_pages}
        self.cell(0, _LINE, f"{self._paper.title} · {self._paper.page % numbers}")
        self.set_text_color(0)


def pdf(paper: Paper) -> bytes:
    """The paper as a file; the same paper gives the same bytes."""
    sheet = _Sheet(paper)
    sheet.add_page()
    _write(sheet, paper.title, size=17, style="B", after=1)
    _write(sheet, paper.made, size=9, after=3)
    _facts(sheet, paper)
    _write(sheet, paper.said, size=11, style="B", after=3)
    if paper.rows:
        _table(sheet, paper)
    for note in paper.notes:
        _write(sheet, note, size=8, after=1)
    return bytes(sheet.output())


def _write(sheet: FPDF, text: str, *, size: int, style: str = "", after: int = 0) -> None:
    sheet.set_font(_FONT, style, size)
    sheet.multi_cell(0, size * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
    sheet.ln(after)


def _facts(sheet: FPDF, paper: Paper) -> None:
    sheet.set_font(_FONT, size=10)
    plain = FontFace(color=_GREY)
    with sheet.table(
        borders_layout=TableBordersLayout.NONE,
        col_widths=(3, 7),
        text_align="LEFT",
        v_align=VAlign.T,
        line_height=_LINE,
        first_row_as_headings=False,
    ) as table:
        for name, value in paper.facts:
            row = table.row()
            row.cell(name, style=plain)
            row.cell(value)
    sheet.ln(3)


def _table(sheet: FPDF, paper: Paper) -> None:
    sheet.set_font(_FONT, size=9)
    sheet.set_draw_color(_GREY)
    sheet.set_line_width(_THIN)
    with sheet.table(
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        col_widths=paper.widths,
        text_align="LEFT",
        v_align=VAlign.T,
        line_height=_LINE,
        padding=1,
        headings_style=FontFace(emphasis="BOLD"),
    ) as table:
        table.row(paper.columns)
        for cells in paper.rows:
            table.row(["\n".join(lines) for lines in cells])
    sheet.ln(4)
