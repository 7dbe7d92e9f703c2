"""How fast a track is doubted that gets no plots: by what its sensors' looks were worth."""

import numpy as np
import pytest
from rig import room

from tenere.track import kernels

SEEN_S, GAP_S = 500.0, 2.3


def silent(miss_pd, key=-1, confirmed=1):
    """Return, second by second, the existence of a track that was sure and has had no plot since."""
    s, w, book = room()
    book[0], s.alive[0], s.confirmed[0], s.existence[0], s.key[0] = 1, 1, confirmed, 1 - 1e-8, key
    s.update_s[0], s.gap_s[0], s.miss_pd[0], s.miss_s[0], s.patience_s[0] = SEEN_S, GAP_S, miss_pd, SEEN_S + 1.5 * GAP_S, 30.0
    out = []
    for k in range(41):
        kernels.miss_and_drop(s, book, w, SEEN_S + k, (40.0, 75.0, 20.0), 0.0, 0.0, 1800.0)
        out.append(s.existence[0])
    return np.array(out)


def test_where_one_of_several_sensors_has_fallen_silent_the_others_are_waited_for():
    left = silent(kernels.MIXED_PD)
    assert left[12] > 0.5
    assert left[40] < 0.5
    assert (np.diff(left) <= 0).all()


@pytest.mark.parametrize("miss_pd", [0.9, kernels.KEYED_PD])
def test_others_are_missed_at_every_gap(miss_pd):
    falls = np.flatnonzero(np.diff(silent(miss_pd)) < 0)
    assert len(falls) >= 40 / GAP_S - 3


@pytest.mark.parametrize(
    ("climb_ms", "speed_ms", "key", "old_s", "several", "lasts_s"),
    [
        (-3.0, 75.0, 0x062001, 1.0, True, 20),  # on approach
        (-3.0, 75.0, -1, 1.0, True, 20),
        (-3.0, 75.0, 0x062001, 1.0, False, 75),  # one sensor lost it
        (-3.0, 160.0, 0x062001, 1.0, True, 75),  # descends from cruise
        (-3.0, 8.0, 0x062001, 1.0, True, 75),  # rolls on the ground
        (-3.0, 75.0, 0x062001, 30.0, True, 75),  # its height was told long ago
        (0.0, 60.0, 0x062001, 1.0, True, 75),  # low and level
        (4.0, 80.0, 0x062001, 1.0, True, 75),  # has just taken off
        (np.nan, 75.0, 0x062001, np.nan, True, 75),  # of no known height
    ],
)
def test_what_came_down_slowly_and_fell_silent_has_landed(climb_ms, speed_ms, key, old_s, several, lasts_s):
    s, w, book = room()
    pd = (kernels.KEYED_MIXED_PD if key >= 0 else kernels.MIXED_PD) if several else kernels.KEYED_PD
    book[0], s.alive[0], s.confirmed[0], s.existence[0], s.key[0] = 1, 1, 1, 1 - 1e-8, key
    s.update_s[0], s.gap_s[0], s.miss_pd[0], s.miss_s[0] = SEEN_S, GAP_S, pd, np.inf
    s.hot[0, 2:4], s.height[0], s.height_s[0] = (0.6 * speed_ms, 0.8 * speed_ms), (900.0, climb_ms), SEEN_S - old_s
    alive = [k for k in range(100) if kernels.miss_and_drop(s, book, w, SEEN_S + k, (40.0, 75.0, 20.0), 0.0, 0.0, 1800.0) or s.alive[0]]
    assert alive[-1] == (lasts_s if key >= 0 else min(lasts_s, 40))
