"""The world's airports, from the package airportsdata (MIT), read once."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from tenere.units import FOOT_M


class Airport(NamedTuple):
    """An airport; iata is empty where it has no such code, country is ISO 3166-1 alpha-2."""

    icao: str
    iata: str
    city: str
    country: str
    lat_deg: float
    lon_deg: float
    elevation_m: float


@cache
def by_icao() -> dict[str, Airport]:
    """Return every airport by its ICAO code, in the order of the codes; city is the airport's name where it has no city."""
    import airportsdata  # noqa: PLC0415 - not every command needs it

    rows = sorted(airportsdata.load("ICAO").items())
    return {
        code: Airport(code, a["iata"], a["city"] or a["name"], a["country"], float(a["lat"]), float(a["lon"]), a["elevation"] * FOOT_M)
        for code, a in rows
    }
