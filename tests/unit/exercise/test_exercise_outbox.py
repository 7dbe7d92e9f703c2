import numpy as np

from tenere.exercise.outbox import EMPTY, merge, put, release


def box():
    return put(EMPTY, b"aabbbc", np.array([2, 5, 6]), np.array([1.0, 2.0, 3.5]))


def test_units_leave_when_their_time_has_come():
    kept, chunk = release(box(), "s", 0.0, 2.0, 100.0)
    assert chunk.data == b"aa"
    assert chunk.times_s.tolist() == [101.0]
    assert chunk.offset == 0
    kept, chunk = release(kept, "s", 2.0, 4.0, 100.0)
    assert chunk.data == b"bbbc"
    assert chunk.ends.tolist() == [3, 4]
    assert chunk.offset == 2
    assert release(kept, "s", 4.0, 9.0, 100.0) == (kept, None)


def test_what_came_before_the_beginning_is_dropped():
    kept, chunk = release(box(), "s", 2.0, 9.0, 0.0)
    assert chunk.data == b"bbbc"
    assert chunk.offset == 0
    kept, chunk = release(box(), "s", 1.5, 1.9, 0.0)
    assert chunk is None
    assert kept.data == b"bbbc"


def test_more_is_put_behind():
    both = put(box(), b"dd", np.array([2]), np.array([4.0]))
    _, chunk = release(both, "s", 0.0, 9.0, 0.0)
    assert chunk.data == b"aabbbcdd"
    assert chunk.ends.tolist() == [2, 5, 6, 8]
    assert put(box(), b"", np.zeros(0, np.int64), np.zeros(0)).data == b"aabbbc"


def test_merge_orders_by_time_and_earlier_runs_first_at_one_time():
    first = (b"aab", np.array([2, 3]), np.array([1.0, 3.0]))
    second = (b"ccd", np.array([2, 3]), np.array([1.0, 2.0]))
    data, ends, times = merge([first, second])
    assert data == b"aaccdb"
    assert ends.tolist() == [2, 4, 5, 6]
    assert times.tolist() == [1.0, 1.0, 2.0, 3.0]
