"""Scores of a tracker's output against the truth: GOSPA, SIAP, purity, RMSE, ratio to the bound, consistency.

A tracker's output is a dict of arrays scan, track_id, x, y, vx, vy (and, where it has them, var_xx, var_xy, var_yy):
one row a confirmed track a scan.
GOSPA: p = 2, alpha = 2 (Rahmathullah, Garcia-Fernandez and Svensson 2017), position only, at c = 1 km and 5 km; RMS over
scans, with its localisation, missed and false parts. Scores start at scan `skip` (10), so that a tracker's first
confirmations do not rule them; rms_full starts at scan 0.
SIAP-like: a track belongs to its nearest truth within 1 km, otherwise it is spurious.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from bench.airbench.pcrlb import bounds, turning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from bench.airbench.scenario import F64, Data, Meta

    I64 = NDArray[np.int64]

CUTS_M = (1000.0, 5000.0)
ELLIPSE_95 = 5.991  # chi-square, two degrees of freedom


def gospa_assign(truth: F64, tracks: F64, cut_m: float) -> tuple[I64, I64, F64]:
    """Return rows i, j and distances of the optimal GOSPA assignment of points (n, 2) and (m, 2): pairs nearer than cut_m."""
    none = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    if len(truth) == 0 or len(tracks) == 0:
        return none
    near = cKDTree(truth).sparse_distance_matrix(cKDTree(tracks), cut_m, output_type="coo_matrix")
    if near.nnz == 0:
        return none
    n = len(truth)
    graph = coo_matrix((np.ones(near.nnz), (near.row, near.col + n)), shape=(n + len(tracks),) * 2)
    _, label = connected_components(graph, directed=False)
    part = label[near.row]
    order = np.argsort(part, kind="stable")
    row, col, dist, part = near.row[order], near.col[order], near.data[order], part[order]
    rows, cols, dists = [], [], []
    for s in np.split(np.arange(len(part)), np.flatnonzero(np.diff(part)) + 1):
        r, at_r = np.unique(row[s], return_inverse=True)
        c, at_c = np.unique(col[s], return_inverse=True)
        cost = np.zeros((len(r), len(c)))
        cost[at_r, at_c] = dist[s] ** 2 - cut_m * cut_m  # below 0: worth assigning
        i, j = linear_sum_assignment(cost)
        ok = cost[i, j] < 0
        rows.append(r[i[ok]])
        cols.append(c[j[ok]])
        dists.append(np.sqrt(np.maximum(0, cost[i[ok], j[ok]] + cut_m * cut_m)))
    return np.concatenate(rows), np.concatenate(cols), np.concatenate(dists)


@dataclass
class Gospa:
    """Sums of one cut-off: squared GOSPA of each scan, and its parts from the first scored scan on."""

    cut_m: float
    squares: list[float] = field(default_factory=list)
    placed: float = 0.0
    pairs: int = 0
    missed: int = 0
    false: int = 0

    def add(self, dist: F64, truths: int, tracks: int, *, counts: bool) -> None:
        """Add a scan: the assigned distances, and how many truths and tracks there were."""
        missed, false = truths - len(dist), tracks - len(dist)
        placed = float((dist**2).sum())
        self.squares.append(placed + self.cut_m**2 / 2 * (missed + false))
        if counts:
            self.placed += placed
            self.pairs += len(dist)
            self.missed += missed
            self.false += false

    def result(self, skip: int, truths: int) -> dict[str, float]:
        """Return the RMS over the scans from skip on, and the parts of it."""
        scored = len(self.squares) - skip
        return {
            "rms": float(np.sqrt(np.mean(self.squares[skip:]))),
            "rms_per_sqrt_target": float(np.sqrt(sum(self.squares[skip:]) / truths)) if truths else float("nan"),
            "rms_full": float(np.sqrt(np.mean(self.squares))),
            "loc_rms": float(np.sqrt(self.placed / max(1, self.pairs))),
            "missed_per_scan": self.missed / scored,
            "false_per_scan": self.false / scored,
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


def normalised(err: F64, spread: F64) -> F64:
    """Return err' C^-1 err (n,) of errors (n, 2) with covariances (n, 2, 2); infinite where C is singular."""
    xx, xy, yy = spread[:, 0, 0], spread[:, 0, 1], spread[:, 1, 1]
    det = xx * yy - xy * xy
    safe = np.where(det > 0, det, 1.0)
    value = (yy * err[:, 0] ** 2 - 2 * xy * err[:, 0] * err[:, 1] + xx * err[:, 1] ** 2) / safe
    return np.where(det > 0, value, np.inf)


