"""The tracker's own filter (tenere.estimate), told which plot is whose: what its models cost, apart from association."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.estimate import lanes
from tenere.estimate.lanes import LANES, MODEL, MU, ROW
from tenere.estimate.motion import ENTRY, ENTRY_VAR, M, MotionConfig, figures, shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.airbench.scenario import F64, Data, Meta

SPEED_MS = 130.0
UPPER = (5, 10, 14, 17, 19)  # where the diagonal of a model's covariance stands


class Bank:
    """The filters of all aircraft: rows (N, ROW) of estimate.lanes, each at its own time."""

    def __init__(self, n: int, config: MotionConfig) -> None:
        """Begin with nobody known."""
        self.rows, self.time_s, self.live = np.zeros((n, ROW)), np.zeros(n), np.zeros(n, bool)
        self.nought = np.zeros(2 * LANES)
        self.par, self.first = figures(config), shares(config)
        self.rows[:, MU:] = self.first
        for j in range(M):
            self.rows[:, [j * MODEL + d for d in UPPER]] = 1.0
        self.s = lanes.scratch(np.float64)
        self.b, self.o = np.zeros(lanes.BLOCK), np.zeros(lanes.BLOCK)

    def start(self, who: NDArray[np.int64], time_s: F64, z: F64, r: F64) -> None:
        """Start aircraft at their first plots: positions (n, 2) with covariances (n, 3)."""
        for j in range(M):
            at = j * MODEL
            self.rows[who, at : at + MODEL] = 0.0
            self.rows[who[:, None], [at, at + 1]] = z
            self.rows[who, at + 4] = self.par[ENTRY + j]
            self.rows[who[:, None], [at + 5, at + 6, at + 10]] = r
            self.rows[who, at + 14] = self.rows[who, at + 17] = SPEED_MS**2
            self.rows[who, at + 19] = self.par[ENTRY_VAR + j]
        self.rows[who, MU:] = self.first
        self.time_s[who], self.live[who] = time_s, True

    def _fly(self, who: NDArray[np.int64], first: int, time_s: F64) -> int:
        """Predict up to LANES aircraft, who[first:], to their times, into the block o; return how many."""
        n = min(LANES, len(who) - first)
        dt = np.zeros(LANES)
        part = who[first : first + n]
        dt[:n] = time_s[first : first + n] - self.time_s[part]
        dt[n:] = dt[n - 1]
        lanes.load(self.rows, who, first, n, self.b)
        lanes.predict(self.b, dt, n, self.par, self.o, self.s)
        return n

    def update(self, who: NDArray[np.int64], time_s: F64, z: F64, r: F64) -> None:
        """Bring aircraft to their plots' times and update them: positions (n, 2) with covariances (n, 3)."""
        d2, like, e, v = np.zeros(LANES), np.zeros(LANES), np.zeros(8 * LANES), np.zeros(9 * LANES)
        for first in range(0, len(who), LANES):
            n = self._fly(who, first, time_s)
            block = self.o[:-1].reshape(ROW, LANES)
            s = slice(first, first + n)
            for j in range(M):
                x, ev, vv = block[j * MODEL : (j + 1) * MODEL], e.reshape(8, LANES), v.reshape(9, LANES)
                vv[2], vv[3:6], vv[6], vv[8] = 1.0, 0.0, 1.0, 1.0
                vv[:2, :n] = z[s].T - x[:2, :n]
                vv[6:9, :n] = r[s].T
                ev[:2], ev[2], ev[3], ev[4], ev[5:8] = vv[:2], x[5], x[6], x[10], vv[6:9]
                lanes.fit(e, n, d2, like)
                block[MU + j, :n] *= like[:n]
                lanes.aim_at(self.o, n, j, 0, self.s.c)
                lanes.update(self.o, n, j, v, self.s.c, self.s.k, self.s.y, self.o)
            total = np.maximum(block[MU:, :n], 1e-300)
            block[MU:, :n] = total / total.sum(0)
            lanes.store(self.rows, who, first, n, self.o, self.nought)
        self.time_s[who] = time_s

    def state_at(self, who: NDArray[np.int64], time_s: float) -> tuple[F64, F64]:
        """Return mean x, y, vx, vy (n, 4) and var xx, xy, yy (n, 3) of aircraft at a time."""
        mean, var = np.zeros((len(who), 4)), np.zeros((len(who), 3))
        out = np.zeros(14 * LANES)
        for first in range(0, len(who), LANES):
            n = self._fly(who, first, np.full(len(who), time_s))
            lanes.moments(self.o, n, out)
            table = out.reshape(14, LANES)
            mean[first : first + n], var[first : first + n] = table[:4, :n].T, table[[4, 5, 8], :n].T
        return mean, var


def run(data: Data, meta: Meta, config: MotionConfig | None = None) -> dict[str, NDArray[Any]]:
    """Return the output columns of the tracker's filter that knows whose every plot is (one radar)."""
    truth, period_s = data["X"], meta["T"]
    scans, n = truth.shape[:2]
    bank = Bank(n, config or MotionConfig())
    cut = np.searchsorted(data["plot_scan"], np.arange(scans + 1))
    parts = []
    for k in range(scans):
        bank.live &= ~np.isnan(truth[k, :, 0])
        mine = np.flatnonzero(data["plot_src"][cut[k] : cut[k + 1]] >= 0) + cut[k]
        who, time_s, az = data["plot_src"][mine].astype(np.int64), data["plot_t"][mine], data["plot_az"][mine]
        height = data["plot_h"][mine] if "plot_h" in data else np.zeros(len(mine))
        slant = data["plot_r"][mine]
        ground = np.sqrt(np.maximum(slant**2 - height**2, 1.0))
        c, s = np.cos(az), np.sin(az)
        along, across = (meta["sigma_r_m"] * slant / ground) ** 2, (ground * np.deg2rad(meta["sigma_az_deg"])) ** 2
        z = np.column_stack([ground * c, ground * s])
        r = np.column_stack([along * c * c + across * s * s, (along - across) * c * s, along * s * s + across * c * c])
        old = bank.live[who]
        bank.start(who[~old], time_s[~old], z[~old], r[~old])
        bank.update(who[old], time_s[old], z[old], r[old])
        o = np.flatnonzero(bank.live)
        mean, var = bank.state_at(o, k * period_s)
        parts.append(np.column_stack([np.full(len(o), k), o, mean, var]))
    table = np.vstack(parts)
    out: dict[str, NDArray[Any]] = {"scan": table[:, 0].astype(int), "track_id": table[:, 1].astype(int)}
    return out | {name: table[:, c] for c, name in enumerate(("x", "y", "vx", "vy", "var_xx", "var_xy", "var_yy"), 2)}
