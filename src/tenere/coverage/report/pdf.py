"""The report as PDF, laid out by ReportLab (BSD licence) with the letters that every reader of PDF has."""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING, Any

from tenere.coverage.report import document as d
from tenere.coverage.report.maps import PALETTE, picture
from tenere.errors import TenereError

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDE_MM, MARGIN_MM = 210.0, 16.0
MOST_HIGH = 310.0
"""Height of a map, points: two stand on a page."""


class PdfError(TenereError):
    """The PDF cannot be made here."""


def pdf(blocks: Sequence[d.Block], lang: str) -> bytes:
    """Return the PDF: A4, the same bytes for the same report. Raises PdfError where ReportLab is not installed.

    What is not in the letters of Western Europe (Windows-1252) is printed as a question mark.
    """
    try:
        from reportlab.lib.styles import getSampleStyleSheet  # noqa: PLC0415 - optional and slow to import
        from reportlab.lib.units import mm  # noqa: PLC0415 - the same
        from reportlab.platypus import SimpleDocTemplate, Spacer  # noqa: PLC0415 - the same
    except ImportError as e:
        raise PdfError(f"report.pdf needs ReportLab, which is not installed: pip install 'tenere[coverage]' ({e})") from e
    styles = getSampleStyleSheet()
    for name in ("Heading2", "Heading3", "Heading4"):
        styles[name].keepWithNext = 1
    wide = (WIDE_MM - 2 * MARGIN_MM) * mm
    story: list[Any] = []
    for block in blocks:
        story += _block(block, styles, wide)
        if not isinstance(block, d.Heading):
            story.append(Spacer(1, 2 * mm))
    out = io.BytesIO()
    name = next(b.words for b in blocks if isinstance(b, d.Heading))
    edge = MARGIN_MM * mm
    made = SimpleDocTemplate(
        out, pagesize=(WIDE_MM * mm, 297 * mm), leftMargin=edge, rightMargin=edge, topMargin=edge, bottomMargin=edge, title=_safe(name),
        author="Tenere", lang=lang, invariant=1,
    )  # fmt: skip

    def number(canvas: Any, document: Any) -> None:  # noqa: ANN401 - ReportLab has no types
        canvas.setFont("Helvetica", 8)
        canvas.drawRightString(WIDE_MM * mm - edge, edge / 2, str(document.page))

    made.build(story, onFirstPage=number, onLaterPages=number)
    return out.getvalue()


def _safe(words: str) -> str:
    """Return words in the letters that the standard fonts have."""
    return words.encode("cp1252", "replace").decode("cp1252")


def _block(block: d.Block, styles: Any, wide: float) -> list[Any]:  # noqa: ANN401 - ReportLab has no types
    from reportlab.platypus import KeepTogether, Paragraph  # noqa: PLC0415 - optional and slow to import

    if isinstance(block, d.Heading):
        style = styles[("Title", "Heading2", "Heading3")[min(block.level, 3) - 1]]
        return [Paragraph(escape(_safe(block.words)), style)]
    if isinstance(block, d.Paragraph):
        return [Paragraph(escape(_safe(block.words)), styles["BodyText"])]
    if isinstance(block, d.Table):
        return [_table(block, styles, wide)]
    if isinstance(block, d.Bars):
        head = Paragraph(escape(_safe(block.title)), styles["Heading4"])
        legend = _legend(list(zip(block.classes, block.names, strict=True)), wide)
        return [KeepTogether([head, _bars(block, wide), legend])]
    head = Paragraph(escape(_safe(block.title)), styles["Heading3"])
    return [KeepTogether([head, _map(block, wide), _legend(block.legend, wide)])]


