"""Is a civil flight ever taken for something else, and is a violation listed in time: the whole chain, from bytes to proposals.

    python -m bench.civil [--flights 10000] [--batch 1000] [--minutes 15] [--jobs 2] [--seed 1] [--keep]

Batches of simulated flights over 2,400 by 2,400 km (bench.civil_world: lost transponders, diversions, wrong callsigns and addresses,
broadcasts that nothing stands behind, two radars with their north off), 64 radars and nine ADS-B receivers, through decoder, tracker,
identity and watch rules. Every tick is looked at:

- a protected flight, or one that was civil by presumption, whose own track is not so any more: *lost*;
- a civil or relief flight that is proposed for attention: *false*; those that are protected or civil by presumption while nothing
  measured contradicts what they say: *forbidden*;
- a planted violation: how long after the first update of a confirmed track inside its volume the proposal is listed.

The proposals are made with no threshold at all, and their weights kept: so the trade between false proposals and violations that are
listed within two seconds is known for every threshold from the same run.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from bench.civil_world import KINDS, PLANNED, RELIEF, SPOOFED, UNPLANNED, VIOLATOR, Sky, away_m, sky
from bench.machine import here, keep
from tenere import config as configs
from tenere import exercise
from tenere.batch import AlertState, Integrity, TrackFlag
from tenere.exercise.motion import SPHERE_M
from tenere.feeds.exercise_feed import ENCODERS
from tenere.geo import borders
from tenere.pipeline import Pipeline
from tenere.tick import Tick
from tenere.watch.attention import RULE, AttentionConfig
from tenere.world import World

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.pipeline import Output

THRESHOLDS = (-4.0, -2.0, -1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0)
NEAR_M, ALONE_M = 2_000.0, 6_000.0
"""A track is a flight's own where each is the other's nearest, this near, and nobody else is this near."""
IN_TIME_S = 2.0
WARM_S = 60.0


@dataclasses.dataclass
class Counts:
    """What one batch, or all, gave; scores: the greatest weight each civil flight was proposed with."""

    flights: int = 0
    relief: int = 0
    hours: float = 0.0
    protected_lost: list[str] = dataclasses.field(default_factory=list)
    civil_lost: list[str] = dataclasses.field(default_factory=list)
    forbidden: list[str] = dataclasses.field(default_factory=list)
    scores: list[tuple[float, str, str]] = dataclasses.field(default_factory=list)
    """(weight, kind of flight, why) of each civil flight that was proposed."""
    planted: int = 0
    tracked: int = 0
    listed: list[list[tuple[float, float]]] = dataclasses.field(default_factory=list)
    """For each violator with a confirmed track inside: (delay in seconds, weight) of each time it was proposed."""
    cpu_s: float = 0.0
    ticks: int = 0


class Judge:
    """Holds one batch's picture against the truth."""

    def __init__(self, batch: Sky, counts: Counts) -> None:
        self.batch, self.counts = batch, counts
        n = len(batch.kind)
        self.was_protected, self.was_civil = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
        self.lost = np.zeros((2, n), np.bool_)
        self.entered_s = np.full(n, np.inf)
        self.listed: dict[int, list[tuple[float, float]]] = {}
        self.worst: dict[int, tuple[float, str]] = {}
        self.own: dict[int, int] = {}
        """Track number -> flight, as last seen."""

    def take(self, out: Output, truth: exercise.Truth, age_s: float) -> None:
        """Look at one tick."""
        t, kind = out.tracks, self.batch.kind
        usable = (t.flags & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM | TrackFlag.NOT_LIVE)) == TrackFlag.CONFIRMED
        rows = np.flatnonzero(usable & np.isfinite(t.lat_rad))
        flight = self._flights(t.lat_rad[rows], t.lon_rad[rows], truth)
        for number, f in zip(t.number[rows[flight >= 0]].tolist(), flight[flight >= 0].tolist(), strict=True):
            self.own[number] = f
        fresh = (t.flags[rows] & TrackFlag.COASTING) == 0
        held = (flight >= 0) & fresh
        who, r = flight[held], rows[held]
        real = kind[who] <= RELIEF
        who, r = who[real], r[real]
        for k, (was, now) in enumerate(((self.was_protected, out.identities.protected), (self.was_civil, out.identities.civil))):
            said = (now[r] != 0) | (out.identities.protected[r] != 0)
            gone = was[who] & ~said
            for f in who[gone & ~self.lost[k, who]].tolist():
                (self.counts.protected_lost, self.counts.civil_lost)[k].append(self._told(out, f, r[who == f], age_s))
            self.lost[k, who[gone]] = True
            was[who[said]] = True
        self._violations(t.lat_rad[rows[held]], t.lon_rad[rows[held]], flight[held], age_s, t.update_s[rows[held]], out.time_s)
        self._proposals(out, age_s)

    def _why(self, out: Output, row: int, number: int, f: int, age_s: float) -> str:
        """Return the evidence of a proposal, and what is true of the flight."""
        w, t = out.why, out.tracks
        pieces = [f"{w.rule[i].decode()} {w.weight[i]:+.1f}" for i in np.flatnonzero(w.alert == out.alerts.alert[row]).tolist()]
        at = int(np.flatnonzero(t.number == number)[0])
        true = f"equipment {self.batch.scenario.traffic.flights.equipment[f]}, diverts {bool(self.batch.diverts[f])}"
        seen = f"code {t.mode_a[at]:o}, address {t.address[at]:X}, kinds {t.kinds[at]:x}"
        return f"seed {self.batch.scenario.config.seed} flight {f} at {age_s:.0f} s ({true}; {seen}): {', '.join(pieces)}"

    def _told(self, out: Output, f: int, rows: NDArray[np.int64], age_s: float) -> str:
        t, fl = out.tracks, self.batch.scenario.traffic.flights
        row = int(rows[0])
        rules = b" ".join(out.evidence.rule[out.evidence.number == t.number[row]].tolist()).decode()
        seen = f"track {t.number[row]} since {out.time_s - t.first_s[row]:.0f} s, kinds {t.kinds[row]:x}"
        said = f"address {t.address[row]:X}/{fl.address[f]:X}, {t.callsign[row].decode()}/{fl.callsign[f].decode()}"
        flown = f"{KINDS[self.batch.kind[f]]} flight {f} at {age_s:.0f} s, silent from {fl.silent_s[f]:.0f}, equipment {fl.equipment[f]}"
        return f"seed {self.batch.scenario.config.seed}: {flown}: {seen}, {said}: {rules}"

    def _flights(self, lat: NDArray[np.float64], lon: NDArray[np.float64], truth: exercise.Truth) -> NDArray[np.int64]:
        """Return the flight that each track is, -1 where it is near none alone."""
        out = np.full(lat.size, -1, np.int64)
        there = np.flatnonzero(self.batch.kind[truth.aircraft] != SPOOFED)
        if not (lat.size and there.size):
            return out
        x = truth.lon_rad[there] * np.cos(truth.lat_rad[there])
        for k in range(lat.size):
            d = SPHERE_M * np.hypot(truth.lat_rad[there] - lat[k], x - lon[k] * np.cos(truth.lat_rad[there]))
            if d.size > 1:
                first, second = np.argpartition(d, 1)[:2]
            else:
                first, second = 0, 0
            if d[first] < NEAR_M and (first == second or d[second] > ALONE_M):
                out[k] = truth.aircraft[there[first]]
        twice = np.bincount(out[out >= 0], minlength=len(self.batch.kind)) > 1
        out[(out >= 0) & twice[out]] = -1
        return out

    def _violations(
        self, lat: NDArray[np.float64], lon: NDArray[np.float64], flight: NDArray[np.int64], age_s: float,
        update_s: NDArray[np.float64], now_s: float,
    ) -> None:  # fmt: skip
        """Note when the track of a violator is first updated inside its volume."""
        for k in np.flatnonzero((self.batch.kind[flight] == VIOLATOR) & (now_s - update_s < 1.0)).tolist():
            f = int(flight[k])
            if f in self.batch.volume_of and math.isinf(self.entered_s[f]):
                shape = self.batch.volumes[self.batch.volume_of[f]].shape
                place = math.radians(shape.lat_deg), math.radians(shape.lon_deg)  # type: ignore[union-attr]  # all are circles
                if away_m(lat[k : k + 1], lon[k : k + 1], *place)[0] <= shape.radius_m:  # type: ignore[union-attr]  # the same
                    self.entered_s[f] = age_s

    def _proposals(self, out: Output, age_s: float) -> None:
        a = out.alerts
        for row in np.flatnonzero((a.rule == RULE.encode()) & (a.state != AlertState.CLEARED) & (a.until_s == out.time_s)).tolist():
            number = int(a.track[row])
            f = self.own.get(number, -1)
            if f < 0 or self.batch.kind[f] == SPOOFED:
                continue
            weight = float(bytes(a.detail[row]).rpartition(b"|")[2])
            if self.batch.kind[f] == VIOLATOR:
                self.listed.setdefault(f, []).append((age_s, weight))
                continue
            at = int(np.flatnonzero(out.identities.number == number)[0])
            measured = bool(out.identities.integrity[at] == Integrity.CONTRADICTED)
            presumed = bool(out.identities.civil[at] or out.identities.protected[at])
            if presumed and not measured:
                self.counts.forbidden.append(f"{KINDS[self.batch.kind[f]]} flight {f} at {age_s:.0f} s")
            if weight > self.worst.get(f, (-math.inf, ""))[0]:
                self.worst[f] = (weight, self._why(out, row, number, f, age_s))

    def end(self) -> None:
        """Sum up."""
        c, kind = self.counts, self.batch.kind
        c.scores += [(w, KINDS[kind[f]], m) for f, (w, m) in sorted(self.worst.items())]
        inside = [f for f in self.batch.volume_of if kind[f] == VIOLATOR and math.isfinite(self.entered_s[f])]
        c.planted += sum(bool(kind[f] == VIOLATOR) for f in self.batch.volume_of)
        c.tracked += len(inside)
        c.listed += [[(t - self.entered_s[f], w) for t, w in self.listed.get(f, [])] for f in inside]


