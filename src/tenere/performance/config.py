"""What a site file may say under [performance]."""

from __future__ import annotations

import msgspec


class PerformanceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How well each sensor does, measured while the picture runs, as `tenere performance` does of a recording."""

    window_s: float = 1_200.0
    """The figures cover the last half of this to the whole of it; 0: nothing is measured."""
    plots_s: float = 500.0
    """Plots a second, at most, that are looked at: where more come, sensors are looked at in turns of 75 s, each whole while it lasts."""
    thresholds: str = ""
    """File of your own limits, from the site file's folder, as `tenere performance --thresholds` takes it; empty: the limits as shipped."""
