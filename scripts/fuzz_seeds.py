"""What fuzzing begins from: units of the real recordings where they are, and of what our own encoders and hands write."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.batch import Identities, Status, Tracks
from tenere.errors import TenereError
from tenere.exercise.config import ExerciseConfig
from tenere.feeds.exercise_feed import open_exercise
from tenere.wire import cot, nmea, recording, sapient
from tenere.wire.gdl90 import encode as gdl90
from tenere.wire.gdl90 import framing
from tenere.wire.uat import encode as uat

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDINGS = Path(__file__).parents[2] / "shared" / "data"
FOLDERS = ("asterix", "modes", "remoteid", "traj")
MOST = 300
LONGEST = 2000
READ_BYTES = 400_000

TEXTS: dict[str, tuple[str, ...]] = {
    "sbs": (
        "MSG,1,1,1,0A00A1,1,2030/03/17,17:46:40.000,2030/03/17,17:46:40.010,NIG123  ,,,,,,,,,,,\r\n",
        "MSG,3,1,1,0A00A1,1,2030/03/17,17:46:40.500,2030/03/17,17:46:40.510,,35000,,,13.48150,2.18370,,,0,0,0,0\r\n",
        "MSG,4,1,1,0A00A1,1,2030/03/17,17:46:41.000,2030/03/17,17:46:41.010,,,441.2,271.5,,,-64,,,,,\r\n",
        "STA,,1,1,0A00A1,1,2030/03/17,17:46:42.000,2030/03/17,17:46:42.010,RM\r\n",
    ),
    "nmea": (
        "$GPGGA,174640.00,1328.8900,N,00211.0220,E,1,09,0.9,223.4,M,24.1,M,,*5B\r\n",
        "$GPRMC,174640.00,A,1328.8900,N,00211.0220,E,000.5,054.7,170330,,,A*6C\r\n",
    ),
    "ogn": (
        "FLRDD0A01>APRS,qAS,Niamey:/174640h1328.89N/00211.02E'086/007/A=000607 !W33! id0ADD0A01 -019fpm +0.0rot 5.5dB 3e -4.3kHz\n",
        "Niamey>APRS,TCPIP*,qAC,GLIDERN1:/174640h1328.89NI00211.02E&/A=000607\n",
    ),
    "remote_id_json": ('{"mac":"a4:cf:12:00:00:01","uav id":"1581F0000000000001","lat":13.4815,"long":2.1837,"alt":260,"speed":7}\n',),
    "fpl": (
        "(FPL-NIG123-IS -B738/M-SDFGHIRWY/S -DRRN1745 -N0450F350 DCT TATAT UM608 BULSA -DFFD0110 DXXX -DOF/300317 REG/5UABC STS/HUM)\r\n",
        "(DEP-NIG123-DRRN1748-DFFD-DOF/300317)\r\n(DLA-NIG123-DRRN1830-DFFD-0)\r\n(CNL-NIG123-DRRN1745-DFFD-0)\r\n",
        "(CHG-NIG123-DRRN1745-DFFD-DOF/300317-16/DXXX0140 DFFD)\r\n(ARR-NIG123-DRRN-DFFD1855)\r\n",
    ),
    "metar": (
        "METAR DRRN 171730Z 24008KT 9999 SCT030 38/21 Q1010 NOSIG=\r\nSPECI COR DRZA 171746Z AUTO 09012KT CAVOK M02/M07 A2992 RMK AO2=\r\n",
        "SANI31 DRRN 171700\r\nMETAR\r\nDFFD 171700Z NIL=\r\nDIAP 171700Z 00000KT 0500 FG\r\n  24/24 Q1012\r\n  TEMPO 2000 BR=\r\n",
    ),
    "plots": (
        "time,lat,lon,baro_altitude,icao24,callsign\n1900000000.5,13.4815,2.1837,10668,0a00a1,NIG123\n1900000001.5,13.49,2.19,,0a00a1,\n",
    ),
    "cot": (
        (
            '<event version="2.0" uid="ICAO-0A00A1" type="a-n-A-C-F" time="2030-03-17T17:46:40Z" start="2030-03-17T17:46:40Z" '
            'stale="2030-03-17T17:47:40Z" how="m-g"><point lat="13.48" lon="2.18" hae="10668" ce="50" le="9999999"/>'
            '<detail><contact callsign="NIG123"/><track course="271.5" speed="227"/></detail></event>'
        ),
    ),
}
"""Hand-written samples of the text formats."""


def _text(name: str) -> list[bytes]:
    return [t.encode() for t in TEXTS[name]]


def _nmea() -> list[bytes]:
    return [*_text("nmea"), *(nmea.encode(1.9e9 + k, 13.48, 2.18, height_m=223.4, separation_m=24.1) for k in range(4))]


def _gdl90() -> list[bytes]:
    place = {"lat_deg": 13.48, "lon_deg": 2.18, "altitude_ft": 35000.0, "speed_kt": 441.0, "track_deg": 271.0, "vertical_fpm": -64.0}
    messages = [
        gdl90.heartbeat(63_999, reports=3),
        gdl90.report(address=0x0A00A1, callsign="NIG123", category=3, **place),
        gdl90.report(framing.OWNSHIP, address=0x0A00A2, airborne=False, **place),
        gdl90.report(address=1, address_type=2, **place),
        gdl90.altitude(36_000.0, 40),
        gdl90.terrain(2000),
        gdl90.device(7, "box", "a box"),
        gdl90.attitude(3.0, -1.0, 271.0),
        gdl90.pass_through(uplinks()[0]),
    ]
    return [framing.frame(m) for m in messages]


def uplinks() -> list[bytes]:
    """Return uplinks of a UAT ground station, with text and without."""
    text = uat.fis_b(413, uat.dlac("METAR DRRN 171746Z 09008KT CAVOK 38/07 Q1010="), hour=17, minute=46)
    return [uat.uplink(13.48, 2.18, [(0, text), (14, b"\x01\x02")]), uat.uplink(13.48, 2.18, [])]


def _uat() -> list[bytes]:
    place = {"lat_deg": 13.48, "lon_deg": 2.18, "altitude_ft": 35000.0}
    air = {"north_kt": 10.0, "east_kt": -440.0, "vertical_fpm": 64.0}
    payloads = [uat.adsb(0, address=0x0A00A1, **place, **air)]
    payloads += [uat.adsb(kind, address=0x0A00A1 + kind, qualifier=kind % 7, **place, **air) for kind in range(1, 11)]
    payloads.append(uat.mode_status(uat.adsb(1, address=0x0A00A1, **place, ground_kt=12.0, track_deg=90.0), callsign="NIG123", category=3))
    return [uat.line(p, 1_900_000_000.5) for p in [*(p.bytes() for p in payloads), *uplinks()]]


def _picture() -> tuple[Tracks, Identities]:
    n = 4
    tracks = Tracks.blank(
        n,
        number=np.arange(1, n + 1),
        time_s=1.9e9,
        first_s=1.9e9 - 60,
        lat_rad=0.23,
        lon_rad=0.04,
        course_rad=1.0,
        speed_ms=220.0,
        vertical_rate_ms=1.0,
        pressure_altitude_m=10_000.0,
        var_xx_m2=400.0,
        var_xy_m2=0.0,
        var_yy_m2=400.0,
        existence=0.99,
        address=np.arange(0x0A00A1, 0x0A00A1 + n),
        callsign=b"NIG123",
        aircraft_class=np.arange(n),
        flags=1,
    )
    return tracks, Identities.blank(n, number=tracks.number, identity=np.arange(n), civil=1)


def _cot() -> list[bytes]:
    picture = _picture()
    return [
        *_text("cot"),
        *cot.encode_events(*picture),
        *cot.encode_protobuf(*picture),
        *cot.encode_protobuf(*picture, mesh=False),
    ]


def _sapient() -> list[bytes]:
    node = "5f8a1c8e-9f0e-4f43-8f55-3c6d2f1a0b11"
    status = Status.blank(2, time_s=1.9e9, lat_rad=0.23, lon_rad=0.04, height_m=200.0, degraded=[0, 1], nogo=0)
    return [
        *sapient.encode_detections(*_picture(), node),
        *sapient.encode_status(status, [node, node]),
        sapient.encode_registration(node, time_s=1.9e9, name="a radar"),
    ]


MADE: dict[str, Callable[[], list[bytes]]] = {
    **{name: functools.partial(_text, name) for name in TEXTS},
    "nmea": _nmea,
    "gdl90": _gdl90,
    "uat": _uat,
    "cot": _cot,
    "sapient": _sapient,
}
"""Samples by format."""


@functools.cache
def _exercise() -> dict[str, list[bytes]]:
    """Return what the built-in exercise's sensors sent in a minute, by format."""
    game = open_exercise(ExerciseConfig(aircraft=40))
    formats = {s.id: s.format for s in game.sources}
    out: dict[str, list[bytes]] = {}
    start_s = ExerciseConfig().start_s
    for k in range(1, 60):
        for chunk in game.advance(start_s + k):
            begin = 0
            for end in chunk.ends.tolist():
                out.setdefault(formats[chunk.source], []).append(chunk.data[begin:end][:LONGEST])
                begin = end
    return out


