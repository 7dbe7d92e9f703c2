"""The report of tenere performance as one HTML file: tables, and pictures as SVG within it."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from tenere.cli import drawing
from tenere.cli.performance import number, table_of
from tenere.performance import bins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.performance import Judged, Report, Sensor

STYLE = """
:root{color-scheme:dark light;--i:#111;--p:#fff;--d:#667;--g:#dde;--b:#2a6db0;--m:#c22;--k:#1a7f37;--w:#9a6700}
@media(prefers-color-scheme:dark){:root{--i:#dde;--p:#0b0d10;--d:#99a;--g:#2a2f36;--b:#5aa2e8;--m:#ff6b5e;--k:#4ac26b;--w:#d4a72c}}
body{font:15px/1.45 system-ui,sans-serif;color:var(--i);background:var(--p);margin:2rem auto;max-width:1000px;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.2rem;border-top:1px solid var(--g);padding-top:1rem}
table{border-collapse:collapse;margin:.6rem 0;width:100%}
td,th{text-align:left;vertical-align:top;padding:.15rem .8rem .15rem 0;border-bottom:1px solid var(--g)}
th{font-weight:600;color:var(--d)}.pictures{display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start}svg{width:460px;max-width:100%}
svg text{font:11px system-ui,sans-serif;fill:var(--i)}svg .t{font-weight:600;font-size:12px}
.g{stroke:var(--g);fill:none}.a{stroke:var(--d);fill:none}
.b{fill:var(--b)}.d{stroke:var(--b);fill:none;opacity:.6}.m{stroke:var(--m);fill:none}.s{fill:none;stroke:var(--i);stroke-width:2}
.pass{color:var(--k)}.fail{color:var(--m);font-weight:600}.not{color:var(--w)}.small{color:var(--d);font-size:.9em}
"""
RESIDUAL_BINS = 60
DEGREE = 180.0 / np.pi


def page(found: Report, results: list[Judged], names: list[str], notes: list[str]) -> str:
    """Return the whole document. It refers to nothing outside itself."""
    title = f"Sensor performance: {', '.join(names)}"
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{escape(_span(found))}</p>", _verdicts(results)]
    parts += [_section(s, results) for s in (*found.sensors, found.picture)]
    if found.addresses:
        most = sorted(found.addresses.items(), key=lambda e: -e[1])
        parts.append("<h2>Addresses in two places</h2><p>" + ", ".join(f"{a:06X} ({n})" for a, n in most) + "</p>")
    parts.append("<h2>How to read it</h2>" + "".join(f"<p>{escape(note)}</p>" for note in notes))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<style>{STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _span(found: Report) -> str:
    """Say when it was, and how much."""

    def clock(time_s: float) -> str:
        try:
            return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%d %H:%M:%S")
        except (ValueError, OverflowError, OSError):
            return f"{time_s:.0f} s"

    if not found.ticks:
        return "Nothing was in it."
    return (
        f"{clock(found.first_s)} to {clock(found.last_s)} UTC (1970 where the recording tells no date), "
        f"{found.tracks:,} tracks, {len(found.sensors)} sensors."
    )


def _rows(rows: Sequence[Sequence[str]], heads: Sequence[str] = ()) -> str:
    """Return a table; cells are escaped but for those that begin a tag of ours."""
    head = f"<tr>{''.join(f'<th>{escape(h)}</th>' for h in heads)}</tr>" if heads else ""
    body = "".join("<tr>" + "".join(f"<td>{c if c.startswith('<span ') else escape(c)}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table>{head}{body}</table>"


def _verdict(r: Judged) -> str:
    return f'<span class="{r.verdict.split()[0]}">{r.verdict}</span>'


def _verdicts(results: list[Judged]) -> str:
    """Return how many limits were kept, and a table of those that were not."""
    count = {v: sum(r.verdict == v for r in results) for v in ("pass", "fail", "not judged")}
    words = f"<p>{count['pass']} limits kept, {count['fail']} not kept, {count['not judged']} not judged.</p>"
    bad = [(r.sensor, r.id, f"{r.metric} = {number(r.value, 4)}", r.limit) for r in results if r.verdict == "fail"]
    return words + (_rows(bad, ("sensor", "limit", "found", "must be")) if bad else "")


def _section(s: Sensor, results: list[Judged]) -> str:
    """Return what there is on one sensor."""
    name = f"{s.id} ({s.name})" if s.name and s.name != s.id else s.id
    own = [(r.id, f"{r.metric} = {number(r.value, 4)}", r.limit, _verdict(r), r.why, r.source) for r in results if r.sensor == s.id]
    parts = [f"<h2>{escape(name)}</h2>", _rows(table_of(s))]
    if own:
        parts.append(_rows(own, ("limit", "found", "must be", "verdict", "why", "source")))
    return "".join(parts) + f'<div class="pictures">{"".join(_pictures(s))}</div>'


def _pictures(s: Sensor) -> list[str]:
    """Return the pictures there is something to draw for."""
    d, out = s.drawn, []
    around = d.sectors.sum(axis=1)
    if around.sum():
        share = np.divide(d.sectors[:, 0], around, out=np.zeros(len(around)), where=around > 0)
        out.append(drawing.rose("Probability of update by azimuth, %", share, around.astype(float)))
        out.append(_by_distance(s))
    if d.along.sum():
        axes = [("range", "m"), ("azimuth", "deg")] if "range_95_m" in s.values else [("along", "m"), ("across", "m")]
        for (axis, unit), counts, scale in zip(axes, (d.along, d.across), d.scales, strict=True):
            out.append(_residuals(f"Residuals, {axis}", counts, scale * (DEGREE if unit == "deg" else 1.0), unit))
    if d.slots[:, 0].any():
        out += _over_time(s)
    if len(d.hits) or len(d.misses):
        out.append(drawing.points("Plots (dots) and missed updates (crosses)", d.hits, d.misses, d.stand))
    return out


def _by_distance(s: Sensor) -> str:
    """Return the probability of update by distance."""
    d = s.drawn
    every = d.rings.sum(axis=1)
    last = int(np.flatnonzero(every)[-1]) + 1
    share = np.divide(100.0 * d.rings[:, 0], every, out=np.full(len(every), np.nan), where=every > 0)
    edges = np.arange(last + 1) * d.ring_m / 1000.0
    return drawing.bars("Probability of update by distance", edges, share[:last], "km", "%", top=100.0)


def _residuals(title: str, counts: NDArray[np.int64], scale: float, unit: str) -> str:
    """Return the middle 99 % of a histogram in even bins."""
    low, high = bins.quantile(counts, scale, 0.005), bins.quantile(counts, scale, 0.995)
    reach = max(abs(low), abs(high), scale)
    even = np.linspace(-reach, reach, RESIDUAL_BINS + 1)
    below = np.interp(even, bins.edges(scale), np.concatenate([[0.0], np.cumsum(counts)]))
    return drawing.bars(title, even, np.diff(below), unit, "plots")


def _over_time(s: Sensor) -> list[str]:
    """Return plots, missed updates and gaps over time."""
    d = s.drawn
    used = int(np.flatnonzero(d.slots.any(axis=1))[-1]) + 1
    _, width = d.slot_s
    edges = np.arange(used + 1) * width / 60.0
    names = [(0, "Plots"), (1, "Missed updates"), (2, "Gaps over 2.5 looks")]
    return [
        drawing.bars(f"{name} each {width:g} s", edges, d.slots[:used, k].astype(float), "minutes from the beginning", "")
        for k, name in names
        if d.slots[:used, k].any()
    ]
