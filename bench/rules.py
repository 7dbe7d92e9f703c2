"""The rules over 20,000 tracks and 10,000 volumes: microseconds a track, with shapely (GEOS) beside the index in the same run.

    python -m bench.rules            print for people
    python -m bench.rules --json     one JSON object
    python -m bench.rules --keep     write bench/results/rules.json

Volumes are drawn over 16 by 28 degrees: 2 to 18 km across their middle, polygons of 4 to 40 corners, a fifth circles, some corridors,
floors and ceilings in three datums, kinds in the shares of a national file. Tracks are airliners, light aircraft and helicopters,
flying straight on at 1 Hz; the index keeps nothing between ticks. CPU time of one thread; the median of the ticks. shapely answers in the
plane of degrees who is within which outline: it knows neither heights nor what comes ahead, nor great circles. Its STRtree query with the
predicate "within", and the tree alone followed by contains_xy on prepared outlines, are both timed. The same again
with the Swiss and British volumes of ../shared/data, where they are there, repeated every 0.37 degrees to as many.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from bench.machine import here, keep
from tenere.airspace.formats import read_any
from tenere.airspace.index import Heights, Index
from tenere.airspace.model import GROUND, Circle, Corridor, Limit, Polygon, Volume, VolumeKind
from tenere.batch import Identities, PlotKind, TrackFlag, Tracks
from tenere.watch.config import SensorHealth, WatchConfig
from tenere.watch.distress import Distress
from tenere.watch.entered import Entered
from tenere.watch.families import FAMILIES
from tenere.watch.ledger import Ledger
from tenere.watch.view import View
from tenere.world import Aerodromes, Ground, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SOUTH, NORTH, WEST, EAST = 40.0, 56.0, -8.0, 20.0
KINDS = (
    (VolumeKind.CONTROL, 0.35),
    (VolumeKind.OTHER, 0.25),
    (VolumeKind.DANGER, 0.12),
    (VolumeKind.RESTRICTED, 0.12),
    (VolumeKind.DRONE, 0.08),
    (VolumeKind.PROHIBITED, 0.03),
    (VolumeKind.TEMPORARY, 0.03),
    (VolumeKind.CORRIDOR, 0.02),
)
SEED = 17
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "airspace"
REAL = ("openair_Switzerland.txt", "uk_airspace.yaml")


def volumes(n: int) -> tuple[Volume, ...]:
    """Draw the volumes."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    kinds = rng.choice(len(KINDS), n, p=[share for _, share in KINDS])
    made = []
    for k in range(n):
        lat, lon, r = rng.uniform(SOUTH, NORTH), rng.uniform(WEST, EAST), rng.uniform(2e3, 18e3)
        low = float(rng.choice([0.0, 300.0, 1000.0, 3000.0]))
        floor = GROUND if low == 0.0 else Limit(low, "agl" if k % 3 == 0 else "amsl")
        ceiling = Limit(low + float(rng.choice([300.0, 1000.0, 3000.0, 6000.0])), "fl" if k % 2 else "amsl")
        kind, pick = KINDS[kinds[k]][0], rng.random()
        if kind == VolumeKind.CORRIDOR:
            shape: Polygon | Circle | Corridor = Corridor(((lat, lon), (lat + 0.4, lon + 0.3), (lat + 0.6, lon + 0.9)), 9260.0)
        elif pick < 0.2:
            shape = Circle(lat, lon, r)
        else:
            corners = int(rng.integers(4, 40))
            angle, far = np.sort(rng.uniform(0, 2 * math.pi, corners)), np.degrees(r * rng.uniform(0.6, 1.0, corners) / 6.37e6)
            ring_lat, ring_lon = lat + far * np.cos(angle), lon + far * np.sin(angle) / math.cos(math.radians(lat))
            shape = Polygon(tuple(zip(ring_lat.tolist(), ring_lon.tolist(), strict=True)))
        made.append(Volume(id=f"V{k}", name=f"Volume {k}", kind=kind, shape=shape, floor=floor, ceiling=ceiling, buffer_m=500.0))
    return tuple(made)