@functools.cache
def _recorded() -> dict[str, list[bytes]]:
    """Return units of the real recordings by format, and the beginning of each file under "whole files"."""
    out: dict[str, list[bytes]] = {}
    for folder in FOLDERS:
        for path in sorted((RECORDINGS / folder).glob("*")) if (RECORDINGS / folder).is_dir() else ():
            data = path.read_bytes()
            out.setdefault("whole files", []).append(data[:LONGEST])
            try:
                found = recording.read(data if data[:2] == b"\x1f\x8b" else data[:READ_BYTES])
            except TenereError:
                continue
            begin, units = 0, []
            for end in found.chunk.ends[:20_000].tolist():
                units.append(found.chunk.data[begin:end][:LONGEST])
                begin = end
            units = [u for u in units if u.strip()]
            if found.format == "plots":  # rows mean nothing without their header
                units = [data[:LONGEST]]
            out.setdefault(found.format, []).extend(units[:: max(1, len(units) // 60)])
    return out


@functools.cache
def seeds_of(name: str) -> tuple[list[bytes], dict[str, Any]]:
    """Return up to MOST samples of a format (or of "whole files"), and the options its decoder is given."""
    made = MADE[name]() if name in MADE else []
    seeds = [*made, *_exercise().get(name, []), *_recorded().get(name, [])]
    if name == "whole files":
        seeds += [s for kind in sorted(MADE) for s in MADE[kind]()] + [s for kind in sorted(_exercise()) for s in _exercise()[kind][:20]]
    seeds = [s for s in seeds if s]
    assert seeds, f"{name}: nothing to begin from: add samples to scripts/fuzz_seeds.py"
    return seeds[:: max(1, len(seeds) // MOST)], {}
