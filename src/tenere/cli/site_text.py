"""What tenere site tells people, and the tables of sensors that it writes for the site file."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenere.coverage.siting_config import SitingConfig


def lines(d: dict[str, Any]) -> list[str]:
    """Return the text of a document of tenere site."""
    c = d["candidates"]
    origins = ", ".join(f"{n:,} {name}" for name, n in c["by_origin"].items())
    out = [
        f"{d['site']}: {c['count']:,} candidates ({origins}), {d['places']:,} places, {len(d['standing'])} sensors stand",
        *(f"  left out: {n:,} {reason} (first: {c['first_refused'].get(reason, '-')})" for reason, n in c["refused"].items()),
        *(f"  sensor {name} is not counted: {why}" for name, why in d["standing_left_out"].items()),
        "",
    ]
    width = max([len(s["id"]) for s in d["sites"]] + [4])
    heads = "".join(f"{h:>15}" for h in d["at"])
    out.append(f"    {'site':<{width}}   north     east    ground  worth   without   adds, km2:{heads}")
    for k, s in enumerate(d["sites"], 1):
        adds = "".join(f"{v:>15,.0f}" for v in s["adds_km2"])
        out.append(
            f"{k:>3} {s['id']:<{width}} {s['lat_deg']:>8.4f} {s['lon_deg']:>8.4f} {s['ground_m']:>6.0f} m {s['adds_worth']:>6.2f}"
            f"  {-s['loses_worth']:>7.2f}             {adds}"
        )
    if not d["sites"]:
        out.append("    none: nothing that the budget pays for adds anything")
    out += ["", f"{'seen, of ' + d['area']:<30} {'now':<25} with these sites"]
    for a, b in zip(d["before"], d["after"], strict=True):
        out.append(f"  {a['at']:<28} {_share(a)}   {_share(b)}")
    out.append("")
    whole = d["worth_of_all"]
    out.append(f"worth, of {whole:g}: {d['standing_worth']:.3f} now, {d['bound']:.3f} at most with this budget")
    for plan in d["plans"]:
        out.append(f"  {plan['by']:<10} {plan['worth']:>9.3f}   below the bound by {100 * plan['below_bound']:.3f} % at most")
    t = d["seconds"]
    out.append(f"{t['candidates_cpu']:.1f} s for what each sees, {t['search']:.1f} s of search, {d['shakes']:,} shakes")
    out += [f"written: {name}" for name in d.get("files", [])]
    return out


def _share(row: dict[str, Any]) -> str:
    """Write the shares of an area that one sensor and two see."""
    once, twice = (100 * row[k] / row["area_km2"] if row["area_km2"] else math.nan for k in ("seen_km2", "seen_twice_km2"))
    return f"{once:5.1f} %, {twice:5.1f} % twice"


def sensor_tables(d: dict[str, Any], config: SitingConfig) -> str:
    """Return the sites as [[sensor]] tables of a site file, each with what it adds as a comment."""
    out = [
        f"# Proposed by tenere site: {len(d['sites'])} sensors; at most {100 * d['below_bound']:.2f} % below the best plan there is.",
        "# Give each its source, sac and sic, and mend what is known better.",
    ]
    for s in d["sites"]:
        adds = ", ".join(f"{v:,.0f} km2 at {h}" for v, h in zip(s["adds_km2"], d["at"], strict=True))
        out += [
            "",
            f"# {s['origin']}; adds {adds}".replace("\n", " "),
            "[[sensor]]",
            f"id = {json.dumps(s['id'])}",
            f"kind = {json.dumps(config.kind)}",
            f"lat_deg = {s['lat_deg']}",
            f"lon_deg = {s['lon_deg']}",
            f"height_m = {round(s['ground_m'] + s['antenna_m'], 1)}",
            f"antenna_m = {s['antenna_m']}",
        ]
        if config.range_m:
            out.append(f"range_m = {config.range_m}")
        if config.min_elevation_deg != -90.0:
            out.append(f"min_elevation_deg = {config.min_elevation_deg}")
        if math.isfinite(config.max_elevation_deg):
            out.append(f"max_elevation_deg = {config.max_elevation_deg}")
    return "\n".join(out) + "\n"
