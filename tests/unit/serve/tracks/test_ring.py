from __future__ import annotations

import numpy as np

from tenere.serve.tracks.ring import Ring


def filled(*parts, room=5):
    ring = Ring(room, number="u4", value="i4")
    value = 0
    for numbers in parts:
        ring.add(number=np.array(numbers, np.uint32), value=np.arange(value, value + len(numbers)))
        value += len(numbers)
    return ring


def values(ring, number, most=99):
    return ring.columns["value"][ring.where("number", number, most)].tolist()


def test_the_newest_take_the_place_of_the_oldest_and_stay_in_order():
    ring = filled([7, 7, 8], [7, 7, 7])
    assert values(ring, 7) == [1, 3, 4, 5]
    assert values(ring, 8) == [2]
    assert values(ring, 7, most=2) == [4, 5]
    assert values(ring, 9) == []


def test_more_rows_than_there_is_room_leave_the_last():
    assert values(filled([7], [7] * 12), 7) == [8, 9, 10, 11, 12]


def test_no_rows_are_no_change():
    assert values(filled([7], []), 7) == [0]


def test_it_never_grows_and_forgets_when_told():
    ring = filled(*([7, 8] for _ in range(50)))
    assert len(ring.columns["number"]) == 5
    ring.clear()
    assert values(ring, 7) == []
