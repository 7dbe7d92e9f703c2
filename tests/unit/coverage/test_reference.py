"""The exact reference itself, against a ray walked in plain Python, and against what can be worked out by hand."""

import math

import numpy as np
import pytest

from tenere.coverage.reference import minimum_visible_altitudes


def walked(z: np.ndarray, r0: float, c0: float, antenna: float, step: float, fall: float, row: int, column: int) -> float:
    """All crossings by sorting every fraction of the way at which a row or a column is met."""
    dr, dc = row - r0, column - c0
    shares = {(line - r0) / dr for line in range(z.shape[0]) if dr} | {(line - c0) / dc for line in range(z.shape[1]) if dc}
    best = -math.inf
    for share in shares:
        if not 1e-12 < share < 1.0 - 1e-12:
            continue
        r, c = r0 + dr * share, c0 + dc * share
        r, c = (round(r) if abs(r - round(r)) < 1e-9 else r), (round(c) if abs(c - round(c)) < 1e-9 else c)
        i, j = math.floor(r), math.floor(c)
        ground = float(z[i, j])
        if r != i:
            ground += (float(z[i + 1, j]) - ground) * (r - i)
        elif c != j:
            ground += (float(z[i, j + 1]) - ground) * (c - j)
        d = share * step * math.hypot(dr, dc)
        best = max(best, (ground - antenna) / d - d * fall)
    d = step * math.hypot(dr, dc)
    return max(float(z[row, column]), antenna + best * d + fall * d * d) if best > -math.inf else float(z[row, column])


@pytest.mark.parametrize("place", [(10.0, 10.0), (3.25, 17.5)])
def test_every_crossing_is_counted(place: tuple[float, float]) -> None:
    z = np.random.Generator(np.random.PCG64(1)).uniform(0.0, 80.0, (21, 21))
    rows, columns = (v.ravel() for v in np.mgrid[0:21, 0:21])
    got = minimum_visible_altitudes(z, *place, 60.0, 90.0, 1e-4, rows, columns)
    want = [walked(z, *place, 60.0, 90.0, 1e-4, int(r), int(c)) for r, c in zip(rows, columns, strict=True)]
    keep = np.hypot(rows - place[0], columns - place[1]) > 0
    assert np.abs(got - want)[keep].max() < 1e-9


def test_neighbours_are_seen_on_the_ground() -> None:
    z = np.full((5, 5), 7.0)
    assert minimum_visible_altitudes(z, 2.0, 2.0, 10.0, 90.0, 1e-4, np.array([1, 2, 3]), np.array([2, 3, 3])).tolist() == [7.0, 7.0, 7.0]
