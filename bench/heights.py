"""What heights are worth: a simulated sky on a warm day of low pressure, tracked with and without learning them.

    python -m bench.heights [--minutes 10] [--seed 1] [--seeds 3] [--bias-m 0] [--json]
    python -m bench.heights --real ../shared/data/traj/stonesoup_OpenSky_Plane_States.csv

Over Niger, three radars 150 km apart see 24 aircraft that send ADS-B with both heights, 18 that answer Mode C alone, 18 that
answer nothing, 6 that a 3-D radar sees with its elevation alone and 6 of these that answer Mode C too, and 6 that send ADS-B whose
height leaves the truth by 600 m in the middle of the run. Three ways: without heights (a pressure altitude is taken for one), with
them, and with a QNH alone where no aircraft tells both. --bias-m: the second radar's ranges are too long by so much.

Printed: the median and the 95th percentile of the tracks' error on the ground and in height, by kind of aircraft, over the second
half; the share of their rows with the flag HEIGHTS_DIFFER; and how far what was learnt of the air is from the truth, by level. Each
seed is a sky of its own; their rows are taken together.

--real: how far the heights of real aircraft lie above their pressure altitudes, what an aircraft's own is predicted to from the
others', how its trend agrees with the vertical rate that it sends, and how many of them the tracker flags.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import math
import time
from typing import NamedTuple

import numpy as np

from tenere import track
from tenere.batch import HeightSource, PlotKind, Plots, Status, SystemTracks, TrackFlag, Trend
from tenere.geo import altitude, ellipsoid
from tenere.geo.plane import Plane
from tenere.qnh import QnhBook, QnhConfig
from tenere.site import SensorConfig
from tenere.track import TrackConfig
from tenere.track.heights import region
from tenere.track.heights.config import HeightsConfig
from tenere.track.heights.trend import trend_step
from tenere.track.heights.upright import ahead, blend

START_S = 1_700_000_000.0
LAT, LON = math.radians(13.5), math.radians(3.0)
PLACES = ((0.0, 0.0), (120e3, 90e3), (-30e3, 150e3))
QNH_PA, WARMER_K, GEOID_M = 100_600.0, 12.0, 25.0
PERIOD_S = 5.0
SENDS, ANSWERS, SILENT, RAISED, BOTH, STRAYS = range(6)
NAMES = ("ADS-B, both heights", "Mode C only", "no height", "3-D radar only", "3-D radar and Mode C", "ADS-B, its height leaves")
COUNTS = (24, 18, 18, 6, 6, 6)
STRAY_M = 600.0
LEVELS_M = (2_000.0, 4_000.0, 6_000.0, 8_000.0, 10_000.0, 12_000.0)


class Sky:
    """Aircraft on straight lines at their levels, some of them climbing or descending for a while."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Draw them."""
        n = sum(COUNTS)
        self.kind = np.repeat(np.arange(len(COUNTS)), COUNTS)
        self.start = rng.uniform(-120e3, 150e3, (n, 2)) + [30e3, 80e3] * np.ones((n, 1))
        course, speed = rng.uniform(0, 2 * np.pi, n), rng.uniform(90, 240, n)
        self.velocity = np.column_stack([np.sin(course), np.cos(course)]) * speed[:, None] * 0.4
        self.height = rng.uniform(2500, 12_000, n)
        self.climb = np.where(rng.random(n) < 0.3, rng.uniform(-6, 6, n), 0.0)
        self.begins = rng.uniform(60, 500, n)
        self.bias = rng.normal(0, 20, n)

    def at(self, t: np.ndarray, i: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return latitude, longitude and height above the ellipsoid of aircraft i at times t."""
        xy = self.start[i] + self.velocity[i] * t[:, None]
        h = np.clip(self.height[i] + self.climb[i] * np.clip(t - self.begins[i], 0, 240), 1500, 12_500)
        lat, lon, _ = ellipsoid.geodetic_of_enu(LAT, LON, 0.0, xy[:, 0], xy[:, 1], 0.0)
        return lat, lon, h


def site() -> tuple[SensorConfig, ...]:
    """Return the sensors: three radars and an ADS-B receiver."""
    out = [SensorConfig(id="ADSB", kind="adsb", sac=1, sic=9, position_std_m=20.0)]
    for k, (x, y) in enumerate(PLACES):
        lat, lon, _ = ellipsoid.geodetic_of_enu(LAT, LON, 0.0, x, y, 0.0)
        place = {"lat_deg": math.degrees(float(lat)), "lon_deg": math.degrees(float(lon)), "height_m": 300.0, "sac": 1, "sic": k}
        out.append(SensorConfig(id=f"R{k}", kind="radar", period_s=PERIOD_S, clutter=2.0, elevation_std_deg=0.2, refraction=1.0, **place))
    return tuple(out)


class Way(NamedTuple):
    """What is asked of the tracker, and what the sky is like."""

    heights: HeightsConfig
    qnh: bool = False
    """A station reports it."""
    tells: bool = True
    """Aircraft with ADS-B send their height beside the pressure altitude."""
    bias_m: float = 0.0


def plots_of(
    sky: Sky, second: int, rng: np.random.Generator, strays_s: float = math.inf, *, tells: bool = True, bias_m: float = 0.0
) -> Plots:
    """Return what all sensors say in one second. strays_s: from when on the heights of some are wrong; tells, bias_m: of Way."""
    parts = []
    sends = np.flatnonzero((sky.kind == SENDS) | (sky.kind == STRAYS))
    t = second + rng.random(len(sends))
    lat, lon, h = sky.at(t, sends)
    level = levels(sky, sends, lat, h)
    h = h + STRAY_M * ((sky.kind[sends] == STRAYS) & (t >= strays_s))
    parts.append(
        Plots.blank(
            len(sends),
            time_s=START_S + t,
            sac_sic=256 + 9,
            kind=int(PlotKind.ADSB),
            address=0x100000 + sends,
            position_std_m=20.0,
            lat_rad=lat + rng.normal(0, 20, len(t)) / 6.37e6,
            lon_rad=lon + rng.normal(0, 20, len(t)) / 6.2e6,
            pressure_altitude_m=level,
            height_m=np.round((h + rng.normal(0, 10, len(t))) / 7.62) * 7.62 if tells else np.nan,
        )
    )
    for k, (x, y) in enumerate(PLACES):
        turn = second + k * 1.7
        due = np.flatnonzero((np.arange(len(sky.kind)) * 7 + int(turn)) % int(PERIOD_S) == 0)
        due = due[(sky.kind[due] != SENDS) & (sky.kind[due] != STRAYS) & (rng.random(len(due)) < 0.95)]
        t = second + rng.random(len(due))
        lat, lon, h = sky.at(t, due)
        site_lat, site_lon, _ = ellipsoid.geodetic_of_enu(LAT, LON, 0.0, x, y, 0.0)
        e, n, u = ellipsoid.enu_of(site_lat, site_lon, 300.0, lat, lon, h)
        slant, angle = np.sqrt(e * e + n * n + u * u), np.arctan2(e, n)
        kind = sky.kind[due]
        code = (kind == ANSWERS) | (kind == BOTH)
        raised = ((kind == RAISED) | (kind == BOTH)) & (k == 0)
        parts.append(
            Plots.blank(
                len(due),
                time_s=START_S + t,
                sac_sic=256 + k,
                kind=np.where(code, int(PlotKind.SSR), int(PlotKind.PSR)),
                mode_a=np.where(code, 512 + due, -1),
                range_m=slant + rng.normal(0, 60, len(due)) + (bias_m if k == 1 else 0.0),
                azimuth_rad=(angle + rng.normal(0, math.radians(0.08), len(due))) % (2 * np.pi),
                pressure_altitude_m=np.where(code, levels(sky, due, lat, h), np.nan),
                elevation_rad=np.where(raised, np.arcsin(u / slant) + rng.normal(0, math.radians(0.2), len(due)), np.nan),
            )
        )
    return Plots.concat(parts)


def levels(sky: Sky, i: np.ndarray, lat: np.ndarray, h: np.ndarray) -> np.ndarray:
    """Return what the aircraft's altimeters send: steps of 25 feet."""
    level = altitude.level_of_true_m(h - GEOID_M, QNH_PA, WARMER_K, lat) + sky.bias[i]
    return np.round(level / 7.62) * 7.62


class Row(NamedTuple):
    """One track of one aircraft at one time: errors in metres, that of the height over its stated sigma, and the flag."""

    ground_m: float
    height_m: float
    sigmas: float
    flagged: bool


class Found(NamedTuple):
    """What one sky gave."""

    rows: dict[int, list[Row]]
    delays_s: list[float]
    """From when a height left the truth to its track's flag."""
    air_m: list[list[float]]
    """Error of what was learnt in the middle of the plane, for each of LEVELS_M."""
    pairs: int
    jumps: int
    track_s: float


def fly(minutes: float, seed: int, way: Way) -> Found:
    """Track one sky and return what is wrong with the tracks in the second half."""
    rng = np.random.Generator(np.random.PCG64(seed))
    sky = Sky(rng)
    book = QnhBook.of([QnhConfig(station="HERE", lat_deg=math.degrees(LAT), lon_deg=math.degrees(LON), qnh_hpa=QNH_PA / 100.0)], 1e6)
    state = track.init(TrackConfig(cores=1), site(), (LAT, LON), way.heights, book if way.qnh else None)
    plane, half = Plane.at(LAT, LON), minutes * 30.0
    rows: dict[int, list[Row]] = {k: [] for k in range(len(NAMES))}
    flagged_s: dict[int, float] = {}
    everyone, spent = np.arange(len(sky.kind)), 0.0
    for second in range(int(minutes * 60)):
        plots = plots_of(sky, second, rng, half, tells=way.tells, bias_m=way.bias_m)
        before = time.perf_counter()
        state, out = track.step(state, [track.Heard("", plots, SystemTracks.blank(), Status.blank())], START_S + second + 1, 1.0)
        spent += time.perf_counter() - before
        if second < half:
            continue
        tracks, flags = out.tracks, (out.tracks.flags & TrackFlag.HEIGHTS_DIFFER) != 0
        lat, lon, h = sky.at(np.full(len(everyone), second + 1.0), everyone)
        x, y = plane.forward(lat, lon)
        for i in everyone:
            apart = np.hypot(tracks.x_m - x[i], tracks.y_m - y[i])
            if not len(apart) or apart.min() >= 2500:
                continue
            k, kind = int(np.argmin(apart)), int(sky.kind[i])
            if kind == STRAYS and flags[k]:
                flagged_s.setdefault(int(i), second + 1.0 - half)
            if second % 3 == 0:
                known = int(tracks.height_from[k]) != HeightSource.NONE
                off = float(tracks.height_m[k] - h[i]) if known else math.nan
                rows[kind].append(Row(float(apart[k]), off, off / float(tracks.height_std_m[k]), bool(flags[k])))
    cell = region.cell_at(0.0, 0.0)
    pressure = altitude.level_of_true_m(np.array(LEVELS_M) - GEOID_M, QNH_PA, WARMER_K, LAT)
    air = [
        [
            region.above(state.heights.air.fits, state.heights.air.errors, cell, p)[0] - (z - p)
            for z, p in zip(LEVELS_M, pressure, strict=True)
        ]
    ]
    return Found(rows, list(flagged_s.values()), air, state.heights.pairs, len(state.heights.jumps), spent)


def run(minutes: float, seed: int, way: Way, seeds: int = 1) -> dict[str, dict[str, float]]:
    """Track skies and return the errors by kind of aircraft."""
    found = [fly(minutes, seed + k, way) for k in range(seeds)]
    report = {}
    for kind, name in enumerate(NAMES):
        got = np.array([row for f in found for row in f.rows[kind]], float).reshape(-1, 4)
        known = np.isfinite(got[:, 1])
        off = np.abs(got[known, 1]) if known.any() else np.array([math.nan])
        report[name] = {
            "ground_p50_m": float(np.median(got[:, 0])), "ground_p95_m": float(np.percentile(got[:, 0], 95)),
            "height_known": float(known.mean()), "height_p50_m": float(np.median(off)), "height_p95_m": float(np.percentile(off, 95)),
            "within_2_sigma": float((np.abs(got[known, 2]) < 2).mean()) if known.any() else math.nan,
            "flagged": float(got[:, 3].mean()), "rows": float(len(got)),
        }  # fmt: skip
    delays = [d for f in found for d in f.delays_s]
    strays = COUNTS[STRAYS] * seeds
    report["flags of what leaves"] = {
        "flagged_aircraft": len(delays) / strays,
        "delay_p50_s": float(np.median(delays or [math.nan])),
        "delay_max_s": max(delays, default=math.nan),
    }  # fmt: skip
    air = np.abs(np.array([a for f in found for a in f.air_m]))
    report["error of the air learnt"] = {f"at_{int(z / 1000)}_km_m": float(v) for z, v in zip(LEVELS_M, air.mean(axis=0), strict=True)}
    report["all"] = {"track_s": sum(f.track_s for f in found), "pairs": sum(f.pairs for f in found), "jumps": sum(f.jumps for f in found)}
    return report


def real(path: str) -> dict[str, float]:
    """Return how real aircraft's two heights and vertical rates agree with what the modules make of them."""
    with open(path, encoding="utf-8") as f:  # noqa: PTH123 - a bench
        rows = [r for r in csv.DictReader(f) if r["onground"] == "False" and r["geoaltitude"] and r["baroaltitude"] and r["vertrate"]]
    t, geo, level, rate = (np.array([float(r[k]) for r in rows]) for k in ("time", "geoaltitude", "baroaltitude", "vertrate"))
    own = np.array([r["icao24"] for r in rows])
    cell = region.cell_at(0.0, 0.0)
    off, bare, sigma = [], [], []
    cells = region.SIDE**2
    prior, prior_var = np.zeros((cells, 3)), np.tile(np.square(region.PRIOR_STD_M), (cells, 1))
    names = sorted(set(own.tolist()))
    for fold in range(8):  # an aircraft is predicted from those of the other folds
        air = region.air()
        region.settle(air, prior, prior_var, 1.0)
        inside = np.isin(own, names[fold::8])
        last: dict[str, float] = {}
        for k in np.flatnonzero(~inside):
            if t[k] - last.get(own[k], -1e9) >= 60.0:
                last[own[k]] = t[k]
                region.tell(air, cell, level[k], geo[k] - level[k], 1.0)
        region.settle(air, prior, prior_var, 1.0)
        for k in np.flatnonzero(inside)[::6]:
            there, var = region.above(air.fits, air.errors, cell, level[k])
            off.append(geo[k] - level[k] - there)
            bare.append(geo[k] - level[k])
            sigma.append(abs(off[-1]) / math.sqrt(var))
    agree, sure, flips, wrong = 0, 0, 0, 0
    ways = {1: int(Trend.CLIMBING), 0: int(Trend.LEVEL), -1: int(Trend.DESCENDING)}
    opposite = {ways[1]: ways[-1], ways[-1]: ways[1]}
    for name in names:
        mine = np.flatnonzero(own == name)
        h, v, v0, v1, v2, was = level[mine[0]], 0.0, 100.0, 0.0, 100.0, int(Trend.UNKNOWN)
        for a, b in itertools.pairwise(mine):
            h, v0, v1, v2 = ahead(h, v, v0, v1, v2, t[b] - t[a])
            h, v, v0, v1, v2 = blend(h, v, v0, v1, v2, level[b], 100.0)
            now = trend_step(was, v, math.sqrt(v2), 1.5, 0.75)
            flips += was not in (now, Trend.UNKNOWN)
            was = now
            says = int(np.sign(rate[b])) if abs(rate[b]) >= 2.5 else (0 if abs(rate[b]) < 0.5 else None)
            if says is not None and now != Trend.UNKNOWN:
                sure += 1
                agree += now == ways[says]
                wrong += opposite.get(now) == ways[says]
    steps = np.abs(np.array(off))
    told, flagged, ever = flags_of(rows)
    return {
        "reports": float(len(rows)), "aircraft": float(len(names)), "difference_p50_m": float(np.median(bare)),
        "difference_p95_m": float(np.percentile(np.abs(bare), 95)), "predicted_p50_m": float(np.median(steps)),
        "predicted_p95_m": float(np.percentile(steps, 95)), "within_2_sigma": float((np.array(sigma) < 2).mean()),
        "trend_agrees": agree / sure, "trend_opposite": wrong / sure, "changes_an_aircraft": flips / len(names),
        "tracked_rows": float(told), "flagged_rows": float(flagged), "flagged_aircraft": float(len(ever)),
    }  # fmt: skip


def flags_of(rows: list[dict[str, str]]) -> tuple[int, int, set[int]]:
    """Track the rows of a recording; return how many rows its tracks had, how many were flagged, and the addresses of those."""
    state = track.init(TrackConfig(cores=1), (SensorConfig(id="ADSB", kind="adsb", source="a", period_s=10.0),))
    told, flagged, ever = 0, 0, set[int]()
    for now, group in itertools.groupby(sorted(rows, key=lambda r: float(r["time"])), key=lambda r: float(r["time"])):
        heard = list(group)
        of = {name: np.array([float(r[name]) for r in heard]) for name in ("lat", "lon", "baroaltitude", "geoaltitude")}
        plots = Plots.blank(
            len(heard), time_s=now, kind=int(PlotKind.ADSB), address=[int(r["icao24"], 16) for r in heard],
            lat_rad=np.radians(of["lat"]), lon_rad=np.radians(of["lon"]), position_std_m=200.0,
            pressure_altitude_m=of["baroaltitude"], height_m=of["geoaltitude"],
        )  # fmt: skip
        state, out = track.step(state, [track.Heard("a", plots, SystemTracks.blank(), Status.blank())], now, 10.0)
        odd = (out.tracks.flags & TrackFlag.HEIGHTS_DIFFER) != 0
        told, flagged, ever = told + len(odd), flagged + int(odd.sum()), ever | set(out.tracks.address[odd].tolist())
    return told, flagged, ever


def main() -> None:
    """Run both ways and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--bias-m", type=float, default=0.0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--real", default="")
    a = parser.parse_args()
    if a.real:
        got = real(a.real)
        print(json.dumps(got) if a.json else "\n".join(f"{k:22s} {v:.4g}" for k, v in got.items()))
        return
    config = HeightsConfig(geoid_m=GEOID_M)
    ways = {
        "without heights": Way(HeightsConfig(learn=False, slant=False), bias_m=a.bias_m),
        "with heights": Way(config, bias_m=a.bias_m),
        "with a QNH, and nobody tells both": Way(config, qnh=True, tells=False, bias_m=a.bias_m),
    }
    got = {name: run(a.minutes, a.seed, way, a.seeds) for name, way in ways.items()}
    if a.json:
        print(json.dumps(got))
        return
    for name, report in got.items():
        print(name)
        for kind, row in report.items():
            print(f"  {kind:20s} " + "  ".join(f"{k} {v:.3g}" if v < 10 else f"{k} {v:.0f}" for k, v in row.items()))


if __name__ == "__main__":
    main()
