"""The picture in other programs' formats: aircraft.json of the readsb family, GeoJSON, Arrow.

Each is made once a tick however many ask, in a thread and one at a time: the picture's own loop does not wait for them.
Civil conventions only: no identity goes into aircraft.json.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from starlette.responses import Response
from starlette.routing import Route

from tenere.batch import AircraftClass, Emergency, HeightSource, PlotKind, TrackFlag
from tenere.schema import schema_hash
from tenere.serve.answers import as_error, as_json
from tenere.serve.page import page_tracks, worse_std_m
from tenere.serve.picture import number_or_none, track_rows
from tenere.units import FOOT_M
from tenere.wire.mode_s.codes import NACP_STD_M

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from starlette.requests import Request

    from tenere.serve.hub import Hub
    from tenere.serve.snapshot import Snapshot

WAITING = 32
"""Requests that wait for a format at once; more are sent away."""
REFRESH_MS = 1000
GEOJSON, ARROW = "application/geo+json", "application/vnd.apache.arrow.stream"

EMERGENCIES: dict[int, str] = {
    Emergency.NONE: "none",
    Emergency.GENERAL: "general",
    Emergency.MEDICAL: "lifeguard",
    Emergency.MINIMUM_FUEL: "minfuel",
    Emergency.NO_RADIO: "nordo",
    Emergency.UNLAWFUL: "unlawful",
    Emergency.DOWNED: "downed",
}
"""Words of the emergency states, as that family of programs writes them."""

CATEGORIES: dict[int, str] = {
    AircraftClass.LIGHT: "A1",
    AircraftClass.AIRLINER: "A3",
    AircraftClass.HELICOPTER: "A7",
    AircraftClass.GLIDER: "B1",
    AircraftClass.DRONE: "B6",
    AircraftClass.VEHICLE: "C2",
    AircraftClass.BALLOON: "B2",
    AircraftClass.HIGH_PERFORMANCE: "A6",
}
"""An emitter category of each class (DO-260B 2.2.3.2.5.2): the class is what is kept of the category that was broadcast."""

TYPES: tuple[tuple[int, str, str], ...] = (
    (1 << PlotKind.ADSB, "adsb_icao", "adsb_other"),
    (1 << PlotKind.ADSR, "adsr_icao", "adsr_other"),
    (1 << PlotKind.MLAT, "mlat", "mlat"),
    (1 << PlotKind.TISB, "tisb_icao", "tisb_other"),
    (
        sum(1 << k for k in (PlotKind.PSR, PlotKind.SSR, PlotKind.PSR_SSR, PlotKind.MODE_S, PlotKind.PSR_MODE_S, PlotKind.SMR)),
        "tisb_icao",  # a target known by its address that a ground radar tracks
        "tisb_trackfile",
    ),
)
"""(bits of PlotKind, type with an ICAO address, type without), the best first; "other" where none fits."""


def type_of(kinds: int, *, addressed: bool) -> str:
    """Return what a position rests on, in the words of aircraft.json."""
    for bits, named, nameless in TYPES:
        if kinds & bits:
            return named if addressed else nameless
    return "other"


def nac_p(std_m: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the NACp, (n,), that one-sigma errors a side are good for; 0 where it is not known or past 10 NM."""
    finest = NACP_STD_M[11:0:-1]  # 11, 10, ... 1
    order = np.searchsorted(finest, np.nan_to_num(std_m, nan=np.inf))
    return np.where(order < len(finest), 11 - order, 0)


