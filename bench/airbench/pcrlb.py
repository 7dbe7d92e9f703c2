"""Posterior Cramer-Rao bound of each aircraft of a scenario, association known.

Recursion (Tichavsky, Muravchik and Nehorai, IEEE Trans. SP 46(5), 1998, eq. 21, for linear Gaussian dynamics):
    J_k = (Q + F_k J_{k-1}^{-1} F_k')^{-1} + q_k H_k' R^{-1} H_k
with H_k the Jacobian of (range, azimuth) at the true state. Two choices of q_k:
  irf  q_k = Pd, the information-reduction factor for missed detections without clutter (Zhang, Willett and
       Bar-Shalom 2005; Hernandez, Farina and Ristic 2006): valid but loose, at most the enumeration bound
  seq  q_k = 1 where the aircraft was in fact detected, else 0: the bound given the detections, whose mean over
       detection sequences is the enumeration bound
F_k uses the true turn rate, and a known input (acceleration) drops out of the recursion, so that the bound knows the
manoeuvres: optimistic for any tracker, which must also find plots, turns and births. J_0 holds the prior: position
flat over the box, velocity sigma 150 m/s an axis. With a height (the array Z) the range is slant and the height known;
with several radars (meta radars, array looks) their information adds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from bench.airbench.scenario import noise_matrix, turn_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.airbench.scenario import F64, Data, Meta

START_SPEED_MS = 150.0
POSITION = np.array([0, 2])


def information(x_m: F64, y_m: F64, z_m: F64, meta: Meta) -> F64:
    """Return H' R^-1 H (n, 4, 4) of one look from (0, 0) at aircraft at (x, y, z), the height known."""
    ground2 = x_m * x_m + y_m * y_m
    slant = np.sqrt(ground2 + z_m * z_m)
    h = np.zeros((len(x_m), 2, 4))
    h[:, 0, 0], h[:, 0, 2] = x_m / slant, y_m / slant
    h[:, 1, 0], h[:, 1, 2] = -y_m / ground2, x_m / ground2
    inverse = np.diag([1 / meta["sigma_r_m"] ** 2, 1 / np.deg2rad(meta["sigma_az_deg"]) ** 2])
    out: F64 = h.transpose(0, 2, 1) @ inverse @ h
    return out


def bounds(data: Data, meta: Meta, kind: Literal["seq", "irf"] = "seq") -> tuple[F64, NDArray[np.int64]]:
    """Return the position block of J^-1 (K, N, 2, 2) and the age in scans (K, N); NaN and -1 where absent."""
    truth, omega, period_s = data["X"], data["omega"], meta["T"]
    height = data.get("Z", np.zeros(truth.shape[:2]))
    radars = [(r["x_m"], r["y_m"]) for r in meta["radars"]] if "radars" in meta else [(0.0, 0.0)]
    looks = data["looks"] if "looks" in data else data["det"][None]
    scans, n = truth.shape[:2]
    noise = noise_matrix(meta["q_cv"], period_s)
    flat = meta["box_m"][1] ** 2 / 3
    prior = np.diag([flat, START_SPEED_MS**2, flat, START_SPEED_MS**2])
    p = np.zeros((n, 4, 4))
    age = np.full((scans, n), -1)
    out = np.full((scans, n, 2, 2), np.nan)
    before = np.zeros(n, bool)
    for k in range(scans):
        here = ~np.isnan(truth[k, :, 0])
        born, stays = here & ~before, here & before
        p[born] = prior
        f = turn_matrix(omega[k], period_s)
        p[stays] = f[stays] @ p[stays] @ f[stays].transpose(0, 2, 1) + noise
        inverse = np.linalg.inv(p[here])
        for s, (x0, y0) in enumerate(radars):
            q = np.full(here.sum(), meta["pd"]) if kind == "irf" else looks[s, k, here].astype(float)
            gain = information(truth[k, here, 0] - x0, truth[k, here, 2] - y0, height[k, here], meta)
            inverse = inverse + q[:, None, None] * gain
        p[here] = np.linalg.inv(inverse)
        out[k, here] = p[here][:, POSITION][:, :, POSITION]
        age[k, here] = np.where(before[here], age[k - 1, here] + 1, 0)
        before = here
    return out, age


def turning(data: Data) -> NDArray[np.bool_]:
    """Return who manoeuvres when (K, N): a turn rate from the scan before to this, or what the scenario itself calls one."""
    return data["manoeuvre"] if "manoeuvre" in data else np.abs(data["omega"]) > 0


def summary(data: Data, meta: Meta, warm: int = 10) -> dict[str, Any]:
    """Return the RMS of the bounds in metres, of all aircraft of age >= warm and of those flying straight or turning."""
    out: dict[str, Any] = {}
    kinds: tuple[Literal["seq", "irf"], ...] = ("seq", "irf")
    for kind in kinds:
        cov, age = bounds(data, meta, kind)
        trace = cov[..., 0, 0] + cov[..., 1, 1]
        old, turns = age >= warm, turning(data)
        out[kind] = {
            "rms_all": float(np.sqrt(trace[old].mean())),
            "rms_cv": float(np.sqrt(trace[old & ~turns].mean())),
            "rms_turn": float(np.sqrt(trace[old & turns].mean())) if (old & turns).any() else None,
            "median": float(np.median(np.sqrt(trace[old]))),
        }
    r = np.hypot(data["X"][..., 0], data["X"][..., 2])
    out["raw_plot_rms"] = float(np.sqrt(np.nanmean(meta["sigma_r_m"] ** 2 + (r * np.deg2rad(meta["sigma_az_deg"])) ** 2)))
    return out
