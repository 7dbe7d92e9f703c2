"""Arcs, circles, corridors, the two kinds of line, the 180th meridian; and what no volume may be."""

from __future__ import annotations

import itertools
import math
import random

import msgspec
import numpy as np
import pytest

from tenere.airspace import arcs, sanity
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import GROUND, Circle, Corridor, Limit, Period, Polygon, Volume
from tenere.geo import geodesic

SQUARE = ((10.0, 10.0), (10.0, 11.0), (11.0, 11.0), (11.0, 10.0))
NIAMEY = (13.5, 2.1)


def far_m(centre, points):
    there = np.radians(np.array(points))
    return geodesic.between(*np.radians(centre), there[:, 0], there[:, 1])[0]


@pytest.mark.parametrize("radius_m", [100.0, 5000.0, 92_600.0, 926_000.0])
def test_points_of_a_circle_stand_on_it_and_its_chords_within_ten_metres(radius_m):
    ring = arcs.circle_ring(Circle(*NIAMEY, radius_m))
    assert np.abs(far_m(NIAMEY, ring) - radius_m).max() < 0.01
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in itertools.pairwise(ring)]
    assert (radius_m - far_m(NIAMEY, middles)).max() < (arcs.TOLERANCE_M if radius_m < 1e5 else 3 * arcs.TOLERANCE_M)  # chords bend too


def test_arcs_turn_as_told_and_keep_their_ends():
    first, last = (13.6, 2.1), (13.5, 2.2)
    short, apart = arcs.arc_between(NIAMEY, first, last, clockwise=True)
    long, _ = arcs.arc_between(NIAMEY, first, last, clockwise=False)
    assert short[0] == long[0] == first
    assert short[-1] == long[-1] == last
    assert 3 * len(short) > len(long) > 2.5 * len(short)
    assert 200.0 < apart < 300.0  # 0.1 degrees of longitude are shorter than of latitude
    whole, _ = arcs.arc_between(NIAMEY, first, first, clockwise=True)
    assert len(whole) > 3 * len(short)
    with pytest.raises(AirspaceError):
        arcs.arc_between(NIAMEY, NIAMEY, last, clockwise=True)
    with pytest.raises(AirspaceError):
        arcs.arc(NIAMEY, (1e9, 1e9), (0.0, 90.0))


def test_legs_of_a_corridor_hold_its_line_and_reach_half_its_width():
    legs = arcs.legs(Corridor((NIAMEY, (14.0, 2.1), (14.0, 3.0)), 9260.0))
    assert len(legs) == 2
    assert np.allclose(far_m(NIAMEY, legs[0]).min(), 4630.0, atol=1.0)
    assert not sanity.crosses(arcs.unwrapped((*legs[0], legs[0][0])))


def test_a_parallel_gets_points_and_short_lines_none():
    far = ((50.0, 0.0), (50.0, 10.0), (49.0, 5.0))
    dense = arcs.of_map(far)
    assert len(dense) > 20
    assert all(abs(p[0] - 50.0) < 1e-9 for p in dense[: dense.index((50.0, 10.0))])
    assert max(p[0] for p in arcs.for_map(far)) > 50.1  # a great circle goes north of the parallel
    near = ((50.0, 0.0), (50.0, 0.1), (49.9, 0.05))
    assert arcs.of_map(near) == arcs.for_map(near) == near


def test_a_ring_over_the_180th_meridian_is_cut_there():
    ring = ((-17.0, 179.0), (-17.0, -179.0), (-18.0, -179.0), (-18.0, 179.0))
    parts = arcs.cut([ring])
    assert len(parts) == 2
    assert sorted(max(abs(lon) for lon, _ in p[0]) for p in parts) == [180.0, 180.0]
    assert {min(lon for lon, _ in p[0]) for p in parts} == {179.0, -180.0}
    assert arcs.cut([SQUARE]) == [[[[o, a] for a, o in (*SQUARE, SQUARE[0])]]]


def crosses_by_hand(p):
    def side(a, b, c):
        return (b[1] - a[1]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[1] - a[1])

    edges = list(itertools.pairwise(p))
    return any(
        side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0 for (a, b), (c, d) in itertools.combinations(edges, 2)
    )