def _table(block: d.Table, styles: Any, wide: float) -> Any:  # noqa: ANN401 - the same
    """Lay out a table; long heads are broken, the letters shrink with the columns."""
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415 - optional and slow to import
    from reportlab.platypus import LongTable, Paragraph  # noqa: PLC0415 - the same

    size = 8.5 if len(block.heads) <= 7 else max(4.0, 8.5 * 8 / (len(block.heads) + 1))
    plain = {"parent": styles["BodyText"], "fontSize": size, "leading": size * 1.2, "spaceBefore": 0}
    left, right = ParagraphStyle("l", **plain), ParagraphStyle("r", alignment=2, **plain)

    def row(cells: Sequence[str], mark: str) -> list[Any]:
        return [
            Paragraph(f"{mark}{escape(_safe(c))}{mark.replace('<', '</')}", left if i < block.left else right) for i, c in enumerate(cells)
        ]

    lengths = [max(len(c) for c in (max(head.split(" "), key=len), *cells)) for head, *cells in zip(block.heads, *block.rows, strict=True)]
    total = sum(min(v, 40) + 2 for v in lengths)
    across = [wide * (min(v, 40) + 2) / total for v in lengths]
    made = LongTable([row(block.heads, "<b>"), *(row(r, "") for r in block.rows)], colWidths=across, repeatRows=1)
    made.setStyle(
        [("LINEBELOW", (0, 0), (-1, -1), 0.25, "#ccccdd"), ("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
         ("LEFTPADDING", (0, 0), (-1, -1), 2), ("RIGHTPADDING", (0, 0), (-1, -1), 2), ("VALIGN", (0, 0), (-1, -1), "BOTTOM")]
    )  # fmt: skip
    return made


def _colour(number: int) -> Any:  # noqa: ANN401 - the same
    from reportlab.lib.colors import Color  # noqa: PLC0415 - optional and slow to import

    return Color(*(v / 255.0 for v in PALETTE[number]))


def _legend(items: Sequence[tuple[int, str]], wide: float) -> Any:  # noqa: ANN401 - the same
    from reportlab.graphics.shapes import Drawing, Rect, String  # noqa: PLC0415 - optional and slow to import

    made, x = Drawing(wide, 14), 0.0
    for number, words in items:
        made.add(Rect(x, 3, 8, 8, fillColor=_colour(number), strokeWidth=0.3))
        made.add(String(x + 11, 4, _safe(words), fontName="Helvetica", fontSize=8))
        x += 22 + 4.2 * len(words)
    return made


def _bars(block: d.Bars, wide: float) -> Any:  # noqa: ANN401 - the same
    from reportlab.graphics.shapes import Drawing, Rect, String  # noqa: PLC0415 - optional and slow to import

    each, label = 15.0, 70.0
    high = each * len(block.labels) + 12
    made = Drawing(wide, high)
    for k, (words, shares) in enumerate(zip(block.labels, block.shares, strict=True)):
        y, x = high - each * (k + 1), label
        made.add(String(label - 4, y + 3, _safe(words), fontName="Helvetica", fontSize=8, textAnchor="end"))
        for number, share in zip(block.classes, shares, strict=True):
            across = share * (wide - label - 12)
            if across > 0:
                made.add(Rect(x, y, across, each - 4, fillColor=_colour(number), strokeColor=None))
            x += across
    for fifth in range(6):
        x = label + fifth / 5 * (wide - label - 12)
        made.add(String(x, 1, f"{20 * fifth} %", fontName="Helvetica", fontSize=7, textAnchor="middle"))
    return made


def _map(block: d.MapBlock, wide: float) -> Any:  # noqa: ANN401 - the same
    """Draw a map's picture, and on it the sensors, their names and a scale bar."""
    from reportlab.lib.utils import ImageReader  # noqa: PLC0415 - optional and slow to import
    from reportlab.platypus import Flowable  # noqa: PLC0415 - the same

    m = block.map
    n, across = m.image.shape
    scale = min(wide / across, MOST_HIGH / n)
    image = ImageReader(io.BytesIO(picture(m)))

    class Drawn(Flowable):  # type: ignore[misc]  # ReportLab has no types
        def wrap(self, _wide: float, _high: float) -> tuple[float, float]:
            return across * scale, n * scale

        def draw(self) -> None:
            c = self.canv
            c.drawImage(image, 0, 0, across * scale, n * scale)
            c.setStrokeColorRGB(1, 1, 1)
            for mark in m.marks:
                x, y = mark.x * scale, (n - mark.y) * scale
                path = c.beginPath()
                if mark.active:
                    path.moveTo(x, y + 4)
                    path.lineTo(x + 3.5, y - 3)
                    path.lineTo(x - 3.5, y - 3)
                    path.close()
                else:
                    path.circle(x, y, 3)
                c.setFillColorRGB(0, 0, 0)
                c.drawPath(path, stroke=1, fill=1)
                _named(c, x + 5, y - 2.5, mark.id)
            c.setFillColorRGB(0, 0, 0)
            c.rect(6, 6, m.bar_px * scale, 2.5, stroke=0, fill=1)
            _named(c, 6, 11, f"{m.bar_km:g} km")

    return Drawn()


def _named(canvas: Any, x: float, y: float, words: str) -> None:  # noqa: ANN401 - ReportLab has no types
    """Write words with a white rim."""
    for mode in (1, 0):  # the rim first
        canvas.saveState()
        canvas.setLineWidth(2.0)
        text = canvas.beginText(x, y)
        text.setFont("Helvetica-Bold", 7)
        text.setTextRenderMode(mode)
        text.textOut(_safe(words))
        canvas.drawText(text)
        canvas.restoreState()
