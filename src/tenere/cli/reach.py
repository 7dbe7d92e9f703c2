"""tenere reach: where each sensor really sees, against where its terrain lets it."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenere.cli import setting
from tenere.cli.output import Progress, print_json, say
from tenere.coverage.measured import measured
from tenere.coverage.setting import ground, plane_over, sights
from tenere.coverage.verdicts import Sectors
from tenere.errors import TenereError

if TYPE_CHECKING:
    import argparse

    from tenere.coverage.measured import Measured
    from tenere.coverage.verdicts import Row

LEAST_STEP_M = 450.0
MOST_RINGS = 200
NOTE = (
    "A look counts for a sensor when another one had a plot of the track in it, so where it is alone nothing can be said. A plot that "
    "went to no track, or to another one, is not seen either."
)


def run(args: argparse.Namespace) -> int:
    """Measure; 1 when nothing could be judged."""
    config = setting.complete(setting.site(args.site))
    seen = sights(config.sensor, config.coverage)
    if not seen:
        raise TenereError("no sensor of the site has a place (lat_deg, lon_deg): there is nothing to measure against")
    begun = time.process_time()
    terrain = ground(config.coverage, args.site.parent if args.site is not None else Path())
    plane = plane_over(terrain, seen, max(config.coverage.step_m, LEAST_STEP_M))
    farthest = max(s.antenna.max_range_m for s in seen) / 1e3
    cut = Sectors(args.sectors, args.ring * 1e3, max(1, min(MOST_RINGS, math.ceil(farthest / args.ring))), args.look, args.margin)
    progress = Progress("tenere reach", 1.0)
    found = measured(config.sensor, seen, plane, args.plots, args.tracks, cut, k=config.coverage.refraction, progress=progress.at)
    progress.end()
    cpu_s = time.process_time() - begun
    if args.json:
        print_json(tree(found, cut, cpu_s))
    else:
        print("\n".join(lines(found, every=args.all)))
    for reason, number in found.refused.items():
        say(f"tenere reach: {reason}: {number:,}")
    if not any(r.looks or r.below for r in found.rows):
        say("tenere reach: no track was seen by two sensors at once: nothing can be judged")
        return 1
    return 0


def tree(found: Measured, cut: Sectors, cpu_s: float) -> dict[str, Any]:
    """Return the JSON document."""
    return {
        "first_s": found.span_s[0],
        "last_s": found.span_s[1],
        "tracks": found.tracks,
        "looks": found.looks,
        "sectors": cut.sectors,
        "ring_m": cut.ring_m,
        "look_s": cut.look_s,
        "margin_m": cut.margin_m,
        "cpu_s": round(cpu_s, 3),
        "refused": found.refused,
        "unjudged": found.unjudged,
        "flagged": len(found.flagged()),
        "rows": [r._asdict() for r in found.rows],
        "notes": [NOTE],
    }


def lines(found: Measured, *, every: bool) -> list[str]:
    """Return the text for people: each sensor's whole, then what is flagged of it, or all."""
    hours = (found.span_s[1] - found.span_s[0]) / 3600
    out = [f"{found.tracks:,} tracks in {hours:.1f} h, {found.looks:,} looks", ""]
    out.append("sensor          seen, of what another sees (95 % interval)     expected   alone   below its terrain")
    whole = [r for r in found.rows if r.range_to_m == math.inf and r.azimuth_to_deg - r.azimuth_deg >= 360 and r.range_m == 0]
    last = {r.sensor: r for r in whole}
    for sensor, r in last.items():
        out.append(f"{sensor:<15} {_share(r):<46} {100 * r.expected:>7.0f} % {r.alone:>8,} {r.below_seen:>7,} of {r.below:,}")
        parts = [p for p in found.rows if p.sensor == sensor and p is not r]
        out += [f"    {_where(p)}: {_share(p)}" for p in parts if every and p.verdict not in {"less", "more"}]
        out += [f"    {p.verdict.upper()} {_where(p)}: {p.reason}" for p in (r, *parts) if p.verdict in {"less", "more"}]
    out += [f"{sensor:<15} not judged: {why}" for sensor, why in found.unjudged.items()]
    return [*out, "", NOTE]


def _where(r: Row) -> str:
    """Name a sector and ring."""
    if r.azimuth_to_deg - r.azimuth_deg >= 360 and r.range_m == 0 and r.range_to_m == math.inf:
        return "everywhere"
    to = "and farther" if r.range_to_m == math.inf else f"to {r.range_to_m / 1e3:.0f} km"
    return f"{r.azimuth_deg:03.0f}-{r.azimuth_to_deg:03.0f} deg, {r.range_m / 1e3:.0f} {to}"


def _share(r: Row) -> str:
    """Write the share seen."""
    if not r.looks:
        return f"nothing that another sees ({r.alone:,} looks alone)"
    return f"{100 * r.share:.1f} % ({100 * r.low:.1f}-{100 * r.high:.1f}) of {r.looks:,} looks, {r.visits:,} passages"