def real(n: int) -> tuple[Volume, ...]:
    """Return the Swiss and British volumes of ../shared/data, repeated beside themselves until they are n; none where they are absent."""
    if not all((SHARED / name).is_file() for name in REAL):
        return ()
    read = [v for name in REAL for v in read_any((SHARED / name).read_bytes(), name, keep_going=True)[1].volumes]
    made: list[Volume] = []
    turn = 0
    while len(made) < n:
        shift = 0.37 * ((turn + 1) // 2) * (-1 if turn % 2 else 1)
        made += [msgspec.structs.replace(v, id=f"{turn}/{v.id}"[:64], shape=moved_shape(v.shape, shift)) for v in read[: n - len(made)]]
        turn += 1
    return tuple(made)


def moved_shape(shape: Polygon | Circle | Corridor, shift: float) -> Polygon | Circle | Corridor:
    """Return a shape so many degrees farther east."""
    if isinstance(shape, Circle):
        return Circle(shape.lat_deg, shape.lon_deg + shift, shape.radius_m)
    if isinstance(shape, Corridor):
        return Corridor(tuple((a, b + shift) for a, b in shape.line), shape.width_m)
    ring, *holes = (tuple((a, b + shift) for a, b in r) for r in (shape.ring, *shape.holes))
    return Polygon(ring, tuple(holes))


def traffic(n: int) -> tuple[Tracks, Identities]:
    """Draw the tracks."""
    rng = np.random.Generator(np.random.PCG64(SEED + 1))
    level = rng.choice([600.0, 1500.0, 3000.0, 6000.0, 10_000.0, 11_000.0], n) + rng.normal(0, 100, n)
    speed = np.where(level > 5000.0, 230.0, 70.0)
    tracks = Tracks.blank(
        n,
        number=np.arange(1, n + 1),
        flags=int(TrackFlag.CONFIRMED),
        lat_rad=np.radians(rng.uniform(SOUTH, NORTH, n)),
        lon_rad=np.radians(rng.uniform(WEST, EAST, n)),
        altitude_m=level,
        pressure_altitude_m=level,
        height_m=level,
        speed_ms=speed,
        course_rad=rng.uniform(0, 2 * math.pi, n),
        vertical_rate_ms=rng.choice([0.0, 0.0, 0.0, 5.0, -5.0], n),
        var_xx_m2=60.0**2,
        var_yy_m2=60.0**2,
        address=np.arange(1, n + 1),
        mode_a=0o2000,
        kinds=1 << PlotKind.ADSB,
        first_s=0.0,
        sensors=1,
    )
    return tracks, Identities.blank(n, number=tracks.number, civil=(rng.random(n) < 0.9), plan=-1)


def moved(tracks: Tracks, seconds: float) -> Tracks:
    """Fly straight on."""
    north, east = tracks.speed_ms * np.cos(tracks.course_rad), tracks.speed_ms * np.sin(tracks.course_rad)
    lat = tracks.lat_rad + north * seconds / 6.37e6
    return tracks.replace(lat_rad=lat, lon_rad=tracks.lon_rad + east * seconds / (6.37e6 * np.cos(lat)))


def world() -> World:
    """Return ground of 30 s posts and 2,000 aerodromes."""
    rng = np.random.Generator(np.random.PCG64(SEED + 2))
    height = rng.uniform(0.0, 500.0, (1921, 3361)).astype(np.float32)
    n = 2000
    code = np.array([f"X{k:03X}" for k in range(n)], "S4")
    field = Aerodromes(code, np.radians(rng.uniform(SOUTH, NORTH, n)), np.radians(rng.uniform(WEST, EAST, n)), rng.uniform(0, 500, n))
    return World(ground=Ground(NORTH, WEST, 1 / 120, 1 / 120, height), aerodromes=field)


def timed(what: Callable[[], Any], runs: int) -> float:
    """Return the median CPU seconds of a call, after one that does not count."""
    what()
    took = []
    for _ in range(runs):
        start_s = time.process_time()
        what()
        took.append(time.process_time() - start_s)
    return float(np.median(took))


def index_speed(listed: tuple[Volume, ...], tracks: Tracks, runs: int) -> dict[str, Any]:
    """Time the index alone: who is inside, who will be; and how long it takes to make."""
    n = len(tracks)
    started_s = time.process_time()
    index = Index.of(listed)
    made_s = time.process_time() - started_s
    changed = (*listed[:-1], msgspec.structs.replace(listed[-1], buffer_m=700.0))
    again_s = timed(lambda: Index.of(changed, index), 5)
    heights = Heights.of(tracks.altitude_m, tracks.pressure_altitude_m, np.full(n, 250.0))
    motion = (tracks.speed_ms * np.sin(tracks.course_rad), tracks.speed_ms * np.cos(tracks.course_rad), tracks.vertical_rate_ms)
    margin = np.full(n, 60.0)
    inside_s = timed(lambda: index.inside(tracks.lat_rad, tracks.lon_rad, heights), runs)
    ahead_s = timed(lambda: index.ahead(tracks.lat_rad, tracks.lon_rad, heights, motion, margin, 90.0), runs)
    everywhere = Heights.of(np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan))
    flat_s = timed(lambda: index.inside(tracks.lat_rad, tracks.lon_rad, everywhere), runs)
    return {
        "make_s": round(made_s, 3),
        "one_volume_changed_s": round(again_s, 3),
        "inside_us_a_track": round(inside_s / n * 1e6, 3),
        "inside_any_height_us_a_track": round(flat_s / n * 1e6, 3),
        "ahead_90s_us_a_track": round(ahead_s / n * 1e6, 3),
        "inside_pairs": len(index.inside(tracks.lat_rad, tracks.lon_rad, heights).row),
        "inside_any_height_pairs": len(index.inside(tracks.lat_rad, tracks.lon_rad, everywhere).row),
        "ahead_pairs": len(index.ahead(tracks.lat_rad, tracks.lon_rad, heights, motion, margin, 90.0).row),
        "inside_m_track_updates_a_core_s": round(n / inside_s / 1e6, 2),
        "ahead_m_track_updates_a_core_s": round(n / ahead_s / 1e6, 2),
    }


