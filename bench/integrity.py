"""How often a false broadcast is found, how soon, and how often a true one is called false.

    python -m bench.integrity                  the planted cases and the real recordings, if they are there
    python -m bench.integrity --keep           and write bench/results/integrity.json

Planted: flights of the exercise's kind over Niger, with two radars and receivers, into which each kind of false broadcast is put
SEEDS times. The tracker is not run: each aircraft is one track, updated as its sensors see it, so that the figures are those of
the verdicts alone. Real: recordings of ADS-B, without a radar; what is said there of clean traffic is a false verdict, whatever
the reason.
"""

from __future__ import annotations

import argparse
import gzip
import json
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.machine import keep
from tenere.batch import Integrity, PlotKind, Plots, TrackFlag, Tracks
from tenere.identify import IdentifyConfig, Radars, init, step
from tenere.identify.integrity.stage import Why

DATA = Path(__file__).parents[2] / "shared" / "data" / "traj"
SEEDS = 6
AIRCRAFT, SECONDS, PLANTED_S = 60, 420, 200.0
RADIUS_M = 6_371_000.0
RADARS = Radars(
    np.array([0, 1], np.int16),
    np.radians([13.48, 16.97]),
    np.radians([2.18, 7.99]),
    np.array([250.0, 520.0]),
    np.array([450e3, 450e3]),
    np.array([10.0, 10.0]),
    np.array([0.9, 0.9]),
)
CASES = (
    "unseen ghost",
    "moved position",
    "impossible speed",
    "jumping position",
    "ghost swarm",
    "duplicate address",
    "replay",
    "jamming",
    "misaligned radar",
)


