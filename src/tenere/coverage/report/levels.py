"""Heights at which coverage is told, as people write them: 1500ft and 300m above the ground, FL195, 3000m-amsl above the sea.

>>> level("FL195").height.metres
5943.6
>>> level("1500 ft").name
'1500ft'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tenere.coverage.asking import Height
from tenere.coverage.horizon import CoverageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.coverage.config import CoverageConfig

FEET = 0.3048
HIGHEST_M = 100_000.0
MOST_LEVELS = 24

_FORM = re.compile(r"(?:fl\s*(?P<fl>\d{1,4})|(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>ft|m)(?:[-\s]?(?P<over>amsl|agl))?)", re.ASCII)


class Level(NamedTuple):
    """One height. name: short and fit for a file's name (1500ft, FL195, 3000m-amsl)."""

    name: str
    height: Height

    @property
    def feet(self) -> float:
        """The height in feet, above ground or sea."""
        return self.height.metres / FEET


def level(text: str) -> Level:
    """Read one height; raise CoverageError saying how it is written. A flight level is so many hundred feet of the standard atmosphere."""
    found = _FORM.fullmatch(text.strip().lower())
    if found is None:
        raise CoverageError(f"{text!r} is no height: write 1500ft or 300m (above the ground), FL195, 5000ft-amsl or 3000m-amsl")
    if found["fl"]:
        out = Level(f"FL{int(found['fl']):03d}", Height(int(found["fl"]) * 100.0 * FEET, above_ground=False))
    else:
        value, above_ground = float(found["value"]), found["over"] != "amsl"
        metres = value * (FEET if found["unit"] == "ft" else 1.0)
        out = Level(f"{value:.10g}{found['unit']}{'' if above_ground else '-amsl'}", Height(metres, above_ground))
    if not out.height.metres <= HIGHEST_M:
        raise CoverageError(f"{text!r} is above {HIGHEST_M / 1000:.0f} km: no aircraft flies there")
    return out


def levels(config: CoverageConfig, asked: Sequence[str] = ()) -> tuple[Level, ...]:
    """Return the heights asked for, else the site file's; each once. Raises CoverageError for one that does not read, and for none."""
    words = list(asked) or [*(f"{v:.10g}ft" for v in config.heights_ft), *(f"FL{v:.0f}" for v in config.flight_levels)]
    out = tuple(dict.fromkeys(level(word) for word in words))
    if not 0 < len(out) <= MOST_LEVELS:
        raise CoverageError(f"{len(out)} heights; give 1 to {MOST_LEVELS}: --at, or heights_ft and flight_levels of [coverage]")
    return out
