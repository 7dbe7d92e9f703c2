"""ASTERIX target reports as Plots: which function reads which category.

CAT001 and CAT048 (radar) plots_radar.py, CAT010 and CAT020 (airport surface, multilateration) plots_mlat.py, CAT021 (ADS-B)
plots_adsb.py; EUROCONTROL-SPEC-0149 Parts 2a, 4, 7, 12 and 14. Item numbers are in the code where they are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.wire.asterix.plots_adsb import adsb_plots
from tenere.wire.asterix.plots_mlat import mlat_plots, surface_plots
from tenere.wire.asterix.plots_radar import old_radar_plots, radar_plots

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tenere.batch import Plots
    from tenere.wire.asterix.check import Checked
    from tenere.wire.asterix.context import Origin

PLOTS: dict[int, Callable[[Checked, Origin], Plots]] = {
    1: old_radar_plots,
    10: surface_plots,
    20: mlat_plots,
    21: adsb_plots,
    48: radar_plots,
}
"""How each category of target reports becomes plots."""


def is_target(c: Checked) -> NDArray[np.bool_]:
    """Say which records are target reports: in CAT010 message type 1 (or none said), elsewhere all."""
    if c.records.table.category != 10:
        return np.ones(len(c), np.bool_)
    return ~c.flag("000", 2, 3, 4)