class World:
    """Straight flights, with what each says and whether a radar sees it."""

    def __init__(self, seed: int, case: str) -> None:
        """Draw the flights and plant one case."""
        self.rng, self.case, n = np.random.Generator(np.random.PCG64(seed)), case, AIRCRAFT
        self.lat, self.lon = np.radians(self.rng.uniform(13.0, 16.5, n)), np.radians(self.rng.uniform(2.5, 7.5, n))
        self.speed, self.course = self.rng.uniform(120, 250, n), self.rng.uniform(0, 2 * np.pi, n)
        self.height = self.rng.uniform(7000, 12000, n)
        self.address = 0x062000 + self.rng.choice(4000, n, replace=False) * 3
        self.first = np.full(n, 0.0)
        self.real = np.ones(n, bool)
        self.bad: set[int] = set()
        self.lat[0], self.lon[0] = np.radians(self.rng.uniform(14.0, 14.8)), np.radians(self.rng.uniform(2.8, 4.0))  # where radar sees
        if case in {"unseen ghost", "ghost swarm"}:
            k = 1 if case == "unseen ghost" else 10
            middle = (np.radians(self.rng.uniform(14.0, 14.8)), np.radians(self.rng.uniform(2.8, 4.0)))
            base = 0x0A1000 + int(self.rng.integers(1000)) * 16
            self._add(k, middle, base + np.arange(k), real=False)
        elif case == "replay":
            self._add(1, (self.lat[0], self.lon[0]), np.array([0x0A2000]), real=False)
        elif case == "duplicate address":
            self._add(1, (np.radians(14.8), np.radians(5.0)), self.address[:1], real=False)
        elif case in {"moved position", "impossible speed", "jumping position"}:
            self.bad = {0}
        self.start = (self.lat.copy(), self.lon.copy())

    def _add(self, k: int, middle: tuple[float, float], address: Any, *, real: bool) -> None:  # noqa: ANN401
        """Add false aircraft that begin at PLANTED_S."""
        n = self.lat.size
        self.lat = np.append(self.lat, middle[0] + self.rng.normal(0, 0.002, k))
        self.lon = np.append(self.lon, middle[1] + self.rng.normal(0, 0.002, k))
        self.speed, self.course = np.append(self.speed, self.rng.uniform(150, 230, k)), np.append(self.course, self.rng.uniform(0, 6, k))
        self.height = np.append(self.height, self.rng.uniform(8000, 11000, k))
        self.address, self.real = np.append(self.address, address), np.append(self.real, np.full(k, real))
        self.first = np.append(self.first, np.full(k, PLANTED_S))
        self.bad = set(range(n, n + k))

    def tick(self, t: float) -> tuple[Tracks, Plots, Any]:
        """Return the tracks, plots and track numbers of one second."""
        n = self.lat.size
        gone = np.where(self.real, t, t - PLANTED_S)
        ve, vn = self.speed * np.sin(self.course), self.speed * np.cos(self.course)
        lat = self.start[0] + vn * gone / RADIUS_M
        lon = self.start[1] + ve * gone / (RADIUS_M * np.cos(self.start[0]))
        said_lat, said_lon, said_ve, said_vn = lat.copy(), lon.copy(), ve.copy(), vn.copy()
        planted = t >= PLANTED_S
        if planted and self.case == "moved position":
            said_lat[0] += min((t - PLANTED_S) * 100.0, 8000.0) / RADIUS_M
        if planted and self.case == "impossible speed":
            said_ve[0] = 900.0
        if planted and self.case == "jumping position":
            said_lat[0] += self.rng.choice([0.0, 60e3, -40e3, 90e3]) / RADIUS_M
        if planted and self.case == "replay":
            i, back = n - 1, t - 100.0
            said_lat[i] = self.start[0][0] + vn[0] * back / RADIUS_M
            said_lon[i] = self.start[1][0] + ve[0] * back / (RADIUS_M * np.cos(self.start[0][0]))
            said_ve[i], said_vn[i] = ve[0], vn[0]
        nac = np.full(n, 9)
        if planted and self.case == "jamming":
            nac[(np.degrees(lat) > 14.0) & (np.degrees(lat) < 15.5)] = 0
        here = np.flatnonzero(t >= self.first)
        scan = (t % 10.0) < 1.0
        real = here[self.real[here]]
        seen = real[(RADARS.looks(lat[real], lon[real], self.height[real], 1.0) > 0)] if scan else real[:0]
        seen = seen[self.rng.random(seen.size) < 0.9]
        turned = np.radians(3.0) if self.case == "misaligned radar" and planted else 0.0
        plots = [self._broadcasts(here, said_lat, said_lon, said_ve, said_vn, nac, t)]
        users = [here + 1]
        for r in range(2):
            dy = lat[seen] - RADARS.lat_rad[r]
            dx = (lon[seen] - RADARS.lon_rad[r]) * np.cos(0.5 * (lat[seen] + RADARS.lat_rad[r]))
            ground = RADIUS_M * np.hypot(dx, dy)
            near = np.flatnonzero((ground < 400e3) & (np.arctan2(self.height[seen], ground) - ground / 17e6 > 0.0125))
            plots.append(
                Plots.blank(
                    near.size,
                    time_s=t,
                    sensor=r,
                    kind=int(PlotKind.PSR_MODE_S),
                    address=self.address[seen[near]],
                    range_m=np.hypot(ground[near], self.height[seen[near]] - RADARS.height_m[r]) + self.rng.normal(0, 60, near.size),
                    azimuth_rad=(np.arctan2(dx[near], dy[near]) + self.rng.normal(0, 0.0014, near.size) + (turned if r == 0 else 0.0))
                    % (2 * np.pi),
                    pressure_altitude_m=self.height[seen[near]],
                )
            )
            users.append(seen[near] + 1)
        self.radar_s = getattr(self, "radar_s", np.full(n, -np.inf))
        self.radar_s[np.concatenate(users[1:]) - 1] = t
        kinds = np.where(t - self.radar_s < 25.0, 1 << PlotKind.PSR_MODE_S, 0) | (1 << PlotKind.ADSB)
        tracks = Tracks.blank(
            here.size,
            number=here + 1,
            first_s=self.first[here],
            time_s=t,
            update_s=t,
            address=self.address[here],
            kinds=kinds[here],
            flags=int(TrackFlag.CONFIRMED),
            lat_rad=said_lat[here],
            lon_rad=said_lon[here],
            pressure_altitude_m=self.height[here],
            speed_ms=self.speed[here],
            course_rad=self.course[here],
        )
        return tracks, Plots.concat(plots), np.concatenate(users)

    def _broadcasts(self, here: Any, lat: Any, lon: Any, ve: Any, vn: Any, nac: Any, t: float) -> Plots:  # noqa: ANN401
        """Return one broadcast of each aircraft."""
        noise = self.rng.normal(0, 15.0, (2, here.size)) / RADIUS_M
        noise[:, [i in self.bad and self.case == "replay" for i in here.tolist()]] = 0.0
        if self.case == "replay":
            noise[:, here == 0] = 0.0
        return Plots.blank(
            here.size,
            time_s=t,
            kind=int(PlotKind.ADSB),
            address=self.address[here],
            lat_rad=lat[here] + noise[0],
            lon_rad=lon[here] + noise[1],
            east_ms=ve[here],
            north_ms=vn[here],
            vertical_rate_ms=0.0,
            pressure_altitude_m=self.height[here],
            nac_p=nac[here],
            nic=8,
            sil=3,
        )


