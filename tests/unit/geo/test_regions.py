"""Connected regions of a mask: against a slow flood, and areas by the outlines' corners."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.geo.regions import boxes, innermost, label, outline, renumbered, signed_area

AROUND = ((0, 1), (1, 0), (0, -1), (-1, 0))


def flooded(mask):
    """Number regions in the order of their first posts, slowly."""
    out, count = np.zeros(mask.shape, int), 0
    for start in map(tuple, np.argwhere(mask)):
        if out[start]:
            continue
        count += 1
        open_, out[start] = [start], count
        while open_:
            i, j = open_.pop()
            for di, dj in AROUND:
                a = (i + di, j + dj)
                if 0 <= a[0] < mask.shape[0] and 0 <= a[1] < mask.shape[1] and mask[a] and not out[a]:
                    out[a] = count
                    open_.append(a)
    return out, count


@st.composite
def masks(draw):
    n, m = draw(st.integers(1, 14)), draw(st.integers(1, 14))
    random = np.random.Generator(np.random.PCG64(draw(st.integers(0, 10**6))))
    return random.random((n, m)) < draw(st.floats(0.1, 0.95))


@settings(max_examples=150)
@given(masks())
def test_numbers_boxes_and_outlines_are_those_of_a_flood(mask):
    labels, count = label(mask)
    slow, slow_count = flooded(mask)
    assert count == slow_count
    assert (labels == slow).all()
    inner, around = innermost(labels, count), boxes(labels, count)
    for k in range(1, count + 1):
        here = labels == k
        rows, columns = np.nonzero(here)
        assert around[k].tolist() == [rows.min(), rows.max() + 1, columns.min(), columns.max() + 1]
        assert here[tuple(inner[k])]
        rings = outline(here)
        areas = [signed_area(r) for r in rings]
        assert areas[0] > 0 > max([*areas[1:], -1.0]), "one outer ring, counter-clockwise; holes clockwise"
        assert sum(areas) == pytest.approx(here.sum())
        for ring in rings:
            assert len({tuple(c) for c in ring.tolist()}) == len(ring), "a ring meets no corner twice"
            turns = np.roll(ring, -1, axis=0) - ring
            assert ((turns == 0).sum(axis=1) == 1).all(), "sides run along rows and columns"


def test_posts_that_meet_at_a_corner_are_apart():
    labels, count = label(np.eye(3, dtype=bool))
    assert count == 3
    assert labels.diagonal().tolist() == [1, 2, 3]


def test_the_most_inner_post_is_in_the_middle():
    mask = np.zeros((11, 21), bool)
    mask[1:10, 2:19] = True
    labels, count = label(mask)
    row, column = innermost(labels, count)[1]
    assert row == 5
    assert 6 <= column <= 14


def test_a_ring_within_a_ring_has_a_hole_that_touches_at_a_corner():
    mask = np.ones((4, 4), bool)
    mask[1, 1] = mask[2, 2] = False  # two gaps that meet at a corner: two holes
    rings = outline(mask, top=10, left=20)
    assert len(rings) == 3
    assert [round(signed_area(r)) for r in rings] == [16, -1, -1]
    assert rings[0].min(axis=0).tolist() == [9.5, 19.5]
    assert rings[0].max(axis=0).tolist() == [13.5, 23.5]


def test_regions_get_new_numbers_in_place():
    labels, count = label(np.array([[1, 0, 1], [1, 0, 0]], bool))
    assert renumbered(labels, np.array([0, 2, 1])).tolist() == [[2, 0, 1], [2, 0, 0]]
    assert count == 2
