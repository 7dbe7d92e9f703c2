"""What sensors and systems say of themselves: CAT002, 034 (radar), 010 (surface), 019 (multilateration), 023 (ADS-B), 063, 065 (system)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import Status
from tenere.units import DEG_RAD
from tenere.wire.asterix.context import source

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.asterix.check import Checked
    from tenere.wire.asterix.context import Origin


Bits = tuple[tuple[str, tuple[int, ...]], ...]


class Layout(NamedTuple):
    """Where one category keeps what Status holds; "" where it does not.

    about: item with the SAC and SIC of the sensor that is meant. position: latitude, longitude, height.
    nogo: elements, each with the values that say "not to be used"; bad: those that say "degraded" or "overloaded" besides.
    """

    time: str
    about: str = "010"
    message: str = "000"
    azimuth: str = ""
    period: str = ""
    position: tuple[str, str, str] | None = None
    nogo: Bits = ()
    bad: Bits = ()


def _set(item: str, *names: str) -> Bits:
    return tuple((f"{item}/{name}", (1,)) for name in names)


_RADAR_LOAD = ("COM/OVLRDP", "COM/OVLXMT", "COM/TSV", "PSR/OVL", "SSR/OVL", "MDS/OVLSUR", "MDS/OVLSCF", "MDS/OVLDLF")

LAYOUTS = {
    2: Layout("030", azimuth="020", period="041"),
    10: Layout("140", nogo=(("550/NOGO", (2,)),), bad=(("550/NOGO", (1,)), *_set("550", "OVL", "TSV"))),
    19: Layout(
        "140", position=("600/LAT", "600/LON", "610"), nogo=(("550/NOGO", (2,)),), bad=(("550/NOGO", (1,)), *_set("550", "OVL", "TSV"))
    ),
    23: Layout("070", nogo=_set("100", "NOGO"), bad=(*_set("100", "ODP", "OXT", "TSV", "SPO"), ("110/STAT", (1, 2, 3, 5)))),
    34: Layout(
        "030",
        azimuth="020",
        period="041",
        position=("120/LAT", "120/LON", "120/HGT"),
        nogo=_set("050", "COM/NOGO"),
        bad=_set("050", *_RADAR_LOAD),
    ),
    63: Layout(
        "030",
        about="050",
        message="",
        nogo=_set("060", "OPS"),
        bad=(("060/CON", (1, 2, 3)), *_set("060", "PSR", "SSR", "MDS", "ADS", "MLT", "ODP", "OXT", "TSV", "SPO/VAL")),
    ),
    65: Layout("030", nogo=(("040/NOGO", (2,)),), bad=(("040/NOGO", (1,)), *_set("040", "OVL", "TSV"))),
}
"""CAT002 ed. 1.2, CAT010 1.1, CAT019 1.3, CAT023 1.3, CAT034 1.29, CAT063 1.7, CAT065 1.6.

A station that suspects that it is being spoofed (023, 063 SPO), a service that is not in normal operation (I023/110 STAT) and a
sensor of which one part is out (I063/060) count as degraded; a system that is not connected (I065/040) as not to be used.
"""


def status(c: Checked, origin: Origin) -> Status:
    """Return the service messages of a category in LAYOUTS."""
    layout = LAYOUTS[c.records.table.category]
    none = np.full(len(c), np.nan)
    nogo = _any(c, layout.nogo)
    lat_deg, lon_deg = c.pair(*layout.position[:2]) if layout.position else (none, none)
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
        height_m=c.column(layout.position[2]) if layout.position else none,
        degraded=nogo | _any(c, layout.bad),
        nogo=nogo,
    )


def _any(c: Checked, bits: Bits) -> NDArray[np.bool_]:
    """Say which records have an element with one of its values."""
    out = np.zeros(len(c), np.bool_)
    for path, values in bits:
        out |= c.flag(path, *values)
    return out