class Run(NamedTuple):
    """What one run gave: planted tracks found, seconds until then, verdicts on true flights, their hours, regions."""

    planted: int
    found: int
    delays_s: list[float]
    false_doubtful: int
    false_contradicted: int
    hours: float
    regions: int
    whys: dict[str, int]


def simulate(seed: int, case: str) -> Run:
    """Run one planted case."""
    world, state = World(seed, case), init(IdentifyConfig())
    found: dict[int, float] = {}
    doubtful: set[int] = set()
    contradicted: set[int] = set()
    whys: dict[str, int] = {}
    seconds = regions = 0
    for k in range(SECONDS):
        tracks, plots, users = world.tick(float(k))
        state, ids, _ = step(state, tracks, float(k), plots=plots, plot_tracks=users.astype(np.int64), radars=RADARS)
        seconds += len(tracks)
        regions = max(regions, len(state.integrity.regions))
        for row in np.flatnonzero(ids.integrity >= Integrity.DOUBTFUL).tolist():
            i = int(ids.number[row]) - 1
            if i in world.bad and k >= PLANTED_S:
                found.setdefault(i, k - PLANTED_S)
                name = str(Why(int(state.known.why[row])).name)
                whys[name] = whys.get(name, 0) + 1
            elif i not in world.bad:
                (contradicted if ids.integrity[row] == Integrity.CONTRADICTED else doubtful).add(i)
    if case == "duplicate address":  # one of the two is true, and radar tells which
        doubtful.discard(0)
    return Run(len(world.bad), len(found), list(found.values()), len(doubtful), len(contradicted), seconds / 3600, regions, whys)