def shapely_speed(listed: tuple[Volume, ...], tracks: Tracks, runs: int) -> dict[str, Any] | None:
    """Time GEOS on the same outlines, flat in degrees; None where shapely is absent."""
    try:
        import shapely  # noqa: PLC0415 - an extra of the benches
    except ImportError:
        return None
    outlines = []
    for v in listed:
        if isinstance(v.shape, Polygon):
            outlines.append(shapely.Polygon([(x, y) for y, x in v.shape.ring]))
        elif isinstance(v.shape, Circle):
            outlines.append(shapely.Point(v.shape.lon_deg, v.shape.lat_deg).buffer(math.degrees(v.shape.radius_m / 6.37e6), 10))
        else:
            outlines.append(shapely.LineString([(x, y) for y, x in v.shape.line]).buffer(math.degrees(v.shape.width_m / 2 / 6.37e6), 4))
    shapes = np.array(outlines)
    shapely.prepare(shapes)
    tree = shapely.STRtree(shapes)
    x, y = np.degrees(tracks.lon_rad), np.degrees(tracks.lat_rad)
    places = shapely.points(x, y)

    def query() -> NDArray[np.int64]:
        return np.asarray(tree.query(places, predicate="within"))

    def two_steps() -> NDArray[np.bool_]:
        rows, found = tree.query(places)
        return np.asarray(shapely.contains_xy(shapes[found], x[rows], y[rows]))

    seconds, steps_s = timed(query, runs), timed(two_steps, runs)
    return {
        "version": shapely.__version__,
        "geos": ".".join(map(str, shapely.geos_version)),
        "pairs": int(query().shape[1]),
        "query_within_us_a_track": round(seconds / len(tracks) * 1e6, 3),
        "tree_then_prepared_contains_us_a_track": round(steps_s / len(tracks) * 1e6, 3),
        "points_made_us_a_track": round(timed(lambda: shapely.points(x, y), runs) / len(tracks) * 1e6, 3),
    }


