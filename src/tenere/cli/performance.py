"""tenere performance: how well each sensor of a recording does, with no truth needed."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import msgspec

from tenere import performance
from tenere.cli import limits
from tenere.cli.limits import thresholds
from tenere.cli.output import Progress, print_json, say, write_whole
from tenere.cli.replay import Material
from tenere.errors import UsageError
from tenere.measuring import Watcher
from tenere.performance.figures import as_tree
from tenere.performance.thresholds import rows_of
from tenere.pipeline import Pipeline

if TYPE_CHECKING:
    import argparse

    from tenere.performance import Judged, Report, Sensor, Share

LONE = (
    "Residuals are against where the track, as it was before the plot, expected it. A sensor's own plots are in the track: "
    "of a lone sensor they are innovations, and a bias does not show in them."
)
NOISE = (
    "Noise is from four plots of a track in a row. An unsteady flight makes it too large, a sensor that smooths its plots too small: "
    "it is the least that the error can be."
)
RUNS = "Intervals of shares take misses as independent; they come in runs, so the true intervals are wider."


def measure(material: Material) -> tuple[Report, float]:
    """Run a recording through the picture and measure; return what is found and the seconds of processor it took."""
    picture = Pipeline(msgspec.structs.replace(material.config, performance=performance.PerformanceConfig(window_s=0)))  # once is enough
    state = picture.init()
    watcher = Watcher()
    progress = Progress("performance", material.last_s - material.first_s)
    first, cpu = math.nan, time.process_time()
    for tick in material.ticks():
        first = tick.time_s if math.isnan(first) else first
        state, output = picture.step(state, tick)
        watcher.take(state.track, output.plots, output.plot_tracks, output.tracks, output.time_s)
        progress.at(tick.time_s - first, f"{len(output.tracks)} tracks")
    progress.end()
    return performance.report(watcher.state), time.process_time() - cpu


def run(args: argparse.Namespace) -> int:
    """Measure; 1 when a file could not be read or held no plot."""
    table = thresholds(args.thresholds) if args.thresholds is not None else None
    if args.html is not None and (args.html.is_dir() or not args.html.parent.is_dir()):
        raise UsageError(f"--html {args.html}: name a file in a folder that is there")
    if args.html is not None and any(args.html.resolve() == f.resolve() for f in args.files):
        raise UsageError(f"--html {args.html}: is read from; name another file")
    args.without = ""
    material = Material(args)
    table = table or limits.of_site(material.config)
    found, cpu_s = measure(material)
    results = performance.judge(found, table)
    names = [str(path) for path in args.files]
    if args.html is not None:
        from tenere.cli.performance_page import page  # noqa: PLC0415 - only the report draws

        write_whole(args.html, page(found, results, names, [LONE, NOISE, RUNS]), "--html")
    if args.json:
        print_json(tree(found, results, names, cpu_s))
    else:
        print("\n".join(lines(found, results)))
    unknown = sorted(table.group.keys() - {s.id for s in found.sensors})
    for name in unknown:
        say(f"tenere performance: group: no sensor is called {name}; there are {', '.join(s.id for s in found.sensors) or 'none'}")
    if not found.sensors:
        say("tenere performance: no plot came out of it; tenere decode FILE tells what it holds")
    return 1 if material.errors or not found.sensors else 0


def tree(found: Report, results: list[Judged], names: list[str], cpu_s: float) -> dict[str, Any]:
    """Return the JSON document."""
    air_s = found.last_s - found.first_s if found.ticks else 0.0
    return {
        "files": names,
        "first_s": found.first_s,
        "last_s": found.last_s,
        "ticks": found.ticks,
        "tracks": found.tracks,
        "cpu_s": round(cpu_s, 3),
        "times_real_time": round(air_s / cpu_s, 1) if cpu_s > 0 else math.nan,
        "sensors": [as_tree(s) for s in found.sensors],
        "picture": as_tree(found.picture),
        "duplicate_addresses": {f"{address:06X}": n for address, n in found.addresses.items()},
        "plots_of_no_sensor": found.beyond,
        "plots_undecided": found.undecided,
        "results": rows_of(results),
        "notes": [LONE, NOISE, RUNS],
    }


# --- for people ------------------------------------------------------------------------------------------------------


def number(value: float, digits: int = 3) -> str:
    """Write a number with so many digits that mean something; a dash where there is none."""
    if not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    return f"{value:,.{max(places, 0)}f}" if abs(value) < 1e7 else f"{value:.3g}"


def percent(share: Share) -> str:
    """Write a share, its interval and its counts."""
    if not share.whole:
        return "-"
    return f"{100 * share.value:.2f} % ({100 * share.low:.2f}-{100 * share.high:.2f}; {share.part:,.0f} of {share.whole:,.0f})"


SHARES = (
    ("update", "update a look"), ("gaps", "gaps over 2.5 looks"), ("false", "taken by no track"), ("split", "split"),
    ("mode_a_there", "Mode A there"), ("mode_a_wrong", "Mode A wrong"), ("mode_c_there", "Mode C there"), ("mode_c_wrong", "Mode C wrong"),
    ("address_there", "address there"), ("address_wrong", "address wrong"), ("duplicates", "address in two places"),
    ("out_of_order", "out of order"),
)  # fmt: skip


def table_of(s: Sensor) -> list[tuple[str, str]]:
    """Return what is said of a sensor, in rows of a name and words."""
    c, v = s.counts, s.values
    rows = [("plots", f"{c['plots']:,}, not live {c['not_live']:,}, without a position {c['unplaced']:,}, to a track {c['taken']:,}")]
    if math.isfinite(v["period_s"]):
        told = f" (the tracker takes {number(v['period_assumed_s'])} s)" if "period_assumed_s" in v else ""
        rows.append(("period", f"{number(v['period_s'])} s{told}"))
    rows += [(words, percent(s.shares[name])) for name, words in SHARES if name in s.shares]
    if int(s.intervals.sum()):
        inside = ", ".join(f"{w:g} s {100 * s.update_in(w).value:.2f} %" for w in (1.0, 2.0, 5.0, 8.0))
        rows.append(("update in", inside))
        if int(s.ground.sum()):
            inside = ", ".join(f"{w:g} s {100 * s.update_in(w, ground=True).value:.2f} %" for w in (1.0, 2.0, 5.0))
            rows.append(("  on the ground", f"{inside} ({s.ground.sum():,} updates)"))
        rows.append(("longest gap", f"{number(v['gap_longest_s'])} s; absences of more than 64 s: {c['absences']:,}"))
    for axis, unit in (("range", "m"), ("azimuth", "deg"), ("along", "m"), ("across", "m")):
        if f"{axis}_std_{unit}" in v:
            mean, std, p95 = (number(v[f"{axis}_{what}_{unit}"]) for what in ("mean", "std", "95"))
            rows.append((f"{axis} residual", f"mean {mean}, std {std}, 95 % {p95} {unit} ({s.residual_samples:,})"))
        if f"{axis}_noise_{unit}" in v:
            rows.append((f"{axis} noise", f"{number(v[f'{axis}_noise_{unit}'])} {unit} ({s.noise_samples:,})"))
    if "position_95_m" in v:
        rows.append(("position residual", f"RMS {number(v['position_rms_m'])}, 95 % {number(v['position_95_m'])} m"))
    if "noise_95_m" in v:
        rows.append(("position noise", f"RMS {number(v['noise_rms_m'])}, 95 % {number(v['noise_95_m'])} m"))
    if "delay_50_s" in v:
        rows.append(("delay", f"median {number(v['delay_50_s'])}, 95 % {number(v['delay_95_s'])}, 99 % {number(v['delay_99_s'])} s"))
    elif s.kind != "picture":
        rows.append(("delay", "the recording does not say when plots arrived"))
    if s.kind != "picture":
        silent = f"silences {c['silences']}, longest {number(v['silent_longest_s'])} s"
        rows.append(("clock", f"off by {number(v['clock_off_s'])} s, jumps {c['clock_jumps']}; {silent}"))
    for name, values in s.quality.items():
        told = ", ".join(f"{k}: {n:,}" for k, n in enumerate(values[:-1]) if n)
        rows.append((name, f"{told or 'never told'}; absent {values[-1]:,}"))
    return rows


def lines(found: Report, results: list[Judged]) -> list[str]:
    """Return the tables of the terminal."""
    out = []
    for s in (*found.sensors, found.picture):
        out.append(f"{s.id}{f' ({s.name})' if s.name and s.name != s.id else ''}, {s.group}")
        out += [f"  {name:<22}{words}" for name, words in table_of(s)]
        out += [
            f"  {r.verdict.upper():<11} {r.id}: {r.metric} = {number(r.value, 4)}, {r.limit} ({r.why})" for r in results if r.sensor == s.id
        ]
        out.append("")
    if found.addresses:
        most = sorted(found.addresses.items(), key=lambda e: -e[1])[:10]
        out += ["addresses in two places: " + ", ".join(f"{a:06X} ({n})" for a, n in most), ""]
    return [*out, LONE, NOISE, RUNS]
