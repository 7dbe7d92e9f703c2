"""How well an airport's surface radar is tracked, its multilateration being the reference; then both in one tracker.

    python -m scripts.measure_surface ../shared/data/asterix/lebl_201002_smr.ast ../shared/data/asterix/lebl_201002_mlat.ast
    python -m scripts.measure_surface SMR_FILE MLAT_FILE --smr-at LAT,LON --mlat-at LAT,LON [--turn DEG] [--only smr|both] [--json]

CAT010 tells places about a reference point that it does not tell: --smr-at and --mlat-at do (the defaults are Barcelona's, as the
recordings' publisher gives them). The shift that the data themselves show between the two, by a vote over moving targets, is printed
beside. The reference of a second is each address's reports interpolated, where they are at most 3 s apart, on the ground. It is judged
where the radar looks: in cells of 100 m that gave plots in at least five minutes. The multilateration knows only those who answer:
tracks that never had one near are parted into those that pass as a vehicle would, those that stand, and the rest.
"radar itself" are the radar's own reports and track numbers, scored alike: what came in.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from scripts import surface_runs as runs
from tenere import track
from tenere.estimate.assignment import gospa_assign
from tenere.geo.plane import Plane
from tenere.site import SensorConfig

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Plots

    F64 = NDArray[np.float64]

SMR_AT, MLAT_AT = "41.29561833,2.095114167", "41.29706278,2.078447222"
MATCH_M = 50.0
"""A track is an address's when it is so near: parked aircraft are farther apart, and an antenna is nearer to its aircraft's middle."""
STOPPED_MS = 2.0
SEEN_TIMES = 5
DRIVES_M, DRIVES_S = 100.0, 20.0
PASSES_M, PASSES_MS, STRAIGHT = 25.0, (1.5, 30.0), 0.7
"""A track that nobody answers for is somebody all the same when it went so far and lasted so long, or went straight at such a speed."""
STANDS_M, STANDS_S = 15.0, 20.0
GAP_S = 60


class Matched(NamedTuple):
    """The reference against a run: pairs of rows, which reference rows count, and who is near each track."""

    reference: NDArray[np.int64]
    run: NDArray[np.int64]
    counts: NDArray[np.bool_]
    """(rows of the reference,) it lies where the radar looks."""
    near: NDArray[np.bool_]
    """(rows of the run,) some address is within MATCH_M, whether paired or not."""


def covered(plots: Plots, sensor: SensorConfig, plane: Plane) -> set[tuple[int, int]]:
    """Return the cells of CELL_M that gave plots in at least SEEN_TIMES different minutes."""
    p = plots.take(np.isfinite(plots.x_m))
    x, y = runs.to_plane(p.x_m, p.y_m, sensor, plane)
    cells = np.column_stack([np.floor(x / runs.CELL_M), np.floor(y / runs.CELL_M), np.floor(p.time_s / 60.0)]).astype(np.int64)
    cell, times = np.unique(np.unique(cells, axis=0)[:, :2], axis=0, return_counts=True)
    return {(int(a), int(b)) for (a, b), n in zip(cell, times, strict=True) if n >= SEEN_TIMES}


def match(ref: runs.Reference, run: runs.Run, where: set[tuple[int, int]]) -> Matched:
    """Pair addresses and tracks second by second."""
    cells = zip(np.floor(ref.x_m / runs.CELL_M).astype(int).tolist(), np.floor(ref.y_m / runs.CELL_M).astype(int).tolist(), strict=True)
    counts = np.array([c in where for c in cells])
    theirs, mine = runs.rows_of_ticks(ref.tick), runs.rows_of_ticks(run.tick)
    a, b, near = [], [], np.zeros(len(run.tick), bool)
    for tick, rows in mine.items():
        if tick not in theirs:
            continue
        truth, tracks = theirs[tick], rows
        t, k = np.column_stack([ref.x_m[truth], ref.y_m[truth]]), np.column_stack([run.x_m[tracks], run.y_m[tracks]])
        i, j, _ = gospa_assign(t, k, MATCH_M)
        a.append(truth[i])
        b.append(tracks[j])
        near[tracks] = (np.hypot(t[:, None, 0] - k[None, :, 0], t[:, None, 1] - k[None, :, 1]) < MATCH_M).any(axis=0)
    return Matched(np.concatenate(a), np.concatenate(b), counts, near)


def _share(a: float, b: float) -> float:
    return round(a / b, 4) if b else math.nan


def _errors(along: F64, across: F64, apart: F64) -> dict[str, float]:
    """Return what there is to say of errors (m); along is positive ahead of the reference."""
    return {
        "seconds": len(apart),
        "median_m": round(float(np.median(apart)), 2),
        "p95_m": round(float(np.percentile(apart, 95)), 2),
        "ahead_median_m": round(float(np.median(along)), 2),
        "aside_median_m": round(float(np.median(across)), 2),
        "spread_ahead_m": round(float(np.std(along)), 2),
        "spread_aside_m": round(float(np.std(across)), 2),
    }


def accuracy(ref: runs.Reference, run: runs.Run, m: Matched) -> dict[str, Any]:
    """Return the errors of the pairs where the radar looks, of what moves and of what has stopped."""
    use = m.counts[m.reference]
    r, k = m.reference[use], m.run[use]
    ex, ey = run.x_m[k] - ref.x_m[r], run.y_m[k] - ref.y_m[r]
    apart, speed = np.hypot(ex, ey), np.hypot(ref.vx_ms[r], ref.vy_ms[r])
    ux, uy = ref.vx_ms[r] / np.maximum(speed, 1e-9), ref.vy_ms[r] / np.maximum(speed, 1e-9)
    along, across = ex * ux + ey * uy, ex * uy - ey * ux
    moving, vehicle = speed > STOPPED_MS, ref.vehicle[r]
    parts = {
        "aircraft_moving": moving & ~vehicle,
        "vehicles_moving": moving & vehicle,
        "stopped": ~moving,
    }
    return {name: _errors(along[part], across[part], apart[part]) for name, part in parts.items() if part.any()}


def presence(ref: runs.Reference, run: runs.Run, m: Matched) -> dict[str, Any]:
    """Return completeness, tracks an address, and tracks near one address at one time (ambiguity)."""
    speed, found = np.hypot(ref.vx_ms, ref.vy_ms), np.zeros(len(ref.tick), bool)
    found[m.reference] = True
    moving, stopped = m.counts & (speed > STOPPED_MS), m.counts & (speed <= STOPPED_MS)
    by_kind = {
        k: _share(float(found[moving & v].sum()), float((moving & v).sum()))
        for k, v in (("aircraft", ~ref.vehicle), ("vehicles", ref.vehicle))
    }
    number = np.zeros(len(ref.tick), np.int64)
    number[m.reference] = run.number[m.run]
    pieces = broken = changes = pairs = 0
    for address in np.unique(ref.address):
        rows = np.flatnonzero((ref.address == address) & moving)
        if not len(rows):
            continue
        for first, last in runs.segments(ref.tick[rows], GAP_S):
            inside = rows[(ref.tick[rows] >= first) & (ref.tick[rows] <= last)]
            seen = number[inside][number[inside] > 0]
            pieces += 1
            broken += len(np.unique(seen)) > 1
            pairs += len(np.unique(seen))
            changes += int((np.diff(seen) != 0).sum())
    return {
        "addresses": len(np.unique(ref.address[m.counts])),
        "reference_s_moving": int(moving.sum()),
        "reference_s_stopped": int(stopped.sum()),
        **{f"completeness_{k}_moving": v for k, v in by_kind.items()},
        "completeness_moving": _share(float(found[moving].sum()), float(moving.sum())),
        "completeness_stopped": _share(float(found[stopped].sum()), float(stopped.sum())),
        "drives": pieces,
        "drives_with_more_than_one_track": broken,
        "tracks_a_drive": _share(pairs, pieces),
        "track_changes_an_hour_moving": round(3600.0 * changes / max(int(moving.sum()), 1), 1),
        "ambiguity": _share(float(m.near.sum()), float(len(m.run))),
    }


def unanswered(run: runs.Run, m: Matched) -> dict[str, Any]:
    """Return what the tracks are that no address is ever near: what passes, what stands, and the rest."""
    answered = set(run.number[m.near].tolist())
    order = np.lexsort((run.tick, run.number))
    values, first = np.unique(run.number[order], return_index=True)
    ends = np.append(first[1:], len(order))
    kinds = {"answered": [0, 0], "passes": [0, 0], "stands": [0, 0], "other": [0, 0]}
    for v, a, b in zip(values.tolist(), first, ends, strict=True):
        kind = "answered" if v in answered else _moves(run, order[a:b])
        kinds[kind][0] += 1
        kinds[kind][1] += b - a
    total = sum(s for _, s in kinds.values())
    hours = float(run.tick.max() - run.tick.min()) / 3600.0
    return {
        "tracks": len(values),
        **{f"{k}_tracks": n for k, (n, _) in kinds.items()},
        **{f"{k}_share": _share(s, total) for k, (_, s) in kinds.items()},
        "other_tracks_an_hour": round(kinds["other"][0] / max(hours, 1e-9), 1),
        "shown_at_once": round(total / max(len(np.unique(run.tick)), 1), 2),
    }


def _moves(run: runs.Run, rows: NDArray[np.int64]) -> str:
    """Say how a track goes: it passes as a vehicle would, stands, or neither."""
    x, y, t = run.x_m[rows], run.y_m[rows], run.tick[rows]
    lasts, net = float(t[-1] - t[0]), math.hypot(x[-1] - x[0], y[-1] - y[0])
    way = float(np.hypot(np.diff(x), np.diff(y)).sum())
    low, high = PASSES_MS
    if net > PASSES_M and net > STRAIGHT * way and low * lasts < net < high * lasts:
        return "passes"
    if lasts > STANDS_S and float(np.hypot(x - np.median(x), y - np.median(y)).max()) < STANDS_M:
        return "stands"
    return "passes" if float(np.hypot(x - x[0], y - y[0]).max()) > DRIVES_M and lasts > DRIVES_S else "other"


def own(plots: Plots, sensor: SensorConfig, plane: Plane) -> runs.Run:
    """Return the radar's own reports under its own track numbers as a run: what came in, scored as what went out."""
    p = plots.take(np.isfinite(plots.x_m))
    tick = np.rint(p.time_s).astype(np.int64)
    ahead = tick - p.time_s
    x, y = runs.to_plane(p.x_m + ahead * np.nan_to_num(p.east_ms), p.y_m + ahead * np.nan_to_num(p.north_ms), sensor, plane)
    nothing = np.zeros(len(p), np.int64)
    return runs.Run(tick, p.source_track.astype(np.int64), x, y, np.zeros(len(p)), nothing, [])


