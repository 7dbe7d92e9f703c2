"""Distances: the quick answer is the long one."""

from __future__ import annotations

import numpy as np

from tenere.wire.mode_s import place


def test_within_is_what_distance_says() -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    n = 20_000
    lat = rng.uniform(-90, 90, n)
    lon = rng.uniform(-180, 180, n)
    apart = 10 ** rng.uniform(-6, 2, (2, n)) * rng.choice([-1, 1], (2, n))
    other_lat, other_lon = np.clip(lat + apart[0], -90, 90), lon + apart[1]
    told = set()
    for a, b, c, d in zip(lat.tolist(), lon.tolist(), other_lat.tolist(), other_lon.tolist(), strict=True):
        distance = place.distance_m(a, b, c, d)
        for most in (500.0, 5000.0, 600_000.0):
            if abs(distance - most) > 1e-5 * most:
                assert place.within(a, b, c, d, most) == (distance <= most)
                told.add(distance <= most)
    assert told == {True, False}
    assert not place.within(np.nan, 0.0, 0.0, 0.0, 1e9)
    assert not place.within(0.0, 0.0, 0.0, np.nan, 1e9)
