"""Ghost swarms: many broadcasts that begin together, in time and space, with addresses in sequence or all alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import F64, I64
    from tenere.identify.config import IntegrityConfig
    from tenere.identify.integrity.spoken import Spoken

GAP = 8
"""Addresses this near to each other are in sequence."""
RADIUS_M = 6_371_000.0
ALIKE_MS, ALIKE_M = 3.0, 60.0


def members(spoken: Spoken, unseen: NDArray[np.bool_], c: IntegrityConfig, since_s: float, time_s: float) -> I64:
    """Return the rows of swarms, each once.

    unseen: (n,) no radar has seen it. since_s: the receivers were heard without a pause since then: what began within memory_s of
    that may have been there before, and is no swarm.
    """
    begun = unseen & (time_s - spoken.first_s <= 2.0 * c.memory_s) & (spoken.first_s > since_s + c.memory_s) & np.isfinite(spoken.lat_rad)
    rows = np.flatnonzero(begun)
    if rows.size < c.swarm:
        return np.zeros(0, np.int64)
    by_address = rows[np.argsort(spoken.address[rows], kind="stable")]
    found = [_runs(by_address, np.diff(spoken.address[by_address]) <= GAP, spoken, c)]
    kind = np.stack([spoken.nic[rows], spoken.nac_p[rows], spoken.sil[rows]], axis=1).astype(np.int64)
    speed = np.hypot(spoken.east_ms[rows], spoken.north_ms[rows])
    moving = np.isfinite(speed) & np.isfinite(spoken.height_m[rows])
    rows, kind, speed = rows[moving], kind[moving], speed[moving]
    course = np.arctan2(spoken.east_ms[rows], spoken.north_ms[rows])
    order = np.lexsort((spoken.height_m[rows], speed, *kind.T))
    alike = (np.diff(kind[order], axis=0) == 0).all(axis=1) & (np.diff(speed[order]) <= ALIKE_MS)
    alike &= (np.abs(np.diff(spoken.height_m[rows][order])) <= ALIKE_M) & (np.cos(np.diff(course[order])) > 0.998)
    found.append(_runs(rows[order], alike, spoken, c))
    return np.unique(np.concatenate(found))


def _runs(rows: I64, joined: NDArray[np.bool_], spoken: Spoken, c: IntegrityConfig) -> I64:
    """Return the rows of runs of joined neighbours that are long enough and begin close together in time and space."""
    out = []
    for run in np.split(rows, np.flatnonzero(~joined) + 1):
        if run.size < c.swarm:
            continue
        middle = float(np.median(spoken.first_s[run]))
        near = run[np.abs(spoken.first_s[run] - middle) <= c.swarm_s / 2.0]
        if near.size < c.swarm:
            continue
        lat, lon = float(np.median(spoken.lat_rad[near])), float(np.median(spoken.lon_rad[near]))
        apart: F64 = RADIUS_M * np.hypot(spoken.lat_rad[near] - lat, (spoken.lon_rad[near] - lon) * np.cos(lat))
        near = near[apart <= c.swarm_m]
        if near.size >= c.swarm:
            out.append(near)
    return np.concatenate(out) if out else np.zeros(0, np.int64)
