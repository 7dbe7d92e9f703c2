"""An EKF told every association, birth, turn rate and input: checks that the bound is tight (frozen scans, one radar).

python -m bench.airbench.clairvoyant DIR/air100_c50.npz   -> ratio_pcrlb close to 1.0
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.airbench.pcrlb import POSITION, START_SPEED_MS
from bench.airbench.scenario import load, noise_matrix, turn_matrix
from bench.airbench.score import score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.airbench.scenario import F64, Data, Meta


def run(data: Data, meta: Meta) -> dict[str, NDArray[Any]]:
    """Return the output columns of the filter that knows everything but the positions."""
    truth, omega, period_s = data["X"], data["omega"], meta["T"]
    scans, n = truth.shape[:2]
    given = data.get("input", np.zeros(truth.shape))
    height = data.get("Z", np.zeros(truth.shape[:2]))
    noise = noise_matrix(meta["q_cv"], period_s)
    sigma = np.array([meta["sigma_r_m"], np.deg2rad(meta["sigma_az_deg"])])
    x, p, live = np.zeros((n, 4)), np.zeros((n, 4, 4)), np.zeros(n, bool)
    rows = []
    cut = np.searchsorted(data["plot_scan"], np.arange(scans + 1))
    for k in range(scans):
        live &= ~np.isnan(truth[k, :, 0])
        f = turn_matrix(omega[k], period_s)
        x = np.einsum("nij,nj->ni", f, x) + given[k]
        p = f @ p @ f.transpose(0, 2, 1) + noise
        src, r, az = (data[c][cut[k] : cut[k + 1]] for c in ("plot_src", "plot_r", "plot_az"))
        src, r, az = src[src >= 0], r[src >= 0], az[src >= 0]
        new = ~live[src]
        _start(x, p, src[new], np.sqrt(r[new] ** 2 - height[k, src[new]] ** 2), az[new], sigma)
        live[src[new]] = True
        _update(x, p, src[~new], np.column_stack([r, az])[~new], height[k, src[~new]], sigma)
        o = np.flatnonzero(live)
        rows.append(np.column_stack([np.full(len(o), k), o, x[o][:, [0, 2, 1, 3]]]))
    table = np.vstack(rows)
    whole = {"scan": table[:, 0].astype(int), "track_id": table[:, 1].astype(int)}
    return whole | {name: table[:, c] for c, name in enumerate(("x", "y", "vx", "vy"), 2)}


def _start(x: F64, p: F64, who: NDArray[np.int64], ground: F64, az: F64, sigma: F64) -> None:
    """Start the filters of some aircraft at their first plots."""
    for i, g, a in zip(who.tolist(), ground.tolist(), az.tolist(), strict=True):
        turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
        x[i] = [g * np.cos(a), 0, g * np.sin(a), 0]
        p[i] = np.diag([0, START_SPEED_MS**2, 0, START_SPEED_MS**2])
        p[i][np.ix_(POSITION, POSITION)] = turn @ np.diag([sigma[0] ** 2, (g * sigma[1]) ** 2]) @ turn.T


def _update(x: F64, p: F64, who: NDArray[np.int64], z: F64, height: F64, sigma: F64) -> None:
    """Update the filters of some aircraft with their plots (n, 2): slant range and azimuth, the height known."""
    px, py = x[who, 0], x[who, 2]
    ground2 = px**2 + py**2
    slant = np.sqrt(ground2 + height**2)
    h = np.zeros((len(who), 2, 4))
    h[:, 0, 0], h[:, 0, 2], h[:, 1, 0], h[:, 1, 2] = px / slant, py / slant, -py / ground2, px / ground2
    s = h @ p[who] @ h.transpose(0, 2, 1) + np.diag(sigma**2)
    gain = p[who] @ h.transpose(0, 2, 1) @ np.linalg.inv(s)
    v = np.column_stack([z[:, 0] - slant, np.angle(np.exp(1j * (z[:, 1] - np.arctan2(py, px))))])
    x[who] += np.einsum("nij,nj->ni", gain, v)
    p[who] = p[who] - gain @ s @ gain.transpose(0, 2, 1)


if __name__ == "__main__":
    for path in sys.argv[1:]:
        held = load(path)
        print(held[1]["name"], json.dumps(score(*held, run(*held))))
