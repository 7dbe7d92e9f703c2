"""The report as one HTML page that needs nothing else: pictures within it, no script, no font."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

from tenere.coverage.report import document as d
from tenere.coverage.report.maps import HATCH, PALETTE, UNDER, UNKNOWN, picture

if TYPE_CHECKING:
    from collections.abc import Sequence

STYLE = """
body{font:15px/1.45 system-ui,sans-serif;color:#111;background:#fff;margin:2rem auto;max-width:1000px;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;border-top:1px solid #ccd;padding-top:1rem;margin-top:2rem}h3{font-size:1rem}
.wide{overflow-x:auto}table{border-collapse:collapse;margin:.6rem 0}
td,th{text-align:right;padding:.15rem .7rem .15rem 0;border-bottom:1px solid #dde;white-space:nowrap}
.l{text-align:left}th{font-weight:600;color:#556}svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:#111}
.n{paint-order:stroke;stroke:#fff;stroke-width:3px;font-weight:600}figure{margin:1rem 0;break-inside:avoid}
figcaption{font-weight:600;margin-bottom:.3rem}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem}.legend svg{vertical-align:-3px;margin-right:.3rem}
"""
BAR, GAP, LABEL, WIDE = 20, 8, 110, 760
FIELD = WIDE - LABEL - 24


def page(blocks: Sequence[d.Block], lang: str) -> str:
    """Return the whole document."""
    name = next(b.words for b in blocks if isinstance(b, d.Heading))
    return (
        f'<!doctype html><html lang="{escape(lang)}"><head><meta charset="utf-8"><title>{escape(name)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
        f"<style>{STYLE}</style></head><body>{HATCHING}{''.join(map(_block, blocks))}</body></html>\n"
    )


def colour(number: int) -> str:
    """Return a palette's colour as CSS has it."""
    return "#{:02x}{:02x}{:02x}".format(*PALETTE[number])


HATCHING = (
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>'
    + "".join(
        f'<pattern id="h{c}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="6" height="6" fill="{colour(HATCH)}"/><rect width="3" height="6" fill="{colour(c)}"/></pattern>'
        for c in (UNKNOWN, UNDER)
    )
    + "</defs></svg>"
)


def _fill(number: int) -> str:
    return f"url(#h{number})" if number in (UNKNOWN, UNDER) else colour(number)


def _block(block: d.Block) -> str:
    if isinstance(block, d.Heading):
        return f"<h{block.level}>{escape(block.words)}</h{block.level}>"
    if isinstance(block, d.Paragraph):
        return f"<p>{escape(block.words)}</p>"
    if isinstance(block, d.Table):
        return _table(block)
    return _bars(block) if isinstance(block, d.Bars) else _map(block)


def _table(block: d.Table) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        aside = [' class="l"' if i < block.left else "" for i in range(len(cells))]
        return "<tr>" + "".join(f"<{tag}{a}>{escape(c)}</{tag}>" for a, c in zip(aside, cells, strict=True)) + "</tr>"

    return f'<div class="wide"><table>{row(block.heads, "th")}{"".join(row(r, "td") for r in block.rows)}</table></div>'


def _legend(items: Sequence[tuple[int, str]]) -> str:
    return (
        '<div class="legend">'
        + "".join(
            f'<span><svg width="16" height="16" aria-hidden="true"><rect width="16" height="16" fill="{_fill(c)}" stroke="#555"/></svg>'
            f"{escape(words)}</span>"
            for c, words in items
        )
        + "</div>"
    )


def _bars(block: d.Bars) -> str:
    """Draw shares side by side, the seen on the left."""
    high = len(block.labels) * (BAR + GAP) + 20
    body = []
    for k, (label, shares) in enumerate(zip(block.labels, block.shares, strict=True)):
        y, x = k * (BAR + GAP), float(LABEL)
        body.append(f'<text x="{LABEL - 6}" y="{y + 15}" text-anchor="end">{escape(label)}</text>')
        for c, share, name in zip(block.classes, shares, block.names, strict=True):
            wide = share * FIELD
            told = f"{escape(name)} {100 * share:.1f} %"
            body.append(
                f'<rect x="{x:.1f}" y="{y}" width="{max(wide, 0):.1f}" height="{BAR}" fill="{_fill(c)}"><title>{told}</title></rect>'
            )
            x += wide
    base = len(block.labels) * (BAR + GAP)
    for tenth in range(0, 11, 2):
        x = LABEL + tenth / 10 * FIELD
        body.append(
            f'<path d="M{x:.1f} 0V{base}" stroke="#0003"/><text x="{x:.1f}" y="{base + 14}" text-anchor="middle">{10 * tenth} %</text>'
        )
    svg = f'<svg viewBox="0 0 {WIDE} {high}" width="{WIDE}" role="img" aria-label="{escape(block.title, quote=True)}">{"".join(body)}</svg>'
    return (
        f"<figure><figcaption>{escape(block.title)}</figcaption>{svg}{_legend(list(zip(block.classes, block.names, strict=True)))}</figure>"
    )


def _map(block: d.MapBlock) -> str:
    """Draw a map with its sensors, their names, a scale bar and a legend."""
    m = block.map
    high, wide = m.image.shape
    s = max(high, wide) / 900.0  # what stands on it keeps its size on the page
    body = [f'<image width="{wide}" height="{high}" href="data:image/png;base64,{base64.b64encode(picture(m)).decode()}"/>']
    for mark in m.marks:
        x, y = mark.x, mark.y
        shape = f"M{x:.1f} {y - 8 * s:.1f}l{7 * s:.1f} {14 * s:.1f}h{-14 * s:.1f}z"
        if not mark.active:
            r = 6 * s
            shape = f"M{x - r:.1f} {y:.1f}a{r:.1f} {r:.1f} 0 1 1 {2 * r:.1f} 0a{r:.1f} {r:.1f} 0 1 1 {-2 * r:.1f} 0z"
        body.append(f'<path d="{shape}" fill="#111" stroke="#fff" stroke-width="{1.5 * s:.1f}"/>')
        body.append(f'<text class="n" x="{x + 10 * s:.1f}" y="{y + 5 * s:.1f}" style="font-size:{14 * s:.1f}px">{escape(mark.id)}</text>')
    x, y = 12 * s, high - 14 * s
    body.append(f'<path d="M{x:.1f} {y:.1f}h{m.bar_px:.1f}" stroke="#111" stroke-width="{5 * s:.1f}"/>')
    body.append(f'<text class="n" x="{x:.1f}" y="{y - 8 * s:.1f}" style="font-size:{14 * s:.1f}px">{m.bar_km:g} km</text>')
    svg = f'<svg viewBox="0 0 {wide} {high}" width="900" role="img" aria-label="{escape(block.title, quote=True)}">{"".join(body)}</svg>'
    return f"<figure><figcaption>{escape(block.title)}</figcaption>{svg}{_legend(block.legend)}</figure>"
