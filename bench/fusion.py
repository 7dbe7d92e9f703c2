"""What joining another system's tracks with ours does: one row an aircraft, errors, and whether the covariance may be believed.

    python -m bench.fusion                     every case, 30 aircraft, five minutes
    python -m bench.fusion --case same radar --json
    python -m bench.fusion --speed 20000       time of a tick's comparison of so many tracks of ours with as many of theirs

Ours is a tracker with one radar. The other system is a second instance of the tracker; every 5 s it gives its tracks as they were
1 s before, in the columns of CAT062, with the larger axis of its ellipse as accuracy. Cases: it has the very plots of our radar
(`same radar`), those of a radar 90 km away (`other radar`), or both (`both`). `address`: radars read addresses; `code`: Mode A codes
alone; `bare`: nothing but positions. `outage`: our radar is silent for 100 s. `ours` is our tracker alone; `fused` the joined
picture; `added` what summing the information of both would give, as if they were independent. NEES is of position: 2 for a
covariance that tells the truth, less where it is cautious. `inside` is the share in the 95 % ellipse.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from typing import Any

import numpy as np

from bench.machine import keep
from tenere import track
from tenere.batch import PlotFlag, PlotKind, Plots, Status, SystemTracks, TrackFlag, Tracks
from tenere.geo.ellipsoid import enu_of
from tenere.geo.plane import Plane
from tenere.site import SensorConfig
from tenere.track import fuse
from tenere.track.fuse.pool import gather

CENTRE = Plane.at(math.radians(16.0), math.radians(8.0))
PLACES_M, PERIODS_S = ((0.0, 0.0), (90e3, 0.0)), (4.0, 6.0)
RANGE_STD_M, AZIMUTH_STD_RAD, PD = 50.0, math.radians(0.08), 0.9
STEP_S, EVERY_S, DELAY_S, SETTLE_S, NEAR_M = 0.1, 5, 1.0, 60, 3000.0
OUTAGE_S = (120, 220)
CASES = (
    ("same radar", "address"),
    ("other radar", "address"),
    ("both", "address"),
    ("same radar", "code"),
    ("same radar", "bare"),
    ("other radar", "bare"),
    ("same radar, nothing stated", "address"),
    ("other radar, outage", "address"),
    ("other radar, outage", "bare"),
)


class World:
    """Aircraft in the plane: half of them turn now and then."""

    def __init__(self, aircraft: int, seconds: int, seed: int) -> None:
        """Fly them all."""
        self.random = r = np.random.Generator(np.random.PCG64([seed, 11]))
        n, steps = aircraft, int(seconds / STEP_S) + 2
        heading, speed = r.uniform(0, 2 * np.pi, n), r.uniform(120.0, 250.0, n)
        turns = r.random(n) < 0.5
        rate = np.zeros((steps, n))
        for k in np.flatnonzero(turns):
            for begin in range(int(r.integers(300, 900)), steps, 1000):
                rate[begin : begin + 300, k] = math.radians(r.uniform(1.0, 2.5)) * r.choice([-1, 1])
        course = heading + np.cumsum(rate, axis=0) * STEP_S
        self.velocity = np.stack([np.sin(course), np.cos(course)], axis=2) * speed[:, None]
        start = np.stack([r.uniform(10e3, 80e3, n), r.uniform(-70e3, 70e3, n)], axis=1) - self.velocity[0] * seconds / 2
        self.path = start + np.cumsum(self.velocity, axis=0) * STEP_S
        self.height_m = r.uniform(5000.0, 11_000.0, n)
        self.address = 0x380000 + 977 * np.arange(n)
        self.mode_a = np.array([c for c in range(0o0101, 4096) if c % 64][:n])

    def at(self, time_s: Any, who: Any = slice(None)) -> Any:  # noqa: ANN401 - arrays
        """Return where aircraft are at a time, or each at its own."""
        k = np.clip(np.rint(np.asarray(time_s) / STEP_S).astype(int), 0, len(self.path) - 1)
        return self.path[k, who] if np.ndim(k) else self.path[int(k)][who]

    def plots(self, radar: int, now: float, says: str) -> Plots:
        """Return what a radar saw in the second that ends now."""
        period = PERIODS_S[radar]
        lat0, lon0 = (float(v) for v in CENTRE.inverse(*PLACES_M[radar]))
        away = self.at(now - 0.5) - np.array(PLACES_M[radar])
        when = np.arctan2(away[:, 0], away[:, 1]) % (2 * np.pi) / (2 * np.pi) * period
        when += period * np.floor((now - when) / period)
        seen = np.flatnonzero((when > now - 1.0) & (self.random.random(len(when)) < PD))
        xy = self.at(when[seen], seen)
        lat, lon = CENTRE.inverse(xy[:, 0], xy[:, 1])
        e, n, u = enu_of(lat0, lon0, 300.0, lat, lon, self.height_m[seen])
        m = len(seen)
        named: dict[str, Any] = {
            "address": {"address": self.address[seen], "mode_a": self.mode_a[seen]},
            "code": {"mode_a": self.mode_a[seen]},
        }
        return Plots.blank(
            m, time_s=when[seen], sac_sic=256 + radar, kind=PlotKind.MODE_S, flags=0, pressure_altitude_m=self.height_m[seen],
            range_m=np.sqrt(e**2 + n**2 + u**2) + self.random.normal(0, RANGE_STD_M, m),
            azimuth_rad=(np.arctan2(e, n) + self.random.normal(0, AZIMUTH_STD_RAD, m)) % (2 * np.pi), **named.get(says, {}),
        )  # fmt: skip


def radars(*which: int) -> tuple[SensorConfig, ...]:
    """Return what a site file says of radars."""
    out = []
    for i in which:
        lat, lon = CENTRE.inverse(*PLACES_M[i])
        place = {"lat_deg": math.degrees(float(lat)), "lon_deg": math.degrees(float(lon)), "height_m": 300.0, "range_m": 300e3}
        out.append(
            SensorConfig(
                id=f"R{i}", source="r", sac=1, sic=i, period_s=PERIODS_S[i], range_std_m=RANGE_STD_M,
                azimuth_std_deg=math.degrees(AZIMUTH_STD_RAD), clutter=1.0, **place,
            )
        )  # fmt: skip
    return tuple(out)


def published(t: Tracks, *, stated: bool) -> SystemTracks:
    """Return tracks as another system would send them."""
    middle, half = 0.5 * (t.var_xx_m2 + t.var_yy_m2), 0.5 * (t.var_xx_m2 - t.var_yy_m2)
    std = np.sqrt(middle + np.sqrt(half**2 + t.var_xy_m2**2))
    return SystemTracks.blank(
        len(t), time_s=t.time_s, sac_sic=0x0909, source_track=t.number.astype(np.int32), lat_rad=t.lat_rad, lon_rad=t.lon_rad,
        flags=np.where(t.flags & TrackFlag.COASTING, PlotFlag.COASTED, 0), address=t.address, mode_a=t.mode_a,
        east_ms=t.speed_ms * np.sin(t.course_rad), north_ms=t.speed_ms * np.cos(t.course_rad), pressure_altitude_m=t.pressure_altitude_m,
        position_std_m=std if stated else np.nan,
    )  # fmt: skip


class Tally:
    """Errors of a picture against the truth."""

    def __init__(self, aircraft: int) -> None:
        """Begin with none."""
        self.nees: list[Any] = []
        self.square: list[Any] = []
        self.rows, self.seconds = 0, 0
        self.numbers: list[dict[int, None]] = [{} for _ in range(aircraft)]

    def add(self, world: World, t: Tracks) -> Any:  # noqa: ANN401 - arrays
        """Take a picture; return which aircraft each row is (-1 none)."""
        truth = world.at(t.time_s)  # a lone system track is shown as it was at its last report
        d = np.stack([t.x_m, t.y_m], axis=1)[:, None] - truth
        far = np.hypot(d[..., 0], d[..., 1])
        who = far.argmin(axis=1) if len(t) else np.zeros(0, int)
        near = (far < NEAR_M).sum(axis=1)
        who = np.where(near == 1, who, -1)  # near two aircraft it is not told which it is
        k = np.flatnonzero(who >= 0)
        e = d[k, who[k]]
        det = t.var_xx_m2[k] * t.var_yy_m2[k] - t.var_xy_m2[k] ** 2
        q = t.var_yy_m2[k] * e[:, 0] ** 2 - 2 * t.var_xy_m2[k] * e[:, 0] * e[:, 1] + t.var_xx_m2[k] * e[:, 1] ** 2
        self.nees.append(q / det)
        self.square.append((e**2).sum(axis=1))
        self.rows += len(t)
        self.seconds += 1
        for i, number in zip(who[k].tolist(), t.number[k].tolist(), strict=True):
            self.numbers[i][number] = None
        return who

    def told(self) -> dict[str, float]:
        """Sum up."""
        nees, square = np.concatenate(self.nees), np.concatenate(self.square)
        many = len(self.numbers)
        return {
            "rows_an_aircraft": self.rows / self.seconds / many,
            "numbers_an_aircraft": sum(len(n) for n in self.numbers) / many,
            "rmse_m": math.sqrt(float(square.mean())),
            "nees": float(nees.mean()),
            "inside": float((nees < 5.991).mean()),
        }


def _added(own: Tracks, latest: SystemTracks, now: float) -> Tracks:
    """Return our rows with the information of the system's tracks of the same address or place summed in."""
    xy = np.stack(CENTRE.forward(latest.lat_rad, latest.lon_rad), axis=1)
    other = Tracks.blank(
        len(latest), time_s=latest.time_s, update_s=latest.time_s, frame=0, x_m=xy[:, 0], y_m=xy[:, 1],
        vx_ms=latest.east_ms, vy_ms=latest.north_ms,
        var_xx_m2=latest.position_std_m**2, var_xy_m2=0.0, var_yy_m2=latest.position_std_m**2, source=0,
    )  # fmt: skip
    p, q = gather(own, fuse.FuseConfig(), np.zeros(0), now), gather(other, fuse.FuseConfig(), np.zeros(0), now)
    d = np.hypot(p.x[:, None] - q.x, p.y[:, None] - q.y)
    rows = np.flatnonzero(d.min(axis=1, initial=np.inf) < NEAR_M / 2)
    mine = d[rows].argmin(axis=1) if len(rows) else rows
    out = own.take(rows)
    a = np.stack([np.stack([p.xx, p.xy], 1), np.stack([p.xy, p.yy], 1)], 1)[rows]
    b = np.stack([np.stack([q.xx, q.xy], 1), np.stack([q.xy, q.yy], 1)], 1)[mine]
    ia, ib = np.linalg.inv(a), np.linalg.inv(b)
    cov = np.linalg.inv(ia + ib)
    at = ia @ np.stack([p.x, p.y], 1)[rows, :, None] + ib @ np.stack([q.x, q.y], 1)[mine, :, None]
    at = (cov @ at)[..., 0]
    return out.replace(x_m=at[:, 0], y_m=at[:, 1], var_xx_m2=cov[:, 0, 0], var_xy_m2=cov[:, 0, 1], var_yy_m2=cov[:, 1, 1])


