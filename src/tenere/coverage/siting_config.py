"""What a site file may say under [siting]: where new sensors might stand, what they would be, and what it is worth to see a place."""

from __future__ import annotations

from typing import Literal

import msgspec


class CandidateConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One place where a sensor might stand."""

    id: str
    """Short name."""
    lat_deg: float
    """WGS-84 latitude."""
    lon_deg: float
    """WGS-84 longitude."""
    antenna_m: float = float("nan")
    """Height of the antenna above the ground; left out: that of `antenna_m` in [siting]."""
    cost: float = 1.0
    """What a sensor there costs, in the unit of the budget."""


class ProtectConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place around which seeing is worth more: a town, a dam, an airport."""

    name: str = ""
    """What it is."""
    lat_deg: float
    """WGS-84 latitude."""
    lon_deg: float
    """WGS-84 longitude."""
    radius_km: float = 30.0
    """As far around it."""
    worth: float = 1.0
    """Of all that is within the radius together: 0.1 is as much as a tenth of the whole area, by `area_worth` 1."""


class SitingConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [siting]: where the next sensors should stand."""

    budget: float = 5.0
    """What may be spent: with costs of 1, the number of sensors."""
    area: str = ""
    """What is to be seen: id of an [[area]], or a country's two-letter code; empty: the home country, where a sensor stands in it."""
    at: tuple[str, ...] = ("5000ft",)
    """Heights at which places are to be seen, such as 1500ft (above the ground) or FL195; each counts the same."""
    kind: Literal["radar", "adsb", "mlat", "remote_id", "detector"] = "radar"
    """What the new sensors are."""
    range_m: float = 0.0
    """Their range; 0: the usual one of their kind."""
    antenna_m: float = 20.0
    """Height of their antennas above the ground."""
    min_elevation_deg: float = -90.0
    """Least elevation at which they see."""
    max_elevation_deg: float = float("nan")
    """Greatest elevation; left out: 45 for a radar, 90 for others."""
    beside: tuple[str, ...] = ()
    """Kinds of the site's own sensors that count as standing already; empty: all."""
    candidate: tuple[CandidateConfig, ...] = ()
    """Places where one might stand."""
    grid_km: float = 0.0
    """Candidates on a grid of this step; 0: none."""
    summits_km: float = 0.0
    """Candidates on every post that is the highest within so far; 0: none."""
    airports: bool = False
    """Candidates at the area's airports (package airportsdata)."""
    places: tuple[str, ...] = ()
    """Candidates from files of places: CSV with columns name, lat, lon, or GeoJSON points; paths are relative to the site file."""
    most_candidates: int = 2000
    """More than these are refused."""
    step_m: float = 0.0
    """Between the posts on which candidates are computed; 0: that of [coverage], 900 at the least."""
    demand_km: float = 10.0
    """Between the places for which it is asked whether they are seen."""
    area_worth: float = 1.0
    """Worth of seeing all of the area, each km2 the same."""
    traffic_worth: float = 0.0
    """Worth of seeing all that flies, each second of flight the same."""
    traffic: tuple[str, ...] = ()
    """Parquet tables of tracks or plots that say what flies; without any, the flights of the exercise."""
    protect: tuple[ProtectConfig, ...] = ()
    """Places that are worth more."""
    second_worth: float = 0.0
    """Worth of a second sensor that sees a place, as a share of the first one's: 0 to 1."""
    seconds: float = 60.0
    """How long to look for the best plan, once it is known what each candidate sees."""
    gap: float = 0.005
    """Share of the bound that a plan may fall short of it and be good enough."""
    seed: int = 1
    """Of what is tried at random."""
