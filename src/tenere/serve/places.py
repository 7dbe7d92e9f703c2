"""The airports that the map names."""

from __future__ import annotations

from typing import Any

from tenere.geo.airports import by_icao


def airports(country: str = "") -> list[list[Any]]:
    """Return [code, name, latitude, longitude, rank] of airports, degrees to 4 decimals.

    Rank 1: an airport of the country with an IATA code; 2: another of the country; 3: an IATA airport elsewhere.
    Airports elsewhere without an IATA code are left out: they would only crowd the map.
    """
    out: list[list[Any]] = []
    for code, a in by_icao().items():
        home = bool(country) and a.country == country
        if home or a.iata:
            rank = (1 if a.iata else 2) if home else 3
            out.append([code, a.city, round(a.lat_deg, 4), round(a.lon_deg, 4), rank])
    return out