def scored(ref: runs.Reference, run: runs.Run, where: set[tuple[int, int]]) -> dict[str, Any]:
    """Return all figures of a run."""
    m = match(ref, run, where)
    return {"presence": presence(ref, run, m), "accuracy": accuracy(ref, run, m), "others": unanswered(run, m)}


def fused(run: runs.Run, plots: list[Plots]) -> dict[str, Any]:
    """Return how many tracks took the reports of an address, and how many addresses a track took."""
    mlat, used = plots[1], run.used[1]
    keep = (mlat.address > 0) & (used > 0)
    pairs = np.unique(np.column_stack([mlat.address[keep], used[keep]]), axis=0)
    return {
        "tracks_an_address": _share(len(pairs), len(np.unique(pairs[:, 0]))),
        "tracks_with_two_addresses": int((np.unique(pairs[:, 1], return_counts=True)[1] > 1).sum()),
        "tracks_of_both": len(np.intersect1d(pairs[:, 1], run.used[0])),
    }


def site(args: argparse.Namespace) -> tuple[SensorConfig, SensorConfig]:
    """Return the two sensors."""
    (slat, slon), (mlat, mlon) = (map(float, at.split(",")) for at in (args.smr_at, args.mlat_at))
    smr = SensorConfig(
        id="SMR",
        kind="smr",
        source="smr",
        lat_deg=slat,
        lon_deg=slon,
        range_m=args.smr_range,
        range_std_m=2.0,
        azimuth_std_deg=args.smr_azimuth_std,
        period_s=1.0,
        clutter=args.smr_clutter,
        detection=args.smr_detection,
        position_std_m=args.smr_std,
    )
    other = SensorConfig(
        id="MLAT", kind="mlat", source="mlat", lat_deg=mlat, lon_deg=mlon, position_std_m=15.0, range_m=20_000, clutter=1.0
    )
    return smr, other


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Run and score."""
    smr, mlat = site(args)
    plane = Plane.at(math.radians(mlat.lat_deg), math.radians(mlat.lon_deg))
    plots = [runs.read(args.smr, "smr"), runs.read(args.mlat, "mlat")]
    turned = plots[0].replace(azimuth_rad=(plots[0].azimuth_rad + math.radians(args.turn)) % (2 * math.pi))
    c, s = math.cos(math.radians(args.turn)), math.sin(math.radians(args.turn))
    turned = turned.replace(x_m=plots[0].x_m * c + plots[0].y_m * s, y_m=plots[0].y_m * c - plots[0].x_m * s)
    ref = runs.reference(plots[1], mlat, plane)
    here = turned.take(np.isfinite(turned.x_m))
    x, y = runs.to_plane(here.x_m, here.y_m, smr, plane)
    dx, dy, pairs = runs.vote((np.rint(here.time_s).astype(np.int64), x, y), ref)
    where = covered(turned, smr, plane)
    out: dict[str, Any] = {"shift_seen": {"east_m": round(dx, 1), "north_m": round(dy, 1), "pairs": pairs}}
    if not args.only:
        out["radar itself"] = scored(ref, own(turned, smr, plane), where)
    config = track.TrackConfig()
    for name, which in (("smr", [(smr, turned)]), ("both", [(smr, turned), (mlat, plots[1])])):
        if args.only not in ("", name):
            continue
        run = runs.run([runs.Recording(*r) for r in which], config, plane)
        out[name] = scored(ref, run, where)
        if name == "both":
            out[name]["fused"] = fused(run, [turned, plots[1]])
        if args.keep:
            np.savez(
                args.keep / f"surface_{name}.npz", **{k: getattr(run, k) for k in ("tick", "number", "x_m", "y_m", "std_m", "address")}
            )
    return out


def main() -> None:
    """Measure and print."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("smr", type=Path)
    p.add_argument("mlat", type=Path)
    p.add_argument("--smr-at", default=SMR_AT, metavar="LAT,LON")
    p.add_argument("--mlat-at", default=MLAT_AT, metavar="LAT,LON")
    p.add_argument("--turn", type=float, default=0.0, help="degrees clockwise by which to turn the radar's plots")
    p.add_argument("--smr-std", type=float, default=10.0)
    p.add_argument("--smr-azimuth-std", type=float, default=0.08)
    p.add_argument("--smr-clutter", type=float, default=1.0)
    p.add_argument("--smr-detection", type=float, default=0.9)
    p.add_argument("--smr-range", type=float, default=4000.0)
    p.add_argument("--only", choices=("smr", "both"), default="")
    p.add_argument("--keep", type=Path, help="folder for the runs as .npz")
    p.add_argument("--json", action="store_true")
    found = measure(args := p.parse_args())
    if args.json:
        print(json.dumps(found, indent=2))
        return
    for part, figures in found.items():
        print(part)
        for name, value in figures.items():
            text = "  ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
            print(f"  {name}: {text}")


if __name__ == "__main__":
    main()