def test_crossing_is_found_as_by_looking_at_every_pair():
    dice = random.Random(1)
    answers = []
    for n in (3, 4, 5, 6, 9) * 30:
        ring = np.array([(dice.randrange(12), dice.randrange(12)) for _ in range(n)], float)
        closed = np.concatenate([ring, ring[:1]])
        answers.append(sanity.crosses(closed))
        assert answers[-1] == crosses_by_hand(closed), ring
    assert True in answers
    assert False in answers


VOLUME = Volume(id="a", name="a", floor=GROUND, ceiling=Limit(3000.0), shape=Polygon(SQUARE))
WRONG = [
    ({"shape": Polygon(SQUARE[:2])}, "at least 3"),
    ({"shape": Polygon((*SQUARE, SQUARE[-1]))}, "twice running"),
    ({"shape": Polygon((*SQUARE, SQUARE[0]))}, "twice running"),
    ({"shape": Polygon(((1.0, 1.0), (1.0, 2.0), (1.0, 3.0)))}, "encloses nothing"),
    ({"shape": Polygon(((1.0, 1.0), (math.nan, 2.0), (3.0, 3.0)))}, "no latitude"),
    ({"shape": Polygon(((1.0, 1.0), (1.0, 200.0), (3.0, 3.0)))}, "no latitude"),
    ({"shape": Polygon(((80.0, 0.0), (80.0, 90.0), (80.0, 180.0), (80.0, -90.0)))}, "round a pole"),
    ({"shape": Polygon(((90.0, 0.0), (80.0, 90.0), (80.0, 100.0)))}, "at a pole"),
    ({"shape": Polygon(((0.0, 0.0), (0.0, 100.0), (10.0, 50.0)))}, "longer than 90"),
    ({"shape": Polygon(tuple((10.0 + i * 1e-4, 10.0 + (i % 2)) for i in range(10_001)))}, "10,000 points"),
    ({"shape": Polygon(SQUARE, (SQUARE[:2],))}, "its hole 1"),
    ({"shape": Circle(*NIAMEY, 0.0)}, "radius"),
    ({"shape": Circle(*NIAMEY, math.inf)}, "radius"),
    ({"shape": Circle(89.0, 0.0, 200_000.0)}, "over a pole"),
    ({"shape": Corridor((NIAMEY,), 1000.0)}, "at least 2"),
    ({"shape": Corridor((NIAMEY, (14.0, 2.1)), 0.0)}, "width"),
    ({"floor": Limit(3000.0)}, "not below its ceiling"),
    ({"floor": Limit(math.inf)}, "floor"),
    ({"ceiling": Limit(math.nan)}, "ceiling"),
    ({"starts_s": 2e9, "ends_s": 1e9}, "ends before"),
    ({"starts_s": math.nan}, "1900"),
    ({"schedule": (Period((7,)),)}, "days"),
    ({"schedule": (Period((), 0, 10),)}, "days"),
    ({"schedule": (Period((0,), 1440, 10),)}, "minutes"),
    ({"buffer_m": -1.0}, "buffer_m"),
    ({"airspace_class": "Z"}, "class"),
    ({"country": "N1"}, "country"),
    ({"name": "a\nb"}, "printable"),
    ({"remark": "a\x00b"}, "remark"),
]


@pytest.mark.parametrize(("change", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_no_volume_may_be(change, said):
    assert sanity.problem(VOLUME) == ""
    assert said in sanity.problem(msgspec.structs.replace(VOLUME, **change))


def test_a_floor_above_ground_below_a_flight_level_stands():
    assert sanity.problem(msgspec.structs.replace(VOLUME, floor=Limit(300.0, "agl"), ceiling=Limit(200.0, "fl"))) == ""


def test_a_bow_tie_is_doubted_and_a_shared_point_is_not():
    bow = Polygon(((10.0, 10.0), (11.0, 11.0), (11.0, 10.0), (10.0, 11.0)))
    assert "crosses itself" in sanity.doubt(msgspec.structs.replace(VOLUME, shape=bow))
    eight = Polygon(((10.0, 10.0), (11.0, 10.0), (10.5, 10.5), (11.0, 11.0), (10.0, 11.0), (10.5, 10.5)))
    assert sanity.doubt(msgspec.structs.replace(VOLUME, shape=eight)) == ""
