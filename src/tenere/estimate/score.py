"""A picture held against the truth: every measure at once, in one walk over the steps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.batch import Batch, column
from tenere.estimate.metrics import ELLIPSE_95, Following, Gospa, Siap, Sums, normalised
from tenere.estimate.steps import Grid, ScoreConfig, Step, steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tenere.estimate.paths import Paths, Reports

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

MOVING_MS = 5.0
"""Below this true speed a course means nothing."""
UNITS = {"horizontal": "m", "east": "m", "north": "m", "vertical": "m", "velocity": "ms", "speed": "ms", "heading": "rad"}
LEAST_LIFE_STEPS = 10
"""Aircraft there for less do not count for the delay of initiation."""


@dataclass(frozen=True)
class ScoreSteps(Batch):
    """What each step holds, one row a step."""

    time_s: F64 = column("f8", "s", "end of the step")
    aircraft: I64 = column("i8", "", "aircraft of the truth")
    tracks: I64 = column("i8", "", "tracks")
    followed: I64 = column("i8", "", "aircraft that have a track")
    redundant: I64 = column("i8", "", "tracks beside another of the same aircraft")
    false: I64 = column("i8", "", "tracks of no aircraft")
    gospa_m: F64 = column("f8", "m", "GOSPA at the first cut-off")
    localisation_m: F64 = column("f8", "m", "its part from the errors of place")
    rmse_horizontal_m: F64 = column("f8", "m", "root mean square error of place of the aircraft followed")
    rmse_vertical_m: F64 = column("f8", "m", "the same of height")
    rmse_velocity_ms: F64 = column("f8", "m/s", "the same of velocity")


class Score:
    """Sums of a picture against the truth. Fill it with `add`, read it with `result`, `aircraft`, `tracks` and `series`."""

    def __init__(self, truth: Paths, tracks: Reports, times: Grid, config: ScoreConfig) -> None:
        """Start at nothing. tracks: ordered."""
        self.truth, self.held, self.times, self.config = truth, tracks, times, config
        n = len(truth.start) - 1
        self.gospa = [Gospa(cut, config.order) for cut in config.cuts_m]
        self.siap, self.following, self.errors = Siap(), Following(n), Sums(n)
        self.there, self.alone = np.zeros(tracks.parties, np.int64), np.zeros(tracks.parties, np.int64)
        self._rows: list[tuple[float, ...]] = []
        self._done = 0

    def add(self, step: Step) -> None:
        """Add a step."""
        lost = len(step.rows) - int(step.belong.sum())
        counted = len(step.rows) - lost if self.config.partial else len(step.rows)
        for g, apart in zip(self.gospa, step.apart_m, strict=True):
            g.add(apart, len(step.here), max(counted, len(apart)))
        self.siap.add(len(step.here), len(step.aircraft), counted, int(step.belong.sum()))
        self.following.add(self._done, step.here, step.aircraft, self.held.who[step.paired])
        who = self.held.who[step.rows]
        self.there[who] += 1
        self.alone[who[~step.belong]] += 1
        made = self._errors(step)
        redundant = int(step.belong.sum()) - len(step.aircraft)
        g = self.gospa[0]
        placed = float((step.apart_m[0] ** g.order).sum())
        self._rows.append(
            (
                step.time_s,
                len(step.here),
                len(step.rows),
                len(step.aircraft),
                redundant,
                0 if self.config.partial else lost,
                g.powers[-1] ** (1 / g.order),
                placed ** (1 / g.order),
                *made,
            )
        )
        self._done += 1

    def _errors(self, step: Step) -> tuple[float, float, float]:
        """Add the errors of the pairs; return the step's root mean squares of place, height and velocity."""
        t, r, who, true = self.held, step.paired, step.aircraft, step.true
        put = self.errors.add
        east, north = t.x_m[r] - true[:, 0], t.y_m[r] - true[:, 1]
        speed = np.hypot(true[:, 2], true[:, 3])
        with np.errstate(invalid="ignore", divide="ignore"):
            ux, uy = (np.where(speed >= MOVING_MS, true[:, c] / speed, np.nan) for c in (2, 3))
        apart = np.hypot(east, north)
        put("horizontal", who, apart)
        put("east", who, east)
        put("north", who, north)
        put("along", who, east * ux + north * uy)
        put("cross", who, east * uy - north * ux)
        up = t.z_m[r] - true[:, 4]
        put("vertical", who, up)
        du, dv = t.vx_ms[r] - true[:, 2], t.vy_ms[r] - true[:, 3]
        swift = np.hypot(du, dv)
        put("velocity", who, swift)
        put("speed", who, np.hypot(t.vx_ms[r], t.vy_ms[r]) - speed)
        turned = np.arctan2(t.vx_ms[r], t.vy_ms[r]) - np.arctan2(ux, uy)
        put("heading", who, (turned + np.pi) % (2 * np.pi) - np.pi)
        xx, xy, yy = t.cov_m2[r].T
        own = normalised(np.column_stack([east, north]), np.stack([xx, xy, xy, yy], 1).reshape(-1, 2, 2))
        stated = np.isfinite(xx + xy + yy)
        put("nees", who, np.where(stated & np.isfinite(own), own, np.nan))
        put("inside", who, np.where(stated, own <= ELLIPSE_95, np.nan))
        told, right = t.address[r], self.truth.address[who]
        put("told", who, (told >= 0).astype(float))
        put("right", who, np.where((told >= 0) & (right >= 0), told == right, np.nan))
        return _rms(apart), _rms(up), _rms(swift)

    def result(self) -> dict[str, Any]:
        """Return the measures, lengths in metres, angles in radians, times in seconds; NaN where there is nothing to measure."""
        f, step_s = self.following, self.times.step_s
        followed_s = float(f.tracked.sum()) * step_s
        lived = f.life > 0
        wait = f.delay(LEAST_LIFE_STEPS)
        siap = self.siap.result()
        if self.config.partial:
            siap["spuriousness"] = math.nan
        return {
            "steps": self._done,
            "step_s": step_s,
            "from_s": self.times.begin_s,
            "until_s": self.times.begin_s + (self.times.ends - 1) * step_s,
            "aircraft": int(lived.sum()),
            "tracks": int((self.there > 0).sum()),
            "gospa": [g.result() for g in self.gospa],
            "siap": {
                **siap,
                "position_accuracy_m": self.errors.total("horizontal")[2],
                "velocity_accuracy_ms": self.errors.total("velocity")[2],
                "longest_track_segment": _mean(f.longest_run[lived] / f.life[lived]),
                "number_changes_an_hour": float(f.switches.sum()) / followed_s * 3600.0 if followed_s else math.nan,
                "id_completeness": self.errors.total("told")[1],
                "id_correctness": self.errors.total("right")[1],
            },
            "continuity": {
                "switches": int(f.switches.sum()),
                "purity": f.purity(),
                "segments": int(f.segments.sum()),
                "segments_an_aircraft": _mean(f.segments[lived & (f.tracked > 0)]),
                "gaps": int(f.gaps.sum()),
                "gap_s": float(f.gap_steps.sum()) * step_s,
                "longest_gap_s": float(f.longest_gap.max(initial=0)) * step_s,
                "false_tracks": math.nan if self.config.partial else int(((self.there > 0) & (self.alone == self.there)).sum()),
            },
            "initiation": {"p50_s": wait["p50"] * step_s, "p95_s": wait["p95"] * step_s, "never": wait["never"]},
            "errors": self._told(),
        }

    def _told(self) -> dict[str, Any]:
        """Return the errors over all pairs."""
        total = self.errors.total
        out: dict[str, Any] = {"pairs": total("horizontal")[0]}
        for name, unit in {**UNITS, "along": "m", "cross": "m"}.items():
            n, mean, rms, greatest = total(name)
            out[name] = {"n": n, f"rms_{unit}": rms, f"mean_{unit}": mean, f"max_{unit}": greatest}
        out["containment"] = {"n": total("inside")[0], "inside_95": total("inside")[1], "nees": total("nees")[1] / 2}
        return out

    def aircraft(self) -> list[dict[str, Any]]:
        """Return a row for each aircraft that was there in any step: who is its number."""
        f, e, step_s = self.following, self.errors, self.times.step_s
        pair_of, _, _ = f.pairs()
        tracks, (main, _) = np.bincount(pair_of, minlength=f.aircraft), f.most()
        figures: dict[str, F64] = {
            "rms_horizontal_m": e.rms("horizontal"),
            "rms_along_m": e.rms("along"),
            "rms_cross_m": e.rms("cross"),
            "rms_vertical_m": e.rms("vertical"),
            "rms_velocity_ms": e.rms("velocity"),
            "rms_heading_rad": e.rms("heading"),
            "inside_95": e.mean("inside"),
            "id_correctness": e.mean("right"),
        }
        return [
            {
                "who": a,
                "from_s": self._time(f.born[a]),
                "life_s": float(f.life[a]) * step_s,
                "completeness": float(f.tracked[a] / f.life[a]),
                "delay_s": float(f.first[a] - f.born[a]) * step_s if f.first[a] >= 0 else math.nan,
                "tracks": int(tracks[a]),
                "track": int(main[a]),
                "segments": int(f.segments[a]),
                "switches": int(f.switches[a]),
                "gaps": int(f.gaps[a]),
                "gap_s": float(f.gap_steps[a]) * step_s,
                "longest_gap_s": float(f.longest_gap[a]) * step_s,
                "longest_segment": float(f.longest_run[a] / f.life[a]),
                **{name: float(values[a]) for name, values in figures.items()},
            }
            for a in np.flatnonzero(f.life).tolist()
        ]

    def tracks(self) -> list[dict[str, Any]]:
        """Return a row for each track that was there in any step: who is its number, aircraft the one it followed most, -1 none."""
        aircraft, number, together = self.following.pairs()
        order = np.lexsort((aircraft, -together, number))
        who, at = np.unique(number[order], return_index=True)
        total = np.bincount(number, together, self.held.parties)
        main, most = np.full(self.held.parties, -1, np.int64), np.zeros(self.held.parties, np.int64)
        main[who], most[who] = aircraft[order][at], together[order][at]
        step_s = self.times.step_s
        return [
            {
                "who": n,
                "life_s": float(self.there[n]) * step_s,
                "aircraft": int(main[n]),
                "followed_s": float(total[n]) * step_s,
                "purity": float(most[n] / total[n]) if total[n] else math.nan,
                "alone_s": float(self.alone[n]) * step_s,
            }
            for n in np.flatnonzero(self.there).tolist()
        ]

    def series(self) -> ScoreSteps:
        """Return a row for each step."""
        names = [name for name, *_ in ScoreSteps.columns()]
        return ScoreSteps.blank(len(self._rows), **{n: np.array([r[i] for r in self._rows]) for i, n in enumerate(names) if self._rows})

    def _time(self, step: int) -> float:
        return self.times.begin_s + float(step) * self.times.step_s


def _rms(values: F64) -> float:
    known = values[np.isfinite(values)]
    return float(np.sqrt((known**2).mean())) if len(known) else math.nan


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if len(values) else math.nan


def score(truth: Paths, tracks: Reports, times: Grid, config: ScoreConfig, told: Callable[[int], None] | None = None) -> Score:
    """Return the score of ordered tracks over all steps; told is called with how many are done."""
    made = Score(truth, tracks, times, config)
    for k, step in enumerate(steps(truth, tracks, times, config)):
        made.add(step)
        if told is not None:
            told(k + 1)
    return made
