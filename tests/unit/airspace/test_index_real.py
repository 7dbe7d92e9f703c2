"""The index over real volumes, beside GEOS: the same but for the strips along edges where a straight line in degrees is no great circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenere.airspace.formats import read_any
from tenere.airspace.index import Heights, Index
from tenere.airspace.model import Polygon

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("file", ["openair_Switzerland.txt", "uk_airspace.yaml"])
def test_real_volumes_hold_what_geos_says_they_hold(shared_data: Path, file: str):
    shapely = pytest.importorskip("shapely", reason="shapely is in the bench extra")
    listed = tuple(read_any((shared_data / "airspace" / file).read_bytes(), file, keep_going=True)[1].volumes)
    index = Index.of(listed)
    assert index.refused == ()
    rng = np.random.Generator(np.random.PCG64(4))
    n = 3000
    points = np.concatenate([np.array(v.shape.ring) for v in listed if isinstance(v.shape, Polygon)])
    at = points[rng.integers(0, len(points), n)] + rng.normal(0, 0.1, (n, 2))
    nan = np.full(n, np.nan)
    lat, lon = np.radians(at).T
    found = index.inside(lat.copy(), lon.copy(), Heights.of(nan, nan, nan))
    ours = np.zeros((n, len(listed)), np.bool_)
    ours[found.row, found.volume] = True
    compared = 0
    for v, one in enumerate(listed):
        if not isinstance(one.shape, Polygon):
            continue
        flat = shapely.Polygon([(x, y) for y, x in one.shape.ring], [[(x, y) for y, x in h] for h in one.shape.holes])
        if not flat.is_valid:
            continue  # a ring that crosses itself has no one answer
        theirs = shapely.contains_xy(flat, at[:, 1], at[:, 0])
        differ = np.flatnonzero(theirs != ours[:, v])
        sides = np.hypot(*np.diff(np.array([*one.shape.ring, one.shape.ring[0]]), axis=0).T)
        bulge = 1e-6 + 0.004 * sides.max() ** 2  # degrees between a straight line and a great circle: L^2 tan(lat) / 8 R
        edge = shapely.distance(flat.boundary, shapely.points(at[differ, 1], at[differ, 0]))
        assert (edge <= bulge).all(), (one.id, float(edge.max(initial=0)))
        compared += int(theirs.sum())
    assert compared > 1000
