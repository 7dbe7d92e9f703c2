"""Small pictures as SVG text: bars, lines, a rose, a map of points. No script, no font, nothing from elsewhere."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.floating]

WIDE, HIGH = 420, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 26, 34


def frame(title: str, body: Sequence[str], *, high: int = HIGH) -> str:
    """Return a whole picture with its title, which a screen reader reads too."""
    return (
        f'<svg viewBox="0 0 {WIDE} {high}" role="img" aria-label="{escape(title, quote=True)}">'
        f'<text class="t" x="{LEFT}" y="16">{escape(title)}</text>{"".join(body)}</svg>'
    )


def text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    """Return words at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def steps(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers within a span, at most so many and two or more where there is a span."""
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return [low] if math.isfinite(low) else []
    rough = (high - low) / most
    ten = 10.0 ** math.floor(math.log10(rough))
    step = next(s * ten for s in (1, 2, 5, 10) if s * ten >= rough)
    first = math.ceil(low / step)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


class Axes:
    """A field with two axes, into which values are put."""

    def __init__(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Span the axes; a span of nothing is widened."""
        self.x0, self.x1 = x if x[1] > x[0] else (x[0] - 0.5, x[0] + 0.5)
        self.y0, self.y1 = y if y[1] > y[0] else (y[0], y[0] + 1.0)

    def px(self, x: float) -> float:
        """Return where a value lies across."""
        return LEFT + (x - self.x0) / (self.x1 - self.x0) * (WIDE - LEFT - RIGHT)

    def py(self, y: float) -> float:
        """Return where a value lies down."""
        return HIGH - BOTTOM - (y - self.y0) / (self.y1 - self.y0) * (HIGH - TOP - BOTTOM)

    def drawn(self, x_words: str, y_words: str) -> list[str]:
        """Return the axes with their numbers and words."""
        base, out = HIGH - BOTTOM, []
        for v in steps(self.y0, self.y1):
            out.append(f'<path class="g" d="M{LEFT} {self.py(v):.1f}H{WIDE - RIGHT}"/>')
            out.append(text(LEFT - 5, self.py(v) + 4, f"{v:g}", "end"))
        out += [text(self.px(v), base + 14, f"{v:g}") for v in steps(self.x0, self.x1, 6)]
        out.append(f'<path class="a" d="M{LEFT} {TOP}V{base}H{WIDE - RIGHT}"/>')
        out.append(text((LEFT + WIDE - RIGHT) / 2, HIGH - 5, x_words))
        out.append(text(4, 16, y_words, "start"))
        return out


def bars(title: str, edges: F64, values: F64, x_words: str, y_words: str, *, top: float = math.nan) -> str:
    """Return bars between edges (n + 1,) as high as values (n,); NaN draws none. top: of the axis, else the highest."""
    high = float(np.nanmax(values, initial=0.0)) if math.isnan(top) else top
    axes = Axes((float(edges[0]), float(edges[-1])), (0.0, high or 1.0))
    body = axes.drawn(x_words, y_words)
    base = axes.py(0.0)
    for a, b, v in zip(edges[:-1], edges[1:], values, strict=True):
        if v > 0:  # false of NaN too
            x, y = axes.px(a), axes.py(min(v, axes.y1))
            body.append(f'<rect class="b" x="{x:.2f}" y="{y:.2f}" width="{max(axes.px(b) - x, 0.3):.2f}" height="{base - y:.2f}"/>')
    return frame(title, body)


def rose(title: str, shares: F64, counts: F64) -> str:
    """Return shares (n,) of 0 to 1 around a circle, north up, clockwise; sectors without a count are left empty."""
    cx, cy, r = WIDE / 2, 138.0, 92.0
    body = [f'<circle class="g" cx="{cx}" cy="{cy}" r="{r * f:.1f}"/>' for f in (0.25, 0.5, 0.75, 1.0)]
    n = len(shares)
    for k in range(n):
        if not counts[k] > 0:
            continue
        a, b = 2 * math.pi * k / n, 2 * math.pi * (k + 1) / n
        s = r * min(max(float(shares[k]), 0.0), 1.0)
        x0, y0, x1, y1 = (cx + s * math.sin(a), cy - s * math.cos(a), cx + s * math.sin(b), cy - s * math.cos(b))
        ends = f"{x0:.1f} {y0:.1f}A{s:.1f} {s:.1f} 0 0 1 {x1:.1f} {y1:.1f}"
        told = f"{360 * k // n} deg: {100 * shares[k]:.1f} % of {counts[k]:.0f}"
        body.append(f'<path class="b" d="M{cx} {cy}L{ends}Z"><title>{told}</title></path>')
    body += [text(cx + (r + 11) * sx, cy + (r + 11) * sy + 4, w) for w, sx, sy in (("N", 0, -1), ("E", 1, 0), ("S", 0, 1), ("W", -1, 0))]
    body += [text(cx + 3, cy - r * f + 10, f"{100 * f:.0f}", "start") for f in (0.5, 1.0)]
    return frame(title, body, high=250)


def points(title: str, hits: F64, misses: F64, stand: tuple[float, float] | None) -> str:
    """Return a map in kilometres: places of plots (n, 2) dim, of misses (m, 2) as crosses, and where the sensor stands."""
    every = np.concatenate([hits, misses, np.array([stand]) if stand is not None else np.zeros((0, 2))]) / 1000.0
    every = every[np.isfinite(every).all(axis=1)]
    if not len(every):
        return frame(title, [text(WIDE / 2, 120, "nothing to draw")])
    size = 330.0
    low, high = every.min(axis=0), every.max(axis=0)
    span = max(float((high - low).max()), 0.1) * 1.05
    corner = (low + high) / 2 - span / 2

    def at(p: F64) -> tuple[float, float]:
        return LEFT + (p[0] / 1000 - corner[0]) / span * size, TOP + size - (p[1] / 1000 - corner[1]) / span * size

    body = []
    for v in steps(float(corner[0]), float(corner[0]) + span):
        x = LEFT + (v - corner[0]) / span * size
        body += [f'<path class="g" d="M{x:.1f} {TOP}v{size}"/>', text(x, TOP + size + 14, f"{v:g}")]
    for v in steps(float(corner[1]), float(corner[1]) + span):
        y = TOP + size - (v - corner[1]) / span * size
        body += [f'<path class="g" d="M{LEFT} {y:.1f}h{size}"/>', text(LEFT - 5, y + 4, f"{v:g}", "end")]
    body.append('<path class="d" d="' + "".join(f"M{x:.1f} {y:.1f}h1" for x, y in map(at, hits)) + '"/>')
    body.append('<path class="m" d="' + "".join(f"M{x - 2:.1f} {y - 2:.1f}l4 4m0-4l-4 4" for x, y in map(at, misses)) + '"/>')
    if stand is not None:
        x, y = at(np.array(stand))
        body.append(f'<circle class="s" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
    body.append(text(LEFT + size / 2, TOP + size + 28, "km east; north up"))
    return frame(title, body, high=400)
