"""Every field of every UAT record, as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.wire.detail import Column, Detail
from tenere.wire.uat import downlink, uplink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.wire.uat.text import Message

ADSB, UPLINK, FIS_B = "UAT ADS-B", "UAT uplink", "UAT FIS-B"

MEANING: dict[str, tuple[str, str]] = {
    "payload_type": ("", "what the message is made of (DO-282B table 2-10)"),
    "address_qualifier": (
        "",
        "0 ADS-B ICAO, 1 ADS-B self-assigned, 2 TIS-B or ADS-R ICAO, 3 TIS-B track file, 4 vehicle, 5 fixed beacon, 6 ADS-R other",
    ),
    "address": ("", "24-bit address, of the kind that the qualifier says"),
    "lat_deg": ("deg", "WGS-84 latitude"),
    "lon_deg": ("deg", "WGS-84 longitude"),
    "altitude_type": ("", "of altitude_ft: 0 pressure, 1 geometric"),
    "altitude_ft": ("ft", "altitude, 25 ft a step"),
    "nic": ("", "navigation integrity category"),
    "air_ground": ("", "0 airborne, 1 airborne supersonic, 2 on the ground, 3 reserved"),
    "north_kt": ("kt", "velocity, north"),
    "east_kt": ("kt", "velocity, east"),
    "speed_kt": ("kt", "ground speed, on the ground"),
    "angle_type": ("", "of angle_deg: 0 none, 1 true track, 2 magnetic heading, 3 true heading"),
    "angle_deg": ("deg", "track or heading, on the ground"),
    "vertical_source": ("", "of vertical_fpm: 0 geometric, 1 barometric"),
    "vertical_fpm": ("ft/min", "vertical rate, up positive"),
    "length_m": ("m", "length, upper bound"),
    "width_m": ("m", "width, upper bound"),
    "gps_offset": ("", "where the GPS antenna sits, as broadcast: bit 64 (from 1): along, else across"),
    "utc_coupled": ("", "1 its transmissions are tied to UTC"),
    "uplink_feedback": ("", "how many uplinks it received, as a code"),
    "site_id": ("", "TIS-B or ADS-R site"),
    "category": ("", "emitter category: 1-7 are A1-A7, 9-15 B1-B7, 17-21 C1-C5"),
    "callsign": ("", "callsign"),
    "flight_plan_id": ("", "flight plan identification, usually the Mode A code in octal"),
    "emergency": ("", "0 none, 1 general, 2 medical, 3 minimum fuel, 4 no radio, 5 unlawful interference, 6 downed, 7 reserved"),
    "version": ("", "MOPS version: 0 none stated, 1 DO-282A, 2 DO-282B"),
    "sil": ("", "source integrity level"),
    "transmit_mso": ("", "six bits of the message start opportunity"),
    "sda": ("", "system design assurance (reserved before version 2)"),
    "nac_p": ("", "navigation accuracy category of position"),
    "nac_v": ("", "navigation accuracy category of velocity"),
    "nic_baro": ("", "1 its barometric altitude is cross-checked"),
    "uat_in": ("", "1 it receives UAT"),
    "es_in": ("", "1 it receives 1090 MHz extended squitter (reserved before version 2)"),
    "tcas_operational": ("", "1 TCAS operates (version 1: a resolution advisory is active)"),
    "tcas_ra": ("", "1 a TCAS resolution advisory is active"),
    "ident": ("", "1 IDENT switch active"),
    "atc_services": ("", "1 it receives air traffic services"),
    "sil_supplement": ("", "of sil: 0 an hour, 1 a sample"),
    "gva": ("", "geometric vertical accuracy"),
    "single_antenna": ("", "1 one antenna only"),
    "nic_supplement": ("", "NIC supplement flag"),
    "secondary_altitude_ft": ("ft", "altitude of the type that altitude_ft is not"),
    "selected_altitude_type": ("", "0 mode control panel, 1 flight management system"),
    "selected_altitude_ft": ("ft", "selected altitude"),
    "pressure_setting_hpa": ("hPa", "barometric pressure setting"),
    "selected_heading_deg": ("deg", "selected heading"),
    "modes": ("", "bits: 16 autopilot, 8 VNAV, 4 altitude hold, 2 approach, 1 LNAV"),
}


def _received(heard: Sequence[Message], times_s: NDArray[np.float64]) -> tuple[Column, ...]:
    """Return the columns that every table begins with."""
    errors = np.array([m.errors for m in heard], np.int8)
    return (
        Column("offset", np.array([m.offset for m in heard], np.int64), "", "byte offset of the record in what its source delivered"),
        Column("receive_s", np.array([m.receive_s for m in heard], np.float64), "s", "receive time"),
        Column("time_s", times_s, "s", "reception as its line states it, else receive time"),
        Column("errors", errors, "", "symbols corrected by the receiver", errors >= 0),
        Column("level_db", np.array([m.level_db for m in heard], np.float64), "dB", "signal level"),
    )


def adsb(heard: Sequence[Message], times_s: NDArray[np.float64]) -> Detail:
    """Return the table of ADS-B messages."""
    fields = downlink.read(downlink.stack([m.payload for m in heard]))
    columns = []
    for name, values in zip(fields._fields, fields, strict=True):
        unit, doc = MEANING[name]
        present = None if values.dtype.kind == "f" else np.asarray(values != (b"" if values.dtype.kind == "S" else -1), np.bool_)
        narrow = values.astype(np.int32 if name == "address" else np.int8) if values.dtype.kind == "i" else values
        columns.append(Column(name, narrow, unit, doc, present))
    return Detail((*_received(heard, times_s), *columns))


def _numbers(rows: Sequence[Sequence[int]], width: int) -> NDArray[np.int64]:
    return np.array(rows, np.int64).reshape(-1, width)


def ground(heard: Sequence[Message], times_s: NDArray[np.float64]) -> dict[str, Detail]:
    """Return the tables of uplinks and of the FIS-B products in them."""
    stations = [uplink.station(m.payload) for m in heard]
    found = [uplink.frames(m.payload)[0] for m in heard]
    fis_b = [sum(f.kind == uplink.FIS_B for f in frames) for frames in found]
    placed = np.array([s.placed for s in stations], np.bool_)
    rest = _numbers(
        [[s.utc_coupled, s.application_valid, s.slot, s.site_id, len(f), b] for s, f, b in zip(stations, found, fis_b, strict=True)], 6
    )
    site = Detail(
        (
            *_received(heard, times_s),
            Column("lat_deg", np.array([s.lat_deg for s in stations], np.float64), "deg", "WGS-84 latitude of the station", placed),
            Column("lon_deg", np.array([s.lon_deg for s in stations], np.float64), "deg", "WGS-84 longitude of the station", placed),
            Column("utc_coupled", rest[:, 0].astype(np.int8), "", "1 it is tied to UTC"),
            Column("application_valid", rest[:, 1].astype(np.int8), "", "1 there are application data"),
            Column("slot", rest[:, 2].astype(np.int8), "", "slot in the first 188 ms of the second"),
            Column("site_id", rest[:, 3].astype(np.int8), "", "TIS-B site"),
            Column("frames", rest[:, 4].astype(np.int16), "", "information frames"),
            Column("fis_b", rest[:, 5].astype(np.int16), "", "those of them that hold FIS-B products"),
        )
    )
    return {UPLINK: site, FIS_B: _products(heard, times_s, found)}


def _products(heard: Sequence[Message], times_s: NDArray[np.float64], found: Sequence[Sequence[uplink.Frame]]) -> Detail:
    """Return the table of FIS-B products."""
    rows, numbers, texts = [], [], []
    for i, frames in enumerate(found):
        for frame in frames:
            got = uplink.product(frame.data) if frame.kind == uplink.FIS_B else None
            if got is not None:
                rows.append(i)
                numbers.append(
                    [
                        got.product,
                        got.flags,
                        got.segmented,
                        got.month,
                        got.day,
                        got.hour,
                        got.minute,
                        got.second,
                        frame.first,
                        len(got.data),
                    ]
                )
                texts.append(uplink.text(got).encode("ascii", "replace"))
    n, at = _numbers(numbers, 10), np.array(rows, np.int64)

    def number(column: int, name: str, dtype: Any, doc: str) -> Column:  # noqa: ANN401 - numpy's own dtype argument
        values = n[:, column]
        return Column(name, values.astype(dtype), "", doc, values >= 0 if column in {3, 4, 7} else None)

    return Detail(
        (
            *_received([heard[i] for i in rows], times_s[at]),
            number(0, "product", np.int16, "FIS-B product: 8 NOTAM, 11 AIRMET, 12 SIGMET, 13 SUA, 63, 64 NEXRAD, 413 text"),
            number(1, "product_flags", np.int8, "bits: 4 application, 2 geographic, 1 provider"),
            number(2, "segmented", np.int8, "1 a part of a longer product"),
            number(3, "month", np.int8, "month of the product"),
            number(4, "day", np.int8, "day of the product"),
            number(5, "hour", np.int8, "hour of the product, UTC"),
            number(6, "minute", np.int8, "minute of the product"),
            number(7, "second", np.int8, "second of the product"),
            number(8, "position", np.int16, "where its information frame begins in the uplink"),
            number(9, "size", np.int16, "bytes of its data"),
            Column(
                "text",
                np.frombuffer(b"".join(texts), np.uint8),
                "",
                "text of product 413, ASCII, a report a line",
                offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum([len(t) for t in texts], dtype=np.int64)]),
                octets=True,
            ),
        )
    )
