"""What may be asked of the coverage desk: heights, windows of the map and a sensor tried elsewhere, each checked."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from tenere.coverage.asking import Box, Height
from tenere.errors import TenereError
from tenere.units import FLIGHT_LEVEL_M, FOOT_M

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tenere.coverage.config import CoverageConfig

HIGHEST_FT = 60_000
HIGHEST_FL = 600
MOST_WIDTH = 1600
"""Pixels of the widest image."""

Kind = Literal["single", "double"]


class AskError(TenereError):
    """A request that makes no sense: the message says what may be asked."""


def height_name(height: Height) -> str:
    """Return what a height is called: 1500ft above ground, FL195."""
    if height.above_ground:
        return f"{height.metres / FOOT_M:.0f}ft"
    return f"FL{height.metres / FLIGHT_LEVEL_M:03.0f}"


def heights_of(coverage: CoverageConfig) -> tuple[Height, ...]:
    """Return the heights that a site tells coverage at, lowest first, flight levels last; those that cannot be asked for left out."""
    feet = sorted({float(round(v)) for v in coverage.heights_ft if 0.0 <= v <= HIGHEST_FT})
    levels = sorted({float(round(v)) for v in coverage.flight_levels if 0.0 <= v <= HIGHEST_FL})
    return (*(Height(v * FOOT_M) for v in feet), *(Height(v * FLIGHT_LEVEL_M, above_ground=False) for v in levels))


def height_of(text: str) -> Height:
    """Return the height that a name says. Raises AskError."""
    found = re.fullmatch(r"(?:([0-9]{1,5})ft|FL([0-9]{1,3}))", text, re.ASCII)
    if found and found[1] and int(found[1]) <= HIGHEST_FT:
        return Height(int(found[1]) * FOOT_M)
    if found and found[2] and int(found[2]) <= HIGHEST_FL:
        return Height(int(found[2]) * FLIGHT_LEVEL_M, above_ground=False)
    raise AskError(f"height: give feet above ground (1500ft, at most {HIGHEST_FT}ft) or a flight level (FL195, at most FL{HIGHEST_FL})")


def kind_of(text: str) -> Kind:
    """Return which layer is asked for. Raises AskError."""
    if text == "single":
        return "single"
    if text == "double":
        return "double"
    raise AskError("kind: single (seen by one at least) or double (seen by two at least)")


def number(asked: Mapping[str, str], name: str, low: float, high: float) -> float:
    """Return a number between two limits. Raises AskError."""
    try:
        value = float(asked.get(name, ""))
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise AskError(f"{name}: give a number from {low:g} to {high:g}")
    return value


def box_of(text: str) -> Box:
    """Return the window that "west,south,east,north" says, in degrees. Raises AskError; `frame` checks its order."""
    parts = text.split(",") if len(text) < 200 else []
    try:
        values = [float(v) for v in parts]
    except ValueError:
        values = []
    if len(values) != 4 or not all(map(math.isfinite, values)):
        raise AskError("box: give west,south,east,north in degrees")
    return Box(*values)


class Try(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sensor put elsewhere, or a new one: nothing of the running picture changes."""

    lat: Annotated[float, msgspec.Meta(ge=-90.0, le=90.0)]
    """WGS-84 latitude."""
    lon: Annotated[float, msgspec.Meta(ge=-180.0, le=180.0)]
    """WGS-84 longitude."""
    height: Annotated[str, msgspec.Meta(max_length=16)]
    """The height shown."""
    box: tuple[float, float, float, float]
    """Window of the map: west, south, east, north."""
    width: Annotated[int, msgspec.Meta(ge=1, le=MOST_WIDTH)] = 800
    """Pixels of the image."""
    kind: Kind = "single"
    """Which layer is shown."""
    sensor: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """id of the sensor that is moved; empty: a new one."""
    antenna_m: Annotated[float, msgspec.Meta(ge=0.0, le=1000.0)] | None = None
    """Height of the antenna above ground; left out: as the sensor's own, 20 for a new one."""
    range_m: Annotated[float, msgspec.Meta(ge=1000.0, le=600_000.0)] | None = None
    """Range; left out: as the sensor's own, 370,400 (200 nautical miles) for a new one."""
