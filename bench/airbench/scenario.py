"""Seeded air-surveillance scenarios: truth and one radar's plots, as NAME.npz and NAME.json.

    python -m bench.airbench.scenario build/bench/air

Truth law, a jump Markov system, so that a posterior Cramer-Rao bound exists:
  * state [x, vx, y, vy] in metres and m/s; the time step is the radar's period T
  * mode CV: nearly constant velocity, white acceleration of density Q_CV an axis
  * mode CT: a turn at a rate drawn once a turn from +-{1, 2, 3} deg/s, with the same noise;
    CV -> CT with probability T / 200 s, CT -> CV with T / 30 s
  * start uniform in a box of 400 km, speed U(80, 260) m/s, heading for a uniform point of the box; 30 % start late,
    15 % end early, all end on leaving the box; 10 % fly as wingmen 1 to 2 km from a leader, in the same modes
The radar stands at (0, 0): range sigma 50 m, azimuth sigma 0.08 deg, Pd 0.9 to 290 km; azimuth = atan2(y, x).
Clutter: Poisson(lam) a scan, uniform in range (1 to 290 km) and azimuth.
Time: frozen scans take every plot of scan k at t = k T; of a rotating radar the beam passes azimuth a at
(k + (a mod 2 pi) / (2 pi)) T, and the plot carries that time.

NAME.npz holds t (K,), X (K, N, 4) the truth (NaN where absent), omega (K, N) the turn rate from k - 1 to k,
det (K, N) bool, plot_scan, plot_t, plot_r, plot_az and plot_src (aircraft or -1: for scoring only, a tracker never
reads it). NAME.json holds every parameter. The variants add input (K, N, 4), Z (K, N) and plot_h: see variants.py.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    Data = dict[str, NDArray[Any]]
    Meta = dict[str, Any]
    Where = Callable[[int, NDArray[np.int64], F64], tuple[F64, F64]]

Q_CV = 0.1  # m2/s3
RATES = np.deg2rad([1.0, 2.0, 3.0])
SIG_R_M, SIG_AZ_DEG = 50.0, 0.08
R_MIN_M, R_MAX_M = 1e3, 290e3
HALF_M = 200e3


def rng_of(seed: int) -> np.random.Generator:
    """Return the generator of a scenario's seed."""
    return np.random.default_rng(seed)  # noqa: TID251 - a seeded scenario is what the benchmark is made of


def turn_matrix(rate_rads: F64 | float, dt_s: F64 | float) -> F64:
    """Return the coordinated-turn transition of [x, vx, y, vy], (..., 4, 4), for rates (...) and a time that broadcasts."""
    w = np.asarray(rate_rads, float)
    straight = np.abs(w) < 1e-9
    safe = np.where(straight, 1, w)
    s = np.where(straight, dt_s, np.sin(w * dt_s) / safe)
    c = np.where(straight, 0.0, (1 - np.cos(w * dt_s)) / safe)
    f = np.zeros((*s.shape, 4, 4))
    f[..., 0, 0] = f[..., 2, 2] = 1
    f[..., 0, 1], f[..., 0, 3] = s, -c
    f[..., 2, 1], f[..., 2, 3] = c, s
    f[..., 1, 1], f[..., 1, 3] = np.cos(w * dt_s), -np.sin(w * dt_s)
    f[..., 3, 1], f[..., 3, 3] = np.sin(w * dt_s), np.cos(w * dt_s)
    return f


def noise_matrix(density: float, dt_s: float) -> F64:
    """Return the covariance (4, 4) that white acceleration of a density (m2/s3, an axis) makes of [x, vx, y, vy] in dt_s."""
    axis = density * np.array([[dt_s**3 / 3, dt_s**2 / 2], [dt_s**2 / 2, dt_s]])
    return np.asarray(np.kron(np.eye(2), axis), float)


class Fleet(NamedTuple):
    """Who flies: n aircraft's first states (n, 4), first and last scan (n,), and which rows are wingmen (of the row before)."""

    x0: F64
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    wing: NDArray[np.int64]


def make_fleet(rng: np.random.Generator, n: int, scans: int) -> Fleet:
    """Draw the aircraft of a scenario; scans >= 30."""
    x0 = np.zeros((n, 4))
    x0[:, [0, 2]] = rng.uniform(-HALF_M, HALF_M, (n, 2))
    aim = rng.uniform(-HALF_M, HALF_M, (n, 2))
    d = aim - x0[:, [0, 2]]
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    x0[:, [1, 3]] = d * rng.uniform(80, 260, (n, 1))
    wing = np.arange(1, n, 10)  # every tenth aircraft is a wingman
    off = rng.uniform(1e3, 2e3, (n, 1)) * np.exp(1j * rng.uniform(0, 2 * np.pi, (n, 1)))
    for i in wing:
        x0[i] = x0[i - 1]
        x0[i, 0] += off[i, 0].real
        x0[i, 2] += off[i, 0].imag
    start = np.where(rng.random(n) < 0.3, rng.integers(0, max(1, int(0.6 * scans)), n), 0)
    end = np.where(rng.random(n) < 0.15, np.minimum(scans, start + rng.integers(30, scans + 1, n)), scans)
    start[wing], end[wing] = start[wing - 1], end[wing - 1]
    return Fleet(x0, start, end, wing)


