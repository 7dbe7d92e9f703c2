"""What is read of columns beside their own batch."""

import numpy as np

from tenere.batch import Tracks
from tenere.track.columns import altitudes_of


def test_altitudes_are_those_of_our_own_tracks_in_whatever_order():
    tracks = Tracks.blank(4, number=[9, 3, 5, 7], source=[-1, -1, -1, 2], pressure_altitude_m=[900.0, 300.0, np.nan, 700.0])
    got = altitudes_of(np.array([3, 9, 5, 7, 0, 4, 11]), tracks)
    assert np.array_equal(got, [300.0, 900.0, np.nan, np.nan, np.nan, np.nan, np.nan], equal_nan=True)
    assert len(altitudes_of(np.zeros(0, np.int64), tracks)) == 0
    assert np.isnan(altitudes_of(np.array([1]), Tracks.blank(0))).all()
