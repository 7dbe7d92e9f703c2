"""Scores of a tracker's output against the truth: GOSPA, SIAP, purity, RMSE, ratio to the bound, consistency.

A tracker's output is a dict of arrays scan, track_id, x, y, vx, vy (and, where it has them, var_xx, var_xy, var_yy):
one row a confirmed track a scan.
The measures are those of tenere.estimate.metrics. GOSPA: p = 2, alpha = 2, position only, at c = 1 km and 5 km; RMS over
scans, with its localisation, missed and false parts. Scores start at scan `skip` (10), so that a tracker's first
confirmations do not rule them; rms_full starts at scan 0.
SIAP-like: a track belongs to its nearest truth within 1 km, otherwise it is spurious.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import cKDTree

from bench.airbench.pcrlb import bounds, turning
from tenere.estimate.assignment import gospa_assign
from tenere.estimate.metrics import ELLIPSE_95, Following, Gospa, Siap, normalised

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from bench.airbench.scenario import F64, Data, Meta

CUTS_M = (1000.0, 5000.0)


def gospa_figures(gospa: Gospa, skip: int, truths: int) -> dict[str, float]:
    """Return the RMS over the scans from skip on, and the parts of it; truths: aircraft times scans."""
    told = gospa.result()
    return {
        "rms": gospa.mean(skip),
        "rms_per_sqrt_target": float(np.sqrt(sum(gospa.powers[skip:]) / truths)) if truths else float("nan"),
        "rms_full": gospa.mean(),
        "loc_rms": float(np.sqrt(gospa.placed / max(1, gospa.pairs))),
        "missed_per_scan": told["missed_a_step"],
        "false_per_scan": told["false_a_step"],
    }


@dataclass
class Errors:
    """What is kept of each assigned pair of a settled aircraft: squared errors, bounds, turning or not, inside its ellipse."""

    rows: list[F64] = field(default_factory=list)

    def add(self, err: F64, vel: F64, bound: F64, loose: F64, turns: NDArray[np.bool_], spread: F64 | None) -> None:
        """Add n pairs: position and velocity error (n, 2), the two bounds (n, 2, 2), turning, stated covariance (n, 2, 2)."""
        if not len(err):
            return
        norm = np.einsum("ni,nij,nj->n", err, np.linalg.inv(bound), err) / 2
        own = np.full(len(err), np.nan) if spread is None else normalised(err, spread)
        traces = bound[:, 0, 0] + bound[:, 1, 1], loose[:, 0, 0] + loose[:, 1, 1]
        self.rows.append(np.column_stack([(err**2).sum(1), *traces, norm, turns, (vel**2).sum(1), own]))

    def result(self) -> dict[str, Any]:
        """Return the RMSE, the ratios to the bound and the share inside the stated 95 % ellipse."""
        if not self.rows:
            return {}
        e2, b2, loose, norm, turning, v2, own = np.vstack(self.rows).T
        turns = turning > 0
        out = {
            "rmse_pos": _rms(e2),
            "rmse_cv": _rms(e2[~turns]),
            "rmse_turn": _rms(e2[turns]),
            "rmse_vel": _rms(v2),
            "pcrlb_rms": _rms(b2),
            "ratio_pcrlb": _ratio(e2, b2),
            "ratio_pcrlb_cv": _ratio(e2[~turns], b2[~turns]),
            "ratio_pcrlb_turn": _ratio(e2[turns], b2[turns]),
            "ratio_irf": _ratio(e2, loose),
            "ratio_norm": _rms(norm),
            "ratio_norm_median": float(np.sqrt(np.median(norm) / np.log(2))),
            "rmse_vel_turn": _rms(v2[turns]),
        }
        if np.isfinite(own).any():
            inside = own <= ELLIPSE_95
            out["inside_95"] = float(inside.mean())
            out["inside_95_cv"] = float(inside[~turns].mean()) if (~turns).any() else None
            out["inside_95_turn"] = float(inside[turns].mean()) if turns.any() else None
            out["nees_mean"] = float(own.mean() / 2)
        return out


def _rms(squares: F64) -> float | None:
    return float(np.sqrt(squares.mean())) if len(squares) else None


def _ratio(squares: F64, bound: F64) -> float | None:
    return float(np.sqrt(squares.mean() / bound.mean())) if len(squares) else None


def names_of(following: Following) -> dict[str, Any]:
    """Return the longest track of an aircraft (mean share of its life), switches, purity, and the wait of those that live ten scans."""
    flown = following.life > 0
    _, steps = following.most()
    wait = following.delay(10)
    return {
        "longest_track": float(np.mean(steps[flown] / following.life[flown])),
        "id_switches": int(following.switches.sum()),
        "purity": float(np.nan_to_num(following.purity())),
        "initiation_scans_p50": wait["p50"] if np.isfinite(wait["p50"]) else None,
        "initiation_scans_p95": wait["p95"] if np.isfinite(wait["p95"]) else None,
        "never_tracked": wait["never"],
    }


@dataclass
class Nearest:
    """The SIAP counts where a track belongs to its nearest aircraft within 1 km: of all aircraft, and of the settled ones."""

    every: Siap = field(default_factory=Siap)
    old: int = 0
    old_followed: int = 0

    def add(self, truth: F64, tracks: F64, old: NDArray[np.bool_]) -> None:
        """Add a scan: positions of truths and tracks, and which truths are settled."""
        belong, mine = 0, np.zeros(0, np.int64)
        if len(tracks) and len(truth):
            apart, nearest = cKDTree(truth).query(tracks)
            good = apart < CUTS_M[0]
            belong, mine = int(good.sum()), np.unique(nearest[good])
        self.every.add(len(truth), len(mine), len(tracks), belong)
        self.old += int(old.sum())
        self.old_followed += int(old[mine].sum())

    def result(self) -> dict[str, float]:
        """Return completeness (of all and of settled aircraft), ambiguity and spuriousness."""
        return {**self.every.result(), "completeness_aged": self.old_followed / max(1, self.old)}


def score(data: Data, meta: Meta, out: Mapping[str, Any], scans: int | None = None, warm: int = 10, skip: int = 10) -> dict[str, Any]:
    """Return every score of a tracker's output over the first `scans` scans; warm: age in scans of a settled aircraft."""
    truth = data["X"]
    last = truth.shape[0] if scans is None else scans
    skip = min(skip, last // 2)
    tight, age = bounds(data, meta, "seq")
    loose, _ = bounds(data, meta, "irf")
    here, turns = ~np.isnan(truth[:last, :, 0]), turning(data)
    order = np.argsort(np.asarray(out["scan"]), kind="stable")
    cut = np.searchsorted(np.asarray(out["scan"])[order], np.arange(last + 1))
    number = np.asarray(out["track_id"])
    place, speed = np.column_stack([out["x"], out["y"]]), np.column_stack([out["vx"], out["vy"]])
    spread = np.column_stack([out["var_xx"], out["var_xy"], out["var_xy"], out["var_yy"]]).reshape(-1, 2, 2) if "var_xx" in out else None
    gospa = [Gospa(c) for c in CUTS_M]
    errors, names, siap = Errors(), Following(truth.shape[1]), Nearest()
    for k in range(last):
        who = np.flatnonzero(here[k])
        there = truth[k, who][:, [0, 2]]
        rows = order[cut[k] : cut[k + 1]]
        for g in gospa:
            i, j, dist = gospa_assign(there, place[rows], g.cut_m)
            g.add(dist, len(there), len(rows), counts=k >= skip)
            if g is gospa[0]:
                names.add(k, who, who[i], number[rows[j]].astype(np.int64))
                old = age[k, who[i]] >= warm
                mine, its = who[i[old]], rows[j[old]]
                errors.add(
                    place[its] - truth[k, mine][:, [0, 2]],
                    speed[its] - truth[k, mine][:, [1, 3]],
                    tight[k, mine],
                    loose[k, mine],
                    turns[k, mine],
                    None if spread is None else spread[its],
                )
        if k >= skip:
            siap.add(there, place[rows], age[k, who] >= warm)
    result: dict[str, Any] = {"scans": last}
    for g in gospa:
        result[f"gospa_c{g.cut_m / 1000:.0f}km"] = gospa_figures(g, skip, siap.every.truths)
    result |= errors.result() | siap.result() | names_of(names)
    result["id_switches_per_truth_hour"] = result["id_switches"] / (max(1, siap.every.truths) * meta["T"] / 3600)
    return result