def own_address(address: NDArray[np.int32], update_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which rows go by their ICAO address: of several with the same, the one heard last. Clients know an aircraft by it alone."""
    order = np.lexsort((update_s, address))
    last = np.ones(len(address), np.bool_)
    last[:-1] = address[order][1:] != address[order][:-1]
    out = np.zeros(len(address), np.bool_)
    out[order[last]] = True
    return out & (address >= 0)


def aircraft(snap: Snapshot) -> bytes:
    """Return aircraft.json: confirmed tracks and other systems', none that is a test, keys left out where nothing is known."""
    shown = ((snap.tracks.flags & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM)) != 0) & ((snap.tracks.flags & TrackFlag.NOT_LIVE) == 0)
    t, page = snap.tracks.take(shown), page_tracks(snap)[0].take(shown)
    measured = t.height_from == HeightSource.MEASURED
    columns = zip(
        t.number.tolist(),
        own_address(t.address, t.update_s).tolist(),
        t.address.tolist(),
        t.kinds.tolist(),
        t.flags.tolist(),
        [c.decode("ascii", "replace") for c in t.callsign.tolist()],
        page.lat_deg.tolist(),
        page.lon_deg.tolist(),
        page.level_ft.tolist(),
        np.where(measured, t.height_m / FOOT_M, np.nan).tolist(),
        page.speed_kt.tolist(),
        page.course_deg.tolist(),
        page.vertical_fpm.tolist(),
        t.mode_a.tolist(),
        t.emergency.tolist(),
        t.aircraft_class.tolist(),
        nac_p(worse_std_m(t.var_xx_m2, t.var_xy_m2, t.var_yy_m2)).tolist(),
        np.maximum(snap.time_s - t.update_s, 0.0).tolist(),
        strict=True,
    )
    rows = [_aircraft(*row) for row in columns]
    return msgspec.json.encode({"now": snap.time_s, "messages": int(snap.counts.get("plots", 0)), "aircraft": rows})


def _aircraft(
    number: int,
    own: bool,
    address: int,
    kinds: int,
    flags: int,
    callsign: str,
    lat: float,
    lon: float,
    level_ft: float,
    height_ft: float,
    speed_kt: float,
    course_deg: float,
    vertical_fpm: float,
    mode_a: int,
    emergency: int,
    class_: int,
    nac: int,
    seen_s: float,
) -> dict[str, Any]:
    """Return one aircraft."""
    kind = type_of(kinds, addressed=own)
    placed = math.isfinite(lat) and math.isfinite(lon)
    known: dict[str, Any] = {
        "hex": f"{address:06x}" if own else f"~{number & 0xFFFFFF:06x}",
        "type": kind,
        "flight": f"{callsign:<8}" if callsign else None,
        "alt_baro": "ground" if flags & TrackFlag.ON_GROUND else round(level_ft) if math.isfinite(level_ft) else None,
        "alt_geom": round(height_ft) if math.isfinite(height_ft) else None,
        "gs": number_or_none(speed_kt, 1),
        "track": number_or_none(course_deg % 360.0, 2),
        "baro_rate": round(vertical_fpm) if math.isfinite(vertical_fpm) else None,
        "squawk": f"{mode_a:04o}" if mode_a >= 0 else None,
        "emergency": EMERGENCIES.get(emergency),
        "category": CATEGORIES.get(class_),
        "lat": round(lat, 6) if placed else None,
        "lon": round(lon, 6) if placed else None,
        "nac_p": nac if placed else None,
        "seen_pos": number_or_none(seen_s, 1) if placed else None,
        "mlat": ["lat", "lon"] if kind == "mlat" else [],
        "tisb": ["lat", "lon"] if kind.startswith("tisb") else [],
        "seen": number_or_none(seen_s, 1),
        "spi": 1 if flags & TrackFlag.SPI else 0,
    }
    return {k: v for k, v in known.items() if v is not None}


def receiver(hub: Hub) -> dict[str, Any]:
    """Return receiver.json."""
    place = {"lat": number_or_none(hub.site.lat_deg, 6), "lon": number_or_none(hub.site.lon_deg, 6)}
    told = {k: v for k, v in place.items() if v is not None}
    return {"version": f"Tenere {hub.version} ({hub.mode})", "refresh": REFRESH_MS, "history": 0, **told}


