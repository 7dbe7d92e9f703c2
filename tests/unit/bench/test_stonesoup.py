"""The peer's runner: the same columns and keys as ours, on plots of its own making."""

from __future__ import annotations

import pytest
from bench.airbench import scenario

pytest.importorskip("stonesoup", reason="Stone Soup is in the extra bench")


@pytest.mark.filterwarnings("default")  # the peer's own
def test_the_peer_tracks_a_small_scenario():
    from bench import tracking_stonesoup

    row = tracking_stonesoup.measure("small", *scenario.make(5, 3, seed=4, scans=30))
    assert row["scans"] == 30
    assert row["completeness"] > 0.9
    assert 1.0 < row["ratio_pcrlb"] < 3.0
    assert row["plots_per_s"] > 0
    few = tracking_stonesoup.measure("small", *scenario.make(5, 3, seed=4, scans=30), scans=4)
    assert few["scans"] == 4
    assert "ratio_pcrlb" not in few