def run_batch(n: int, seed: int, minutes: float) -> Counts:
    """Fly one batch through the pipeline and judge it."""
    batch, counts = sky(n, seed, minutes), Counts()
    made, zero = batch.scenario, batch.scenario.config.start_s
    config = configs.Config(source=made.sources, sensor=made.sensors, plan=made.plans, volume=batch.volumes)
    place = msgspec.structs.replace(config.site, centre_lat_deg=made.centre_lat_deg, centre_lon_deg=made.centre_lon_deg)
    watch = msgspec.structs.replace(config.watch, attention=AttentionConfig(threshold=-100.0), max_alerts=10_000)
    picture = Pipeline(msgspec.structs.replace(config, site=place, watch=watch), world=World(borders=borders.load(["NE"])))
    state, game, judge = picture.init(), exercise.init(made, ENCODERS), Judge(batch, counts)
    for number in range(round(minutes * 60.0)):
        time_s = zero + number + 1.0
        game, chunks = exercise.step(game, time_s)
        begun = time.process_time()
        state, out = picture.step(state, Tick(number, time_s, chunks))
        counts.cpu_s += time.process_time() - begun
        if number >= WARM_S:
            judge.take(out, exercise.truth(game, time_s), number + 1.0)
        counts.ticks += 1
    judge.end()
    counts.flights = int(np.isin(batch.kind, (PLANNED, UNPLANNED, RELIEF)).sum())
    counts.relief = int((batch.kind == RELIEF).sum())
    counts.hours = counts.flights * (minutes - WARM_S / 60.0) / 60.0
    return counts