def families(listed: tuple[Volume, ...], tracks: Tracks, identities: Identities, ticks: int) -> dict[str, Any]:
    """Run every family for some ticks of a second; give each one's median share and what a whole tick costs with the ledger."""
    config, around = WatchConfig(max_alerts=20_000), world()
    states = [f.init(config, around) for f in FAMILIES]
    ledger = Ledger(config)
    took: dict[str, list[float]] = {f.name: [] for f in FAMILIES} | {"ledger": []}
    held, distress = 0, Distress()
    for k in range(ticks):
        now = moved(tracks, float(k))
        distress.step(now, np.arange(len(now)), 1e9 + k, config.emergency_hold_s)
        view = View(
            config, around, 1e9 + k, now, identities, np.arange(len(now)), np.ones(len(now), np.bool_), (), SensorHealth.none(), listed,
            np.ones(len(listed), np.bool_), Entered(), distress,
        )  # fmt: skip
        conditions = []
        for family, state in zip(FAMILIES, states, strict=True):
            start_s = time.process_time()
            conditions += list(family.step(state, view))
            took[family.name].append(time.process_time() - start_s)
        start_s = time.process_time()
        ledger.hold(conditions, view.time_s)
        took["ledger"].append(time.process_time() - start_s)
        held = len(conditions)
    middle = {name: float(np.median(s[2:])) for name, s in took.items()}
    n = len(tracks)
    return {
        "ticks": ticks,
        "conditions_a_tick": held,
        "us_a_track": {name: round(s / n * 1e6, 3) for name, s in middle.items()},
        "all_families_us_a_track": round(sum(s for name, s in middle.items() if name != "ledger") / n * 1e6, 3),
        "all_families_ms_a_tick": round(1e3 * sum(s for name, s in middle.items() if name != "ledger"), 1),
        "worst_tick_ms": round(1e3 * max(sum(s) for s in zip(*(v[2:] for v in took.values()), strict=True)), 1),
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.rules", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--keep", action="store_true", help="write bench/results/rules.json")
    parser.add_argument("--tracks", type=int, default=20_000)
    parser.add_argument("--volumes", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=15, help="timed runs, and ticks (default 15)")
    args = parser.parse_args()
    listed = volumes(args.volumes)
    tracks, identities = traffic(args.tracks)
    Index.of(listed[:50]).inside(
        tracks.lat_rad[:5], tracks.lon_rad[:5], Heights.of(*(np.zeros(5),) * 3)
    )  # compiled, or read from the cache
    result: dict[str, Any] = {
        "machine": here(),
        "tracks": args.tracks,
        "volumes": args.volumes,
        "index": index_speed(listed, tracks, args.runs),
        "shapely": shapely_speed(listed, tracks, args.runs),
        "families": families(listed, tracks, identities, max(5, args.runs)),
    }
    if found := real(args.volumes):
        result["real_volumes"] = {
            "points": sum(len(v.shape.ring) for v in found if isinstance(v.shape, Polygon)),
            **index_speed(found, tracks, args.runs),
        }
        result["real_volumes"]["shapely"] = shapely_speed(found, tracks, args.runs)
        result["real_volumes"]["families"] = families(found, tracks, identities, max(5, args.runs))
    if args.keep:
        keep("rules", result)
    if args.json:
        print(json.dumps(result, indent=1))
        return
    for part in ("index", "shapely", "families", "real_volumes"):
        for name, value in (result.get(part) or {"absent": "pip install 'tenere[bench]', ../shared/data"}).items():
            print(f"{part:10}{name:45}{value}")


if __name__ == "__main__":
    main()
