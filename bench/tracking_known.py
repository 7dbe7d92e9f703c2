"""What a filter gets that is told which plot is whose: five general turn modes, for frozen scans and rotating radars.

    python -m bench.tracking_known --data DIR [--json] [--only NAME]

An IMM of extended Kalman filters over [x, vx, y, vy] in plain NumPy: constant velocity and turns at +-1.2 and +-2.6
deg/s, mode changes a Markov chain in continuous time (out of straight flight after 200 s, out of a turn after 30 s, on
average). It reads plot_src, births included: a mark for trackers, which must find all that themselves. Beside it the
tracker's own filter, told the same, and on frozen scans the clairvoyant filter of airbench, whose ratio to the bound says
how far the draw of a scenario's noise alone moves a ratio.

The row of scan k is the state at k T. Of a rotating radar the plot of scan k comes tau after k T, and the state at k T is
taken two ways: "back" predicts the newest state back by tau, "exact" conditions the state at k T on that plot as a
measurement through the motion of tau, with its noise.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench import tracking_known_own
from bench.airbench import clairvoyant, scenario
from bench.airbench.pcrlb import START_SPEED_MS
from bench.airbench.scenario import turn_matrix
from bench.airbench.score import score
from bench.machine import keep
from bench.tracking_run import flat, rounded, scenarios_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.airbench.scenario import F64, Data, Meta

RATES_RADS = np.deg2rad([0.0, 1.2, -1.2, 2.6, -2.6])
DENSITY = np.array([0.15, 2.0, 2.0, 2.0, 2.0])
STRAIGHT_S, TURN_S = 200.0, 30.0
KEPT = (
    *("name", "filter", "scans", "ratio_pcrlb", "ratio_pcrlb_cv", "ratio_pcrlb_turn", "ratio_norm", "rmse_vel", "gospa_c1km", "gospa_c5km"),
    *("completeness", "completeness_aged", "spuriousness", "purity", "id_switches", "inside_95", "inside_95_cv", "inside_95_turn"),
)
FIRST = np.array([0.85, 0.0375, 0.0375, 0.0375, 0.0375])


def change(dt_s: F64) -> F64:
    """Return the probabilities (n, M, M) of a mode change in dt_s (n,), in closed form."""
    a, b, turns = 1 / STRAIGHT_S, 1 / TURN_S, len(RATES_RADS) - 1
    dt = np.abs(dt_s)
    gone = np.exp(-(a + b) * dt)
    out = np.zeros((len(dt), turns + 1, turns + 1))
    out[:, 0, 0] = (b + a * gone) / (a + b)
    out[:, 0, 1:] = ((1 - out[:, 0, 0]) / turns)[:, None]
    out[:, 1:, 0] = (b / (a + b) * (1 - gone))[:, None]
    stay = np.exp(-b * dt)[:, None, None]
    out[:, 1:, 1:] = ((1 - out[:, 1:, 0]) / turns)[:, :, None] + (np.eye(turns) - 1 / turns) * stay
    return out


def noise(dt_s: F64) -> F64:
    """Return the process noise (n, M, 4, 4) of each mode over |dt_s| (n,)."""
    t = np.abs(dt_s)[:, None] * np.ones(len(DENSITY))
    out = np.zeros((*t.shape, 4, 4))
    for i in (0, 2):
        out[..., i, i], out[..., i + 1, i + 1] = DENSITY * t**3 / 3, DENSITY * t
        out[..., i, i + 1] = out[..., i + 1, i] = DENSITY * t**2 / 2
    return out


class Bank:
    """The filters of all aircraft: x (N, M, 4), p (N, M, 4, 4), mu (N, M), each at its own time."""

    def __init__(self, n: int, meta: Meta) -> None:
        """Begin with nobody known."""
        m = len(RATES_RADS)
        self.x, self.p, self.mu = np.zeros((n, m, 4)), np.zeros((n, m, 4, 4)), np.tile(FIRST, (n, 1))
        self.time_s, self.live = np.zeros(n), np.zeros(n, bool)
        self.sigma = np.array([meta["sigma_r_m"], np.deg2rad(meta["sigma_az_deg"])])

    def start(self, who: NDArray[np.int64], time_s: F64, z: F64, height: F64) -> None:
        """Start aircraft at their first plots z (n, 2), slant range and azimuth."""
        ground = np.sqrt(np.maximum(z[:, 0] ** 2 - height**2, 1.0))
        c, s = np.cos(z[:, 1]), np.sin(z[:, 1])
        along, across = self.sigma[0] ** 2, (ground * self.sigma[1]) ** 2
        x, p = np.zeros((len(who), 4)), np.zeros((len(who), 4, 4))
        x[:, 0], x[:, 2] = ground * c, ground * s
        p[:, 0, 0], p[:, 2, 2] = along * c * c + across * s * s, along * s * s + across * c * c
        p[:, 0, 2] = p[:, 2, 0] = (along - across) * c * s
        p[:, 1, 1] = p[:, 3, 3] = START_SPEED_MS**2
        self.x[who], self.p[who], self.mu[who] = x[:, None], p[:, None], FIRST
        self.time_s[who], self.live[who] = time_s, True

    def predicted(self, who: NDArray[np.int64], time_s: F64 | float) -> tuple[F64, F64, F64]:
        """Return x, p and mu of aircraft at a time, mixed and predicted; a step back in time mixes nothing and adds no noise."""
        dt = time_s - self.time_s[who]
        x, p, mu = self.x[who], self.p[who], self.mu[who]
        ahead = dt > 0
        pi = np.where(ahead[:, None, None], change(dt), np.eye(len(RATES_RADS)))
        joint = pi * mu[:, :, None]
        after = joint.sum(1)
        w = joint / after[:, None, :]  # (n, from, to)
        mixed = np.einsum("nij,nia->nja", w, x)
        off = x[:, :, None] - mixed[:, None]
        cov = np.einsum("nij,niab->njab", w, p) + np.einsum("nij,nija,nijb->njab", w, off, off)
        f = turn_matrix(RATES_RADS, dt[:, None] * np.ones(len(RATES_RADS)))
        moved = f @ cov @ np.swapaxes(f, -1, -2) + noise(np.where(ahead, dt, 0.0))
        return np.einsum("njab,njb->nja", f, mixed), moved, after

    def update(self, who: NDArray[np.int64], time_s: F64, z: F64, height: F64) -> None:
        """Bring aircraft to their plots' times and update them."""
        x, p, mu = self.predicted(who, time_s)
        self.x[who], self.p[who], self.mu[who] = updated(x, p, mu, z, height, self.sigma, np.zeros(len(who)))
        self.time_s[who] = time_s


