"""What sensors and systems say of themselves: CAT002, 034 (radar), 010 (surface), 063, 065 (system)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import Status
from tenere.units import DEG_RAD
from tenere.wire.asterix.context import source

if TYPE_CHECKING:
    from tenere.wire.asterix.check import Checked
    from tenere.wire.asterix.context import Origin


class Layout(NamedTuple):
    """Where one category keeps what Status holds; "" where it does not.

    about: item with the SAC and SIC of the sensor that is meant. bad: elements, each with the values that say "degraded".
    """

    time: str
    about: str = "010"
    message: str = "000"
    azimuth: str = ""
    period: str = ""
    position: str = ""
    bad: tuple[tuple[str, tuple[int, ...]], ...] = ()


LAYOUTS = {
    2: Layout("030", azimuth="020", period="041"),
    10: Layout("140", bad=(("550/NOGO", (1, 2)), ("550/OVL", (1,)), ("550/TSV", (1,)))),
    34: Layout(
        "030",
        azimuth="020",
        period="041",
        position="120",
        bad=tuple(
            (f"050/{path}", (1,))
            for path in ("COM/NOGO", "COM/OVLRDP", "COM/OVLXMT", "COM/TSV", "PSR/OVL", "SSR/OVL", "MDS/OVLSUR", "MDS/OVLSCF", "MDS/OVLDLF")
        ),
    ),
    63: Layout(
        "030",
        about="050",
        message="",
        bad=(("060/CON", (1, 2, 3)), ("060/OPS", (1,)), ("060/ODP", (1,)), ("060/OXT", (1,)), ("060/TSV", (1,))),
    ),
    65: Layout("030", bad=(("040/NOGO", (1, 2)), ("040/OVL", (1,)), ("040/TSV", (1,)))),
}
"""CAT002 ed. 1.2, CAT010 1.1, CAT034 1.29, CAT063 1.7, CAT065 1.6."""


def status(c: Checked, origin: Origin) -> Status:
    """Return the service messages of a category in LAYOUTS."""
    layout = LAYOUTS[c.records.table.category]
    none = np.full(len(c), np.nan)
    degraded = np.zeros(len(c), np.bool_)
    for path, values in layout.bad:
        degraded |= c.flag(path, *values)
    lat_deg, lon_deg = c.pair("120/LAT", "120/LON") if layout.position else (none, none)
    return Status.blank(
        len(c),
        time_s=origin.resolve(c.column(layout.time)),
        sac_sic=source(c, layout.about),
        category=c.records.table.category,
        message=c.integer(layout.message) if layout.message else -1,
        azimuth_rad=c.column(layout.azimuth) * DEG_RAD if layout.azimuth else none,
        period_s=c.column(layout.period) if layout.period else none,
        lat_rad=lat_deg * DEG_RAD,
        lon_rad=lon_deg * DEG_RAD,
        height_m=c.column("120/HGT") if layout.position else none,
        degraded=degraded,
    )