def recorded(name: str, most: int | None = None) -> dict[str, Any]:
    """Run a real recording of ADS-B through the verdicts, a second a tick, and count them by flight hour."""
    data = json.loads(gzip.decompress((DATA / name).read_bytes()))
    rows = (
        data
        if isinstance(data, list)
        else [dict(zip(data, r, strict=True)) for r in zip(*(c.values() for c in data.values()), strict=True)]
    )
    rows = [r for r in rows if not r.get("onground") and r["latitude"] is not None][:most]
    stamp = np.array([r["timestamp"] / 1e3 for r in rows])
    said = np.array([(r.get("last_position") or r["timestamp"]) / 1e3 for r in rows])
    columns = {
        c: np.array([np.nan if r.get(c) is None else r[c] for r in rows], float)
        for c in ("latitude", "longitude", "groundspeed", "track", "vertical_rate", "altitude")
    }
    address = np.array([int(r["icao24"], 16) for r in rows])
    number_of = {a: i + 1 for i, a in enumerate(sorted(set(address.tolist())))}
    order = np.argsort(stamp, kind="stable")
    state, verdicts, airborne = init(IdentifyConfig()), {}, 0
    edges = np.searchsorted(stamp[order], np.arange(stamp.min(), stamp.max() + 1.0))
    for a, b in pairwise(edges.tolist()):
        rows_now = order[a:b]
        if not rows_now.size:
            continue
        now = float(stamp[rows_now[0]])
        speed, course = columns["groundspeed"][rows_now] * 0.514444, np.radians(columns["track"][rows_now])
        place = {"lat_rad": np.radians(columns["latitude"][rows_now]), "lon_rad": np.radians(columns["longitude"][rows_now])}
        moves = {"east_ms": speed * np.sin(course), "north_ms": speed * np.cos(course)}
        height = columns["altitude"][rows_now] * 0.3048
        climb = columns["vertical_rate"][rows_now] * 0.3048 / 60.0
        numbers = np.array([number_of[x] for x in address[rows_now].tolist()])
        plots = Plots.blank(
            rows_now.size,
            time_s=said[rows_now],
            kind=int(PlotKind.ADSB),
            address=address[rows_now],
            vertical_rate_ms=climb,
            pressure_altitude_m=height,
            **place,
            **moves,
        )
        _, last = np.unique(numbers, return_index=True)
        tracks = Tracks.blank(
            last.size,
            number=numbers[last],
            first_s=now,
            update_s=now,
            time_s=now,
            address=address[rows_now][last],
            kinds=1 << PlotKind.ADSB,
            flags=1,
            pressure_altitude_m=height[last],
            lat_rad=place["lat_rad"][last],
            lon_rad=place["lon_rad"][last],
        )
        state, ids, _ = step(state, tracks, now, plots=plots, plot_tracks=numbers.astype(np.int64))
        airborne += last.size
        for row in np.flatnonzero(ids.integrity >= Integrity.DOUBTFUL).tolist():
            known_row = int(np.searchsorted(state.known.number, ids.number[row]))
            key = (int(ids.number[row]), str(Why(int(state.known.why[known_row])).name))
            verdicts[key] = max(verdicts.get(key, 0), int(ids.integrity[row]))
    hours = airborne / 3600.0
    by: dict[str, int] = {}
    for (_, why), _level in sorted(verdicts.items()):
        by[why] = by.get(why, 0) + 1
    flagged = len({n for n, _ in verdicts})
    certain = len({n for (n, _), level in verdicts.items() if level == Integrity.CONTRADICTED})
    return {
        "flight_hours": round(hours, 2),
        "flights": len(number_of),
        "flagged": flagged,
        "contradicted": certain,
        "flagged_per_hour": round(flagged / hours, 4) if hours else None,
        "by_reason": by,
    }


def main() -> None:
    """Print the figures; with --keep, write them."""
    ask = argparse.ArgumentParser(prog="python -m bench.integrity")
    ask.add_argument("--keep", action="store_true")
    ask.add_argument("--seeds", type=int, default=SEEDS)
    args = ask.parse_args()
    out: dict[str, Any] = {"seeds": args.seeds, "planted": {}, "recorded": {}}
    for case in CASES:
        runs = [simulate(seed, case) for seed in range(args.seeds)]
        planted, found = sum(r.planted for r in runs), sum(r.found for r in runs)
        delays = sorted(d for r in runs for d in r.delays_s)
        hours = sum(r.hours for r in runs)
        whys: dict[str, int] = {}
        for r in runs:
            for name, many in r.whys.items():
                whys[name] = whys.get(name, 0) + many
        out["planted"][case] = {
            "planted": planted,
            "found": found,
            "median_s": delays[len(delays) // 2] if delays else None,
            "p95_s": delays[int(0.95 * (len(delays) - 1))] if delays else None,
            "runs_with_region": sum(r.regions > 0 for r in runs),
            "flight_hours": round(hours, 1),
            "false_doubtful": sum(r.false_doubtful for r in runs),
            "false_contradicted": sum(r.false_contradicted for r in runs),
            "whys": whys,
        }
        print(case, out["planted"][case])
    for name in ("traffic_quickstart.json.gz", "traffic_noisy_spoofing.json.gz"):
        if (DATA / name).exists():
            out["recorded"][name] = recorded(name)
            print(name, out["recorded"][name])
    if args.keep:
        print(keep("integrity", out))


if __name__ == "__main__":
    main()