def updated(x: F64, p: F64, mu: F64, z: F64, height: F64, sigma: F64, tau: F64) -> tuple[F64, F64, F64]:
    """Return x, p, mu updated by plots z (n, 2) taken tau (n,) seconds after the states, through each mode's motion."""
    f = turn_matrix(RATES_RADS, tau[:, None] * np.ones(len(RATES_RADS)))
    there = np.einsum("njab,njb->nja", f, x)
    px, py = there[..., 0], there[..., 2]
    ground2 = px**2 + py**2
    slant = np.sqrt(ground2 + height[:, None] ** 2)
    h = np.zeros((*px.shape, 2, 4))
    h[..., 0, 0], h[..., 0, 2] = px / slant, py / slant
    h[..., 1, 0], h[..., 1, 2] = -py / ground2, px / ground2
    ht, through = np.swapaxes(h, -1, -2), h @ f
    s = through @ p @ np.swapaxes(through, -1, -2) + h @ noise(tau) @ ht + np.diag(sigma**2)
    v = np.stack([z[:, None, 0] - slant, np.angle(np.exp(1j * (z[:, None, 1] - np.arctan2(py, px))))], -1)
    inverse = np.linalg.inv(s)
    gain = p @ np.swapaxes(through, -1, -2) @ inverse
    log = -0.5 * (np.einsum("nja,njab,njb->nj", v, inverse, v) + np.log(np.linalg.det(s)))
    weight = mu * np.exp(log - log.max(1, keepdims=True))
    weight = np.maximum(weight / weight.sum(1, keepdims=True), 1e-9)
    cov = p - gain @ s @ np.swapaxes(gain, -1, -2)
    return x + np.einsum("njab,njb->nja", gain, v), cov, weight / weight.sum(1, keepdims=True)


