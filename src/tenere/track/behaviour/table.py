"""The table: what is looked at, in which bins, and how likely each bin is for each habit of each class.

The likelihoods (`likelihoods`) are counted over simulated flights of each habit, whose speeds, turns and heights are assumed as
`bench/behaviour_world.py` says, nine parts of ten, and one part alike for every bin: nothing seen is impossible. Of what seldom
errs, ground and transponder, it is one part of fifty. Features are not independent, so the likelihoods of motion and height are taken
to the power TEMPER. "Unknown" holds every bin alike.
"""

from __future__ import annotations

import numpy as np

from tenere.track.behaviour.kernel import F_ANSWERS, F_GROUND, MAX_BINS, NFEATURES
from tenere.track.behaviour.likelihoods import LIKELY

TEMPER = 0.6
ENDS: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("mean speed, m/s", (2.0, 8.0, 14.0, 22.0, 35.0, 55.0, 85.0, 150.0)),
    ("top speed lately, m/s", (3.0, 8.0, 14.0, 22.0, 35.0, 55.0, 85.0, 150.0)),
    ("change of velocity, root mean square, m/s2", (0.15, 0.4, 0.8, 1.5, 3.0)),
    ("turning, degrees a second", (0.3, 0.8, 2.0, 5.0, 10.0)),
    ("net way of way flown", (0.3, 0.7, 0.95, 0.995)),
    ("share of time below 3 m/s", (0.02, 0.2, 0.6)),
    ("pressure altitude, m", (200.0, 800.0, 2000.0, 4500.0, 8000.0)),
    ("climb, root mean square, m/s", (0.5, 1.5, 4.0, 8.0)),
    ("share of time on the ground or seen by a surface radar", (0.1, 0.6)),
    ("share of time with a transponder's answers", (0.1, 0.6)),
)
"""Each feature in words and the ends between its bins."""
PRIORS = (0.04, 0.28, 0.16, 0.1, 0.14, 0.14, 0.14)
"""In the order of KinematicClass: no site's traffic, but such that none is ruled out. A class shares its own among its habits."""
OF = np.array([0, *(kind for kind, _, _ in LIKELY)], np.int64)
"""The class of each habit; the first is "unknown"."""
PRIOR = np.array([PRIORS[c] / np.count_nonzero(c == OF) for c in OF])
BINS = np.array([len(ends) + 1 for _, ends in ENDS], np.int64)
EDGES = np.full((NFEATURES, MAX_BINS), np.inf)
TABLE = np.zeros((NFEATURES, MAX_BINS, len(OF)))
for _f, (_, _ends) in enumerate(ENDS):
    EDGES[_f, : len(_ends)] = _ends
    _power = 1.0 if _f in (F_GROUND, F_ANSWERS) else TEMPER
    TABLE[_f, : BINS[_f], 0] = (1.0 / BINS[_f]) ** _power
    for _c, _habit in enumerate(LIKELY, start=1):
        TABLE[_f, : BINS[_f], _c] = np.array(_habit[2][_f]) ** _power