def summed(parts: list[Counts]) -> Counts:
    """Return the sum of batches."""
    total = Counts()
    for field in dataclasses.fields(Counts):
        value = getattr(parts[0], field.name)
        for p in parts[1:]:
            value = value + getattr(p, field.name)
        setattr(total, field.name, value)
    return total


def curve(c: Counts) -> list[dict[str, Any]]:
    """Return what each threshold would give."""
    rows = []
    for threshold in THRESHOLDS:
        false = [s for s in c.scores if s[0] >= threshold]
        delays = [min((t for t, w in times if w >= threshold), default=math.inf) for times in c.listed]
        in_time = sum(bool(d <= IN_TIME_S) for d in delays)
        rows.append(
            {
                "threshold": threshold,
                "false": len(false),
                "false_per_1000_h": round(1000.0 * len(false) / c.hours, 3),
                "false_by_kind": {k: sum(bool(s[1] == k) for s in false) for k in KINDS[:3]},
                "listed_in_time": in_time,
                "of": len(delays),
                "share_in_time": round(in_time / max(len(delays), 1), 4),
                "listed_ever": sum(math.isfinite(d) for d in delays),
            }
        )
    return rows


def main() -> None:
    """Run the bench."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--flights", type=int, default=10_000)
    p.add_argument("--batch", type=int, default=1000)
    p.add_argument("--minutes", type=float, default=15.0)
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--keep", action="store_true", help="write bench/results/civil.json")
    args = p.parse_args()
    seeds = [args.seed + k for k in range(math.ceil(args.flights / args.batch))]
    parts: list[Counts] = []
    with ProcessPoolExecutor(args.jobs) as pool:
        for got in pool.map(run_batch, [args.batch] * len(seeds), seeds, [args.minutes] * len(seeds)):
            parts.append(got)
            print(f"batch {len(parts)} of {len(seeds)}: {got.cpu_s:.0f} CPU s, {len(got.scores)} proposed", file=sys.stderr, flush=True)
    c = summed(parts)
    result = {
        "command": "python -m bench.civil " + " ".join(sys.argv[1:]),
        "flights": c.flights,
        "relief": c.relief,
        "flight_hours": round(c.hours, 1),
        "cpu_s": round(c.cpu_s, 1),
        "protected_lost": c.protected_lost,
        "civil_lost": c.civil_lost,
        "forbidden": c.forbidden,
        "planted": c.planted,
        "tracked_inside": c.tracked,
        "default_threshold": AttentionConfig().threshold,
        "false_at_default": [why for weight, _, why in c.scores if weight >= AttentionConfig().threshold],
        "curve": curve(c),
    }
    print(json.dumps({**result, "machine": here()}, indent=2))
    if args.keep:
        keep("civil", result)


if __name__ == "__main__":
    main()