def run(data: Data, meta: Meta, *, exact: bool = False) -> dict[str, NDArray[Any]]:
    """Return the output columns of the filter that knows whose every plot is."""
    truth, period_s = data["X"], meta["T"]
    scans, n = truth.shape[:2]
    bank = Bank(n, meta)
    parts = []
    cut = np.searchsorted(data["plot_scan"], np.arange(scans + 1))
    for k in range(scans):
        bank.live &= ~np.isnan(truth[k, :, 0])
        src = data["plot_src"][cut[k] : cut[k + 1]]
        mine = np.flatnonzero(src >= 0) + cut[k]
        who, time_s = data["plot_src"][mine].astype(np.int64), data["plot_t"][mine]
        z = np.column_stack([data["plot_r"][mine], data["plot_az"][mine]])
        height = data["plot_h"][mine] if "plot_h" in data else np.zeros(len(mine))
        old = bank.live[who]
        row_x, row_p, row_mu = bank.predicted(np.arange(n), k * period_s)
        if exact:
            some = who[old]
            held = updated(row_x[some], row_p[some], row_mu[some], z[old], height[old], bank.sigma, time_s[old] - k * period_s)
            row_x[some], row_p[some], row_mu[some] = held
        bank.start(who[~old], time_s[~old], z[~old], height[~old])
        bank.update(who[old], time_s[old], z[old], height[old])
        fresh = who[~old] if exact else np.flatnonzero(bank.live)
        row_x[fresh], row_p[fresh], row_mu[fresh] = bank.predicted(fresh, k * period_s)
        o = np.flatnonzero(bank.live)
        mean = np.einsum("nj,nja->na", row_mu[o], row_x[o])
        off = row_x[o] - mean[:, None]
        cov = np.einsum("nj,njab->nab", row_mu[o], row_p[o]) + np.einsum("nj,nja,njb->nab", row_mu[o], off, off)
        columns = [np.full(len(o), k), o, mean[:, 0], mean[:, 2], mean[:, 1], mean[:, 3], cov[:, 0, 0], cov[:, 0, 2], cov[:, 2, 2]]
        parts.append(np.column_stack(columns))
    table = np.vstack(parts)
    out: dict[str, NDArray[Any]] = {"scan": table[:, 0].astype(int), "track_id": table[:, 1].astype(int)}
    return out | {name: table[:, c] for c, name in enumerate(("x", "y", "vx", "vy", "var_xx", "var_xy", "var_yy"), 2)}


def measure(name: str, data: Data, meta: Meta) -> list[dict[str, Any]]:
    """Return the rows of a scenario: our own filter and the five modes, told the associations, and what bounds them."""
    rows = [
        {"name": name, "filter": "our filter, known", **flat(score(data, meta, tracking_known_own.run(data, meta)))},
        {"name": name, "filter": "imm5 known", **flat(score(data, meta, run(data, meta)))},
    ]
    if meta["rotating"]:
        rows.append({"name": name, "filter": "imm5 known, exact", **flat(score(data, meta, run(data, meta, exact=True)))})
    else:
        rows.append({"name": name, "filter": "clairvoyant", **flat(score(data, meta, clairvoyant.run(data, meta)))})
    return rows


def main() -> None:
    """Print the rows of every scenario with one radar."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, help="folder of NAME.npz with NAME.json; without it the suite is made")
    p.add_argument("--json", action="store_true", help="print JSON only")
    p.add_argument("--only", action="append", default=[], metavar="NAME", help="only this scenario; may be given again")
    a = p.parse_args()
    rows = []
    for path in scenarios_of(a.data, a.only):
        data, meta = scenario.load(path)
        if "radars" in meta:
            continue
        for row in measure(path.stem, data, meta):
            rows.append(row)
            if not a.json:
                figures = (f"{k} {row[k]:.3f}" for k in ("ratio_pcrlb", "ratio_pcrlb_turn", "rmse_vel"))
                print(
                    f"{path.stem:24s} {row['filter']:18s}", *figures, f"gospa {row['gospa_c1km']:.0f} {row['gospa_c5km']:.0f}", flush=True
                )
    if a.data is None and not a.only:
        keep("tracking_known", rounded({"scenarios": [{k: row[k] for k in KEPT if k in row} for row in rows]}))
    if a.json:
        print(json.dumps({"scenarios": rows}))


if __name__ == "__main__":
    main()