def case(name: str, says: str, *, aircraft: int, seconds: int, seed: int) -> dict[str, Any]:
    """Run one case."""
    world = World(aircraft, seconds, seed)
    theirs = {"same": (0,), "othe": (1,), "both": (0, 1)}[name[:4]]
    centre = (CENTRE.lat0_rad, CENTRE.lon0_rad)
    ours, alone = (track.init(track.TrackConfig(), radars(0), centre) for _ in range(2))
    partner = track.init(track.TrackConfig(), radars(*theirs), centre)
    tallies, ratio = {k: Tally(aircraft) for k in ("ours", "fused", "added")}, []
    latest = SystemTracks.blank()
    for t in range(1, seconds):
        seen = [world.plots(i, float(t), says) for i in range(2)]
        silent = "outage" in name and OUTAGE_S[0] <= t < OUTAGE_S[1]
        mine = Plots.none() if silent else seen[0]
        told = SystemTracks.blank()
        partner, out = track.step(partner, [track.Heard("r", Plots.concat([seen[i] for i in theirs]), told, Status.blank())], float(t), 1.0)
        if t % EVERY_S == 1:
            past = track.picture(partner, t - DELAY_S)
            told = latest = published(past.take(past.flags & TrackFlag.SYSTEM == 0), stated="nothing" not in name)
        heard = [track.Heard("r", mine, SystemTracks.blank(), Status.blank())]
        alone, a = track.step(alone, heard, float(t), 1.0)
        ours, out = track.step(ours, [*heard, track.Heard("s", Plots.none(), told, Status.blank())], float(t), 1.0)
        for k in ("ours", "fused", "added") if t > SETTLE_S else ():
            tracks = {"ours": a.tracks, "fused": out.tracks}.get(k) or _added(a.tracks, latest, float(t))
            who = tallies[k].add(world, tracks)
            det = np.sqrt(tracks.var_xx_m2 * tracks.var_yy_m2 - tracks.var_xy_m2**2)
            if k == "ours":
                before = np.full(aircraft + 1, np.nan)
                before[who] = det
            elif k == "fused":
                before[-1] = np.nan
                ratio.append(det / before[who])
    of = np.concatenate(ratio)
    of = of[np.isfinite(of)]
    result: dict[str, Any] = {"case": name, "says": says, **{k: v.told() for k, v in tallies.items()}}
    result["area_ratio"] = {"mean": float(of.mean()), "least": float(of.min()), "median": float(np.median(of))}
    return {**result, "joined": ours.fuse.joined, "parted": ours.fuse.parted}