def geojson(snap: Snapshot) -> bytes:
    """Return the tracks as a FeatureCollection (RFC 7946); one without a place on the map has no geometry."""
    features = []
    for row in track_rows(snap):
        lat, lon = row.pop("lat"), row.pop("lon")
        point = {"type": "Point", "coordinates": [lon, lat]} if lat is not None and lon is not None else None
        features.append({"type": "Feature", "id": row["number"], "geometry": point, "properties": row})
    return msgspec.json.encode({"type": "FeatureCollection", "time": snap.time_s, "features": features})


def arrow(snap: Snapshot) -> bytes:
    """Return the columns of the tracks and of their identities as one Arrow stream, each with its unit and meaning."""
    import pyarrow as pa  # noqa: PLC0415 - slow to import, and few ask

    from tenere.arrow import to_arrow  # noqa: PLC0415 - the same

    table = to_arrow(snap.tracks)
    who = to_arrow(snap.identities)
    for field in who.schema:
        if field.name != "number":  # row for row the same
            table = table.append_column(field, who.column(field.name))
    table = table.replace_schema_metadata({"time_s": repr(snap.time_s), "schema": schema_hash()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]  # pyarrow is untyped


class Made:
    """What is made of a tick's snapshot, once however many ask: in a thread, one at a time."""

    def __init__(self, hub: Hub) -> None:
        """Make of a hub's snapshots."""
        self.hub = hub
        self._held: dict[str, tuple[int, bytes]] = {}
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def of(self, key: str, make: Callable[[Snapshot], bytes]) -> bytes | None:
        """Return what is made under a key of the latest snapshot; b"" before the first, None where too many wait."""
        hub = self.hub
        held = self._held.get(key)
        if hub.snapshot is None or (held is not None and held[0] == hub.sequence):
            return held[1] if held is not None and hub.snapshot is not None else b""
        if self._waiting >= WAITING:
            return None
        self._waiting += 1
        try:
            async with self._turn:
                snap, sequence = hub.snapshot, hub.sequence
                held = self._held.get(key)
                if held is None or held[0] != sequence:
                    held = self._held[key] = (sequence, await asyncio.to_thread(make, snap))
                return held[1]
        finally:
            self._waiting -= 1


class FormatRoutes:
    """Answers with the picture in other formats."""

    def __init__(self, hub: Hub) -> None:
        """Answer for a hub."""
        self.hub = hub
        self._made = Made(hub)

    async def _give(self, key: str, make: Callable[[Snapshot], bytes], media: str, empty: bytes | None) -> Response:
        body = await self._made.of(key, make)
        if body is None:
            return _later(as_error(503, "too many ask at once: try again"))
        if not body and empty is None:
            return _later(as_error(503, "the first tick is still to come: try again"))
        return Response(body or empty, media_type=media, headers={"Cache-Control": "no-store"})

    async def aircraft(self, _: Request) -> Response:
        """GET /data/aircraft.json."""
        return await self._give("aircraft", aircraft, "application/json", b'{"now":0.0,"messages":0,"aircraft":[]}')

    async def receiver(self, _: Request) -> Response:
        """GET /data/receiver.json."""
        return as_json(receiver(self.hub))

    async def geojson(self, _: Request) -> Response:
        """GET /api/tracks.geojson."""
        return await self._give("geojson", geojson, GEOJSON, b'{"type":"FeatureCollection","time":null,"features":[]}')

    async def arrow(self, _: Request) -> Response:
        """GET /api/tracks.arrow."""
        return await self._give("arrow", arrow, ARROW, None)


def _later(answer: Response) -> Response:
    answer.headers["Retry-After"] = "1"
    return answer


def format_routes(hub: Hub) -> list[Route]:
    """Return the routes of the formats."""
    of = FormatRoutes(hub)
    return [
        Route("/data/aircraft.json", of.aircraft),
        Route("/data/receiver.json", of.receiver),
        Route("/api/tracks.geojson", of.geojson),
        Route("/api/tracks.arrow", of.arrow),
    ]
