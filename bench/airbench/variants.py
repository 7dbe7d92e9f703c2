"""Scenarios that a tracker cannot have been fitted to: other turns, accelerations, climbs, real flights, fresh seeds.

    python -m bench.airbench.variants build/bench/air [NAME ...]

In the suite's format, with what they need beside: input (K, N, 4), a known addition to the state from k - 1 to k (it
drops out of the bound's recursion); Z (K, N), the height over a flat earth, where the range is slant and the plots carry
plot_h, a pressure altitude in steps of 100 ft (NaN on clutter); manoeuvre (K, N) bool, what the scorer calls a turn
where the turn rate alone does not say it.
  turns   at rates U(0.5, 4) deg/s for 10 to 90 s, straight for 150 s on average (exponential)
  accel   the same, and accelerations along the track of 0.3 to 2 m/s2 for 20 to 60 s, alone or in a turn
  climb   the suite's turns; climbs and descents at 3 to 18 m/s for 30 to 240 s between 300 m and 12.5 km
  real    flights of a recording, placed anew: see real.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.airbench import real, scenario
from bench.airbench.scenario import between, fly, look, make_fleet, packed, rng_of, save

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.airbench.scenario import F64, Data, Fleet, Meta

STRAIGHT_S, LEVEL_S = 150.0, 200.0
SLOW_MS, FAST_MS = 60.0, 320.0
LOW_M, HIGH_M = 300.0, 12_500.0


def turn_program(rng: np.random.Generator, fleet: Fleet, scans: int, period_s: float, *, pushes: bool) -> tuple[F64, F64]:
    """Return the turn rate (rad/s) and the along-track acceleration (m/s2) of each scan and aircraft (K, N)."""
    n = len(fleet.x0)
    rate, push = np.zeros((scans, n)), np.zeros((scans, n))
    for i in range(n):
        speed = float(np.hypot(fleet.x0[i, 1], fleet.x0[i, 3]))
        at = float(rng.exponential(STRAIGHT_S))
        while at < scans * period_s:
            which = rng.random() if pushes else 0.0  # below 0.4 a turn, below 0.8 an acceleration, else both
            turn_s, push_s = rng.uniform(10, 90), rng.uniform(20, 60)
            turn = np.deg2rad(rng.uniform(0.5, 4.0)) * rng.choice([-1.0, 1.0])
            much = rng.uniform(0.3, 2.0) * rng.choice([-1.0, 1.0])
            took = 0.0
            k0 = int(at / period_s) + 1
            if which < 0.4 or which >= 0.8:
                rate[k0 : k0 + max(1, round(turn_s / period_s)), i] = turn
                took = turn_s
            if which >= 0.4:
                steps = max(1, round(push_s / period_s))
                if not SLOW_MS < speed + much * steps * period_s < FAST_MS:
                    much = -much
                if SLOW_MS < speed + much * steps * period_s < FAST_MS:
                    push[k0 : k0 + steps, i] = much
                    speed += much * max(0, min(steps, scans - k0)) * period_s
                    took = max(took, push_s)
            at += took + float(rng.exponential(STRAIGHT_S))
    return rate, push


def inputs_of(fleet: Fleet, rate: F64, push: F64, period_s: float) -> F64:
    """Return the known input (K, N, 4) of along-track accelerations: along the nominal heading, which turns as the turns say."""
    heading = np.arctan2(fleet.x0[:, 3], fleet.x0[:, 1]) + np.cumsum(rate, axis=0) * period_s  # at the end of each step
    middle = heading - rate * period_s / 3
    out = np.zeros((*rate.shape, 4))
    out[..., 0], out[..., 2] = push * period_s**2 / 2 * np.cos(middle), push * period_s**2 / 2 * np.sin(middle)
    out[..., 1], out[..., 3] = push * period_s * np.cos(heading), push * period_s * np.sin(heading)
    return out


def height_program(rng: np.random.Generator, fleet: Fleet, scans: int, period_s: float) -> F64:
    """Return the height of each scan and aircraft (K, N) in metres; a wingman has his leader's."""
    n = len(fleet.x0)
    out = np.zeros((scans, n))
    for i in range(n):
        steps = np.zeros(scans)
        at = float(rng.exponential(LEVEL_S / 2))
        while at < scans * period_s:
            took = rng.uniform(30, 240)
            k0 = int(at / period_s) + 1
            steps[k0 : k0 + max(1, round(took / period_s))] = rng.uniform(3, 18) * rng.choice([-1.0, 1.0]) * period_s
            at += took + float(rng.exponential(LEVEL_S))
        h = rng.uniform(1_000, 11_500)
        for k in range(scans):
            h = float(np.clip(h + steps[k], LOW_M, HIGH_M))
            out[k, i] = h
    out[:, fleet.wing] = out[:, fleet.wing - 1]
    return out