def _rms(squares: F64) -> float | None:
    return float(np.sqrt(squares.mean())) if len(squares) else None


def _ratio(squares: F64, bound: F64) -> float | None:
    return float(np.sqrt(squares.mean() / bound.mean())) if len(squares) else None


@dataclass
class Names:
    """Which track followed which truth: for purity, switches, the longest track and the delay of initiation."""

    last: dict[int, int] = field(default_factory=dict)
    first: dict[int, int] = field(default_factory=dict)
    switches: int = 0
    by_truth: dict[int, dict[int, int]] = field(default_factory=dict)
    by_track: dict[int, dict[int, int]] = field(default_factory=dict)

    def add(self, k: int, truths: I64, tracks: I64) -> None:
        """Add scan k: the assigned pairs of aircraft and track number."""
        for t, s in zip(truths.tolist(), tracks.tolist(), strict=True):
            if self.last.get(t, s) != s:
                self.switches += 1
            self.last[t] = s
            self.first.setdefault(t, k)
            mine, its = self.by_truth.setdefault(t, {}), self.by_track.setdefault(s, {})
            mine[s] = mine.get(s, 0) + 1
            its[t] = its.get(t, 0) + 1

    def result(self, here: NDArray[np.bool_]) -> dict[str, Any]:
        """Return the scores; here (K, N): which aircraft exist when."""
        life = here.sum(0)
        flown = np.flatnonzero(life > 0)
        longest = [max(self.by_truth[t].values()) / life[t] if t in self.by_truth else 0.0 for t in flown.tolist()]
        total = sum(sum(v.values()) for v in self.by_track.values())
        return {
            "longest_track": float(np.mean(longest)),
            "id_switches": self.switches,
            "purity": sum(max(v.values()) for v in self.by_track.values()) / max(1, total),
            **self._delay(here, flown[life[flown] >= 10]),
        }

    def _delay(self, here: NDArray[np.bool_], flown: I64) -> dict[str, Any]:
        """Return after how many scans an aircraft that lives ten or more has a track within 1 km; those that never do count as infinite."""
        born = here.argmax(0)
        waits = np.array([self.first[t] - born[t] if t in self.first else np.inf for t in flown.tolist()])
        if not len(waits):
            return {"initiation_scans_p50": None, "initiation_scans_p95": None, "never_tracked": 0}
        p50, p95 = np.quantile(waits, [0.5, 0.95], method="higher")
        return {
            "initiation_scans_p50": float(p50) if np.isfinite(p50) else None,
            "initiation_scans_p95": float(p95) if np.isfinite(p95) else None,
            "never_tracked": int(np.isinf(waits).sum()),
        }


@dataclass
class Siap:
    """Sums of the SIAP-like scores: truths, those with a track, tracks, and those that belong to a truth."""

    truths: int = 0
    followed: int = 0
    tracks: int = 0
    belong: int = 0
    old: int = 0
    old_followed: int = 0

    def add(self, truth: F64, tracks: F64, old: NDArray[np.bool_]) -> None:
        """Add a scan: positions of truths and tracks, and which truths are settled."""
        self.truths += len(truth)
        self.tracks += len(tracks)
        self.old += int(old.sum())
        if len(tracks) and len(truth):
            apart, nearest = cKDTree(truth).query(tracks)
            good = apart < CUTS_M[0]
            mine = np.unique(nearest[good])
            self.belong += int(good.sum())
            self.followed += len(mine)
            self.old_followed += int(old[mine].sum())

    def result(self) -> dict[str, float]:
        """Return completeness (of all and of settled aircraft), ambiguity and spuriousness."""
        return {
            "completeness": self.followed / max(1, self.truths),
            "completeness_aged": self.old_followed / max(1, self.old),
            "ambiguity": self.belong / max(1, self.followed),
            "spuriousness": (self.tracks - self.belong) / max(1, self.tracks),
        }


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
    errors, names, siap = Errors(), Names(), Siap()
    for k in range(last):
        who = np.flatnonzero(here[k])
        there = truth[k, who][:, [0, 2]]
        rows = order[cut[k] : cut[k + 1]]
        for g in gospa:
            i, j, dist = gospa_assign(there, place[rows], g.cut_m)
            g.add(dist, len(there), len(rows), counts=k >= skip)
            if g is gospa[0]:
                names.add(k, who[i], number[rows[j]])
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
        result[f"gospa_c{g.cut_m / 1000:.0f}km"] = g.result(skip, siap.truths)
    result |= errors.result() | siap.result() | names.result(here)
    result["id_switches_per_truth_hour"] = names.switches / (max(1, siap.truths) * meta["T"] / 3600)
    return result