def fly(
    rng: np.random.Generator, fleet: Fleet, scans: int, period_s: float, control: Callable[[int, F64], tuple[F64, F64]] | None = None
) -> tuple[F64, F64, F64]:
    """Return the truth X (K, N, 4), the turn rates (K, N) and the known inputs (K, N, 4) of a fleet.

    control(k, rates) may give the turn rates (N,) and inputs (N, 4) of step k; without it the law above is flown.
    """
    n = len(fleet.x0)
    root = np.linalg.cholesky(noise_matrix(Q_CV, period_s))
    truth, omega, given = np.full((scans, n, 4), np.nan), np.zeros((scans, n)), np.zeros((scans, n, 4))
    x, w = fleet.x0.copy(), np.zeros(n)
    alive, done = np.zeros(n, bool), np.zeros(n, bool)
    for k in range(scans):
        born = (fleet.start == k) & ~done
        if k:
            push = np.zeros((n, 4))
            if control is None:
                u = rng.random(n)
                new = rng.choice(RATES, n) * rng.choice([-1.0, 1.0], n)
                w = np.where(w == 0, np.where(u < period_s / 200, new, 0.0), np.where(u < period_s / 30, 0.0, w))
            else:
                w, push = control(k, w)
            w[fleet.wing], push[fleet.wing] = w[fleet.wing - 1], push[fleet.wing - 1]
            noise = rng.standard_normal((n, 4)) @ root.T
            moved = np.einsum("nij,nj->ni", turn_matrix(w, period_s), x) + push + noise
            x = np.where(alive[:, None], moved, x)
            omega[k], given[k] = np.where(alive, w, 0), np.where(alive[:, None], push, 0)
            w = np.where(alive, w, 0.0)
        alive = (alive | born) & ~done
        gone = alive & ((np.abs(x[:, [0, 2]]) > HALF_M).any(1) | (k >= fleet.end))
        done |= gone
        alive &= ~gone
        truth[k, alive] = x[alive]
    return truth, omega, given


def between(truth: F64, omega: F64, given: F64, period_s: float, height: F64 | None = None) -> Where:
    """Return where(k, aircraft (m,), tau (m,)) -> positions (m, 2) and heights (m,) at tau seconds after scan k."""
    last = len(truth) - 1

    def where(k: int, who: NDArray[np.int64], tau: F64) -> tuple[F64, F64]:
        later = min(k + 1, last)
        p = np.einsum("nij,nj->ni", turn_matrix(omega[later, who], tau), truth[k, who])[:, [0, 2]]
        p = p + given[later, who][:, [0, 2]] * ((tau / period_s) ** 2)[:, None]
        if height is None:
            return p, np.zeros(len(who))
        ahead = np.where(np.isfinite(height[later, who]), height[later, who], height[k, who])
        return p, height[k, who] + (ahead - height[k, who]) * tau / period_s

    return where


def look(
    rng: np.random.Generator, truth: F64, where: Where, det: NDArray[np.bool_], lam: float, period_s: float, *, rotating: bool, climbs: bool
) -> F64:
    """Return the plots (n, 6): scan, time, range, azimuth, aircraft or -1, height (NaN without Mode C); clears det beyond range."""
    parts = []
    for k in range(len(truth)):
        idx = np.flatnonzero(det[k])
        tau = np.zeros(len(idx))
        p, h = (truth[k, idx][:, [0, 2]], np.zeros(len(idx))) if not climbs else where(k, idx, tau)
        if rotating and len(idx):
            for _ in range(3):  # the time at which the beam meets the moving aircraft
                tau = (np.arctan2(p[:, 1], p[:, 0]) % (2 * np.pi)) / (2 * np.pi) * period_s
                p, h = where(k, idx, tau)
        t = k * period_s + tau
        r = np.hypot(p[:, 0], p[:, 1])
        if climbs:
            r = np.hypot(r, h)
        ok = r <= R_MAX_M
        det[k, idx[~ok]] = False
        idx, p, r, t, h = idx[ok], p[ok], r[ok], t[ok], h[ok]
        az = np.arctan2(p[:, 1], p[:, 0]) + np.deg2rad(SIG_AZ_DEG) * rng.standard_normal(len(idx))
        r = r + SIG_R_M * rng.standard_normal(len(idx))
        m = rng.poisson(lam)
        clutter_r, clutter_az = rng.uniform(R_MIN_M, R_MAX_M, m), rng.uniform(-np.pi, np.pi, m)
        clutter_t = k * period_s + ((clutter_az % (2 * np.pi)) / (2 * np.pi) * period_s if rotating else 0.0)
        ranges, azimuths = np.r_[r, clutter_r], np.r_[az, clutter_az]
        times, who = np.r_[t, np.broadcast_to(clutter_t, m)], np.r_[idx, np.full(m, -1)]
        order = np.argsort(times, kind="stable") if rotating else rng.permutation(len(ranges))
        mode_c = np.r_[np.round(h / 30.48) * 30.48, np.full(m, np.nan)]  # 100 ft steps
        columns = [np.full(len(ranges), k), times, ranges, np.angle(np.exp(1j * azimuths)), who, mode_c]
        parts.append(np.column_stack(columns)[order])
    return np.vstack(parts)