def speed(n: int) -> dict[str, Any]:
    """Time the comparison and the joining of n tracks of ours with n of theirs."""
    r = np.random.Generator(np.random.PCG64([n, 3]))
    at, v = r.uniform(-700e3, 700e3, (n, 2)), r.normal(0, 150, (n, 2))
    base: dict[str, Any] = {"frame": 0, "existence": 1.0, "var_xy_m2": 0.0, "vx_ms": v[:, 0], "vy_ms": v[:, 1]}
    out: dict[str, Any] = {"tracks": n, "with": n}
    c, std = fuse.FuseConfig(), np.full(1, 200.0)
    for says in ("address", "bare"):
        state, spent, shown, numbers, free = fuse.FuseState(), [], [], np.arange(n) + n + 1, 2 * n + 1
        for k in range(9):
            now, place = 100.0 + 4 * k, at + 4.0 * k * v
            address = np.arange(n) if says == "address" else -1
            own = Tracks.blank(
                n, number=np.arange(n) + 1, time_s=now, update_s=now, x_m=place[:, 0], y_m=place[:, 1], var_xx_m2=1e4, var_yy_m2=1e4,
                var_v_m2s2=9.0, source=-1, flags=1, address=address, **base,
            )  # fmt: skip
            noisy = place - v + r.normal(0, 80, (n, 2))
            other = Tracks.blank(
                n, number=numbers, time_s=now - 1, update_s=now - 1, x_m=noisy[:, 0], y_m=noisy[:, 1], var_xx_m2=1e4, var_yy_m2=1e4,
                source=0, source_track=np.arange(n), flags=33, address=address, **base,
            )  # fmt: skip
            begin = time.process_time()
            state, told, free = fuse.step(state, c, own, other, std, now, free)
            middle = time.process_time()
            numbers = told.other
            picture = fuse.rows(own.replace(number=told.own), other.replace(number=numbers), c, std, CENTRE, now)
            spent.append(1e3 * (middle - begin))
            shown.append(1e3 * (time.process_time() - middle))
        out[says] = {
            "apart_ms": round(float(np.median(spent[1:5])) if says == "bare" else spent[0], 1),
            "joined_ms": round(float(np.median(spent[7:])), 1),
            "picture_ms": round(float(np.median(shown[7:])), 1),
            "rows": len(picture),
        }
    return out