def make_flown(kind: str, n: int, lam: float, seed: int, scans: int = 100, T: float = 4.0, *, rotating: bool = False) -> tuple[Data, Meta]:
    """Return a scenario of kind turns, accel or climb."""
    rng = rng_of(seed)
    fleet = make_fleet(rng, n, scans)
    extra: Data = {}
    height = None
    if kind == "climb":
        height = height_program(rng, fleet, scans, T)
        truth, omega, given = fly(rng, fleet, scans, T)
    else:
        rate, push = turn_program(rng, fleet, scans, T, pushes=kind == "accel")
        known = inputs_of(fleet, rate, push, T)
        truth, omega, given = fly(rng, fleet, scans, T, lambda k, _: (rate[k].copy(), known[k].copy()))
        extra = {"input": given, "manoeuvre": (omega != 0) | (given != 0).any(-1)}
    if height is not None:
        height = np.where(np.isnan(truth[..., 0]), np.nan, height)
        extra["Z"] = height
    det = ~np.isnan(truth[..., 0]) & (rng.random((scans, n)) < 0.9)
    where = between(truth, omega, given, T, height)
    plots = look(rng, truth, where, det, lam, T, rotating=rotating, climbs=height is not None)
    if height is not None:
        extra["plot_h"] = plots[:, 5]
    law: Meta = {"n": n, "lam": lam, "seed": seed, "T": T, "pd": 0.9, "rotating": rotating, "law": kind}
    if kind != "climb":
        law |= {"turn_rates_deg_s": [0.5, 4.0], "p_start_turn": T / STRAIGHT_S, "p_end_turn": T / 50.0}
    return packed(truth, omega, det, plots, law, extra)


def _all() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and parameters of every variant."""
    for i, kind in enumerate(("turns", "accel", "climb")):
        yield f"{kind}100_c50", {"kind": kind, "n": 100, "lam": 50, "seed": 301 + i}
        yield f"{kind}500_c500", {"kind": kind, "n": 500, "lam": 500, "seed": 311 + i}
        yield f"{kind}100_c50_rot", {"kind": kind, "n": 100, "lam": 50, "seed": 321 + i, "rotating": True}
    yield "real200_c100", {"kind": "real", "n": 200, "lam": 100, "seed": 331}
    yield "real200_c100_rot", {"kind": "real", "n": 200, "lam": 100, "seed": 332, "rotating": True}
    yield "real200_c100_two", {"kind": "real", "n": 200, "lam": 100, "seed": 333, "radars": 2}
    for name in FRESH:
        given = dict(scenario.SUITE[name])
        yield f"{name}_fresh", {"kind": "air", **given, "seed": given["seed"] + 9000}


FRESH = ("air100_c50", "air500_c50", "air100_c500", "air500_c500", "air100_c50_T10", "air500_c500_rot")
VARIANTS: dict[str, dict[str, Any]] = dict(_all())


def available() -> list[str]:
    """Return the variants that can be made here: those of real flights need the recording."""
    return [n for n, v in VARIANTS.items() if v["kind"] != "real" or real.RECORDING.is_file()]


def make(name: str, seed: int | None = None) -> tuple[Data, Meta]:
    """Return the arrays and parameters of a variant, with its own seed or another."""
    given = dict(VARIANTS[name])
    kind = given.pop("kind")
    if seed is not None:
        given["seed"] = seed
    if kind == "air":
        return scenario.make(**given)
    return real.make(**given) if kind == "real" else make_flown(kind, **given)


def main(folder: str, names: list[str]) -> None:
    """Write variants (all of them without names) into a folder."""
    for name in names or available():
        data, meta = make(name)
        save(Path(folder), name, data, meta)
        print(f"{name:22s} present {meta['mean_present']:8.1f}  plots/scan {meta['plots_per_scan']:8.1f}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