def packed(truth: F64, omega: F64, det: NDArray[np.bool_], plots: F64, given: Meta, extra: Data | None = None) -> tuple[Data, Meta]:
    """Return a scenario's arrays and parameters; given: n, lam, seed, T, pd, rotating and what a variant adds."""
    exists = ~np.isnan(truth[..., 0])
    period_s, scans = given["T"], len(truth)
    meta = {
        "n": given["n"],
        "lam": given["lam"],
        "seed": given["seed"],
        "scans": scans,
        "T": period_s,
        "pd": given["pd"],
        "rotating": given["rotating"],
        "q_cv": Q_CV,
        "turn_rates_deg_s": [1, 2, 3],
        "p_start_turn": period_s / 200,
        "p_end_turn": period_s / 30,
        "sigma_r_m": SIG_R_M,
        "sigma_az_deg": SIG_AZ_DEG,
        "r_min_m": R_MIN_M,
        "r_max_m": R_MAX_M,
        "box_m": [-HALF_M, HALF_M],
        "clutter_density_per_m_rad": given["lam"] / ((R_MAX_M - R_MIN_M) * 2 * np.pi),
        "mean_present": float(exists.sum(1).mean()),
        "target_scans": int(exists.sum()),
        "plots": len(plots),
        "plots_per_scan": float(len(plots) / scans),
        **given,
    }
    data: Data = {
        "t": np.arange(scans) * period_s,
        "X": truth,
        "omega": omega,
        "det": det,
        "plot_scan": plots[:, 0].astype(np.int32),
        "plot_t": plots[:, 1],
        "plot_r": plots[:, 2],
        "plot_az": plots[:, 3],
        "plot_src": plots[:, 4].astype(np.int32),
        **(extra or {}),
    }
    return data, meta


def make(n: int, lam: float, seed: int, scans: int = 100, T: float = 4.0, pd: float = 0.9, *, rotating: bool = False) -> tuple[Data, Meta]:
    """Return the arrays and parameters of a scenario: n aircraft, lam false plots a scan of T seconds; scans >= 30."""
    rng = rng_of(seed)
    truth, omega, given = fly(rng, make_fleet(rng, n, scans), scans, T)
    det = ~np.isnan(truth[..., 0]) & (rng.random((scans, n)) < pd)
    plots = look(rng, truth, between(truth, omega, given, T), det, lam, T, rotating=rotating, climbs=False)
    return packed(truth, omega, det, plots, {"n": n, "lam": lam, "seed": seed, "T": T, "pd": pd, "rotating": rotating})


SUITE: dict[str, dict[str, Any]] = {
    "air10_c50": {"n": 10, "lam": 50, "seed": 101},
    "air10_c500": {"n": 10, "lam": 500, "seed": 102},
    "air100_c50": {"n": 100, "lam": 50, "seed": 103},
    "air100_c500": {"n": 100, "lam": 500, "seed": 104},
    "air500_c50": {"n": 500, "lam": 50, "seed": 105},
    "air500_c500": {"n": 500, "lam": 500, "seed": 106},
    "air100_c50_rot": {"n": 100, "lam": 50, "seed": 103, "rotating": True},
    "air500_c500_rot": {"n": 500, "lam": 500, "seed": 106, "rotating": True},
    "air100_c50_T10": {"n": 100, "lam": 50, "seed": 107, "T": 10.0},
    "air2000_c500": {"n": 2000, "lam": 500, "seed": 108},
    "air5000_c1000": {"n": 5000, "lam": 1000, "seed": 109},
    "air10000_c1000": {"n": 10000, "lam": 1000, "seed": 110},
}


def load(path: Path | str) -> tuple[Data, Meta]:
    """Return the arrays and parameters of NAME.npz with NAME.json beside it."""
    path = Path(path)
    with np.load(path) as held:
        data = dict(held)
    return data, json.loads(path.with_suffix(".json").read_text())


def save(folder: Path, name: str, data: Data, meta: Meta) -> None:
    """Write NAME.npz and NAME.json into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / f"{name}.npz", **data)  # type: ignore[arg-type]
    (folder / f"{name}.json").write_text(json.dumps({"name": name, **meta}, indent=1))


def main(folder: str, names: list[str]) -> None:
    """Write scenarios of the suite (all of them without names) into a folder."""
    for name in names or SUITE:
        data, meta = make(**SUITE[name])
        save(Path(folder), name, data, meta)
        print(f"{name:18s} present {meta['mean_present']:8.1f}  plots/scan {meta['plots_per_scan']:8.1f}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