def main() -> None:
    """Print JSON, or a table of the cases."""
    parser = argparse.ArgumentParser(prog="python -m bench.fusion", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--case", nargs="+", metavar="WORD", help="only the cases whose name begins so")
    parser.add_argument("--aircraft", type=int, default=30)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=int, metavar="TRACKS", help="time the comparison only")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--keep", action="store_true", help="write bench/results/fusion.json")
    a = parser.parse_args()
    if a.speed:
        speed(10)
        print(json.dumps(speed(a.speed), indent=None if a.json else 2))
        return
    wanted = [x for x in CASES if x[0].startswith(" ".join(a.case or []))]
    rows = []
    for name, says in wanted:
        if sys.stderr.isatty():
            print(f"{name}, {says}", file=sys.stderr)
        rows.append(case(name, says, aircraft=a.aircraft, seconds=a.seconds, seed=a.seed))
    result = {"aircraft": a.aircraft, "seconds": a.seconds, "seed": a.seed, "cases": rows}
    if a.keep:
        keep("fusion", result)
    if a.json:
        print(json.dumps(result))
        return
    print("| other system has | says | | rows | numbers | RMSE m | NEES | inside | area to ours |")
    print("| --- " * 9 + "|")
    for row in rows:
        for k in ("ours", "fused", "added"):
            v = row[k]
            area = f"{row['area_ratio']['mean']:.3f}" if k == "fused" else ""
            name = (row["case"], row["says"]) if k == "ours" else ("", "")
            print(
                f"| {name[0]} | {name[1]} | {k} | {v['rows_an_aircraft']:.3f} | {v['numbers_an_aircraft']:.2f} | {v['rmse_m']:.1f} "
                f"| {v['nees']:.2f} | {v['inside']:.3f} | {area} |"
            )


if __name__ == "__main__":
    main()
