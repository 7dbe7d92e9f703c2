"""What a site file may say under [coverage]: the ground, the heights asked about, and what sensors can do beyond their range."""

from __future__ import annotations

from typing import Literal

import msgspec

from tenere.coverage.parameters import RadarParameters, ReceiverParameters


class ObstacleConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that stands on the ground and hides what is behind it."""

    lat_deg: float
    """WGS-84 latitude."""
    lon_deg: float
    """WGS-84 longitude."""
    height_m: float
    """Height above the ground."""
    width_m: float = 0.0
    """Width across the line of sight."""


class CoverageConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [coverage]: how coverage is computed."""

    terrain: tuple[str, ...] = ("demo",)
    """Rasters and folders of rasters, finer ones first; "demo" is the demo terrain. Paths are relative to the site file."""
    crs: str = ""
    """Projection of rasters that name none."""
    step_m: float = 450.0
    """Between posts. Near the terrain's own: 90 for SRTM, 30 for GLO-30, 900 for the demo."""
    refraction: float = 4.0 / 3.0
    """Effective over true radius of the Earth (Recommendation ITU-R P.453)."""
    heights_ft: tuple[float, ...] = (500.0, 1500.0, 5000.0, 10000.0)
    """Heights above the ground at which coverage is told."""
    flight_levels: tuple[float, ...] = (100.0, 195.0, 245.0)
    """Flight levels at which coverage is told; by the standard atmosphere, above mean sea level."""
    target: Literal["airliner", "light", "drone"] = "airliner"
    """What is to be seen: its echo, or the power of its transponder, says how far out. Drones have none."""
    detected: float = 0.8
    """Seen means detected with at least this probability a look of a radar, a second of a receiver."""
    radar: dict[str, RadarParameters] = {}
    """What radars can do, by the id of their sensor; without, a radar sees an airliner as far as its range_m."""
    receiver: dict[str, ReceiverParameters] = {}
    """What receivers of ADS-B and Mode S can do, by the id of their sensor."""
    obstacle: tuple[ObstacleConfig, ...] = ()
    """Buildings, masts, lines of trees."""
    live: bool = True
    """Offer coverage on the page: it is computed when somebody first asks for it."""
    live_posts: int = 40_000_000
    """Most posts of the plane that the page's coverage is computed on, some 30 bytes each; a larger one is laid with a wider step."""
