"""Every field of every GDL 90 message, as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.wire.detail import Column, Detail
from tenere.wire.gdl90 import framing as f
from tenere.wire.gdl90 import reports

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tenere.wire.gdl90.framing import Message

    Timed = Sequence[tuple[Message, float]]

REPORT: dict[str, tuple[str, str]] = {
    "number": ("", "10 ownship, 20 traffic"),
    "alert": ("", "1 the receiver calls it to attention"),
    "address_type": ("", "0 ADS-B ICAO, 1 ADS-B self-assigned, 2 TIS-B ICAO, 3 TIS-B track file, 4 surface vehicle, 5 ground beacon"),
    "address": ("", "24-bit address, of the kind that address_type says"),
    "lat_deg": ("deg", "WGS-84 latitude"),
    "lon_deg": ("deg", "WGS-84 longitude"),
    "altitude_ft": ("ft", "pressure altitude, 25 ft a step"),
    "airborne": ("", "0 on the ground, 1 airborne"),
    "extrapolated": ("", "1 extrapolated from an earlier report"),
    "angle_type": ("", "of angle_deg: 0 none, 1 true track, 2 magnetic heading, 3 true heading"),
    "nic": ("", "navigation integrity category"),
    "nac_p": ("", "navigation accuracy category of position"),
    "speed_kt": ("kt", "horizontal speed; 4094: that or more"),
    "vertical_fpm": ("ft/min", "vertical rate, up positive; 32640 either way: that or more"),
    "angle_deg": ("deg", "track or heading"),
    "category": ("", "emitter category: 1-7 are A1-A7, 9-15 B1-B7, 17-21 C1-C5"),
    "callsign": ("", "callsign"),
    "emergency": ("", "0 none, 1 general, 2 medical, 3 minimum fuel, 4 no radio, 5 unlawful interference, 6 downed"),
}


def of(timed: Timed) -> dict[str, Detail]:
    """Return the tables of messages, each with its time."""

    def some(*numbers: int, second: int | None = None) -> Timed:
        return [t for t in timed if t[0].data[0] in numbers and (second is None or t[0].data[1] == second)]

    known = {*f.SIZES, f.FOREFLIGHT}
    others = [t for t in timed if t[0].data[0] not in known or (t[0].data[0] == f.FOREFLIGHT and t[0].data[1] not in f.FOREFLIGHT_SIZES)]
    return {
        "GDL90 heartbeat": _table(some(f.HEARTBEAT), _heartbeat),
        "GDL90 initialization": _table(some(f.INITIALIZATION), _initialization),
        "GDL90 report": _table(some(f.OWNSHIP, f.TRAFFIC), _report),
        "GDL90 ownship altitude": _table(some(f.ALTITUDE), _altitude),
        "GDL90 height above terrain": _table(some(f.TERRAIN), _terrain),
        "GDL90 device": _table(some(f.FOREFLIGHT, second=0), _device),
        "GDL90 attitude": _table(some(f.FOREFLIGHT, second=1), _attitude),
        "GDL90 other": _table(others, _other),
    }


def _table(timed: Timed, fields: Callable[[Sequence[Message]], tuple[Column, ...]]) -> Detail:
    heard = [m for m, _ in timed]
    return Detail(
        (
            Column("offset", np.array([m.offset for m in heard], np.int64), "", "byte offset of the record in what its source delivered"),
            Column("receive_s", np.array([m.receive_s for m in heard], np.float64), "s", "receive time"),
            Column("time_s", np.array([t for _, t in timed], np.float64), "s", "UTC second of its heartbeat, else receive time"),
            *fields(heard),
        )
    )


def _octets(heard: Sequence[Message], size: int) -> NDArray[np.int64]:
    """Return (n, size) the bytes of messages of one size."""
    return np.frombuffer(b"".join(m.data for m in heard), np.uint8).reshape(-1, size).astype(np.int64)


def _bit(name: str, octet: NDArray[np.int64], bit: int, doc: str) -> Column:
    return Column(name, (octet >> bit & 1).astype(np.int8), "", doc)


def _big(p: NDArray[np.int64], first: int, *, signed: bool = True) -> NDArray[np.int64]:
    value = p[:, first] << 8 | p[:, first + 1]
    return np.asarray((value ^ 0x8000) - 0x8000, np.int64) if signed else value


def _heartbeat(heard: Sequence[Message]) -> tuple[Column, ...]:
    p = _octets(heard, f.SIZES[f.HEARTBEAT])
    seconds = (p[:, 2] >> 7) << 16 | p[:, 4] << 8 | p[:, 3]
    return (
        Column("seconds_of_day", seconds.astype(np.int32), "s", "seconds since 0 h UTC"),
        _bit("gps_valid", p[:, 1], 7, "1 it has a position"),
        _bit("maintenance_required", p[:, 1], 6, "1 it asks for maintenance"),
        _bit("ident", p[:, 1], 5, "1 IDENT is active"),
        _bit("anonymous", p[:, 1], 4, "1 it sends a self-assigned address"),
        _bit("battery_low", p[:, 1], 3, "1 the battery of its GPS is low"),
        _bit("ratcs", p[:, 1], 2, "1 its ground station receives ATC services"),
        _bit("initialized", p[:, 1], 0, "1 it is initialized"),
        _bit("csa_requested", p[:, 2], 6, "1 conflict alerts are asked for"),
        _bit("csa_not_available", p[:, 2], 5, "1 conflict alerts are not available"),
        _bit("utc_valid", p[:, 2], 0, "1 its time is UTC"),
        Column("uplinks", (p[:, 5] >> 3).astype(np.int16), "", "uplinks received in the second before"),
        Column("reports", ((p[:, 5] & 3) << 8 | p[:, 6]).astype(np.int16), "", "basic and long reports received in the second before"),
    )


def _initialization(heard: Sequence[Message]) -> tuple[Column, ...]:
    p = _octets(heard, f.SIZES[f.INITIALIZATION])
    return (
        Column("configuration_1", p[:, 1].astype(np.uint8), "", "bits: 64 audio test, 2 audio inhibit, 1 display works"),
        Column("configuration_2", p[:, 2].astype(np.uint8), "", "bits: 2 no audio for conflict alerts, 1 no conflict alerts"),
    )


def _report(heard: Sequence[Message]) -> tuple[Column, ...]:
    fields = reports.read(heard)
    return tuple(
        Column(name, values.astype(np.int32 if name == "address" else np.int16) if values.dtype.kind == "i" else values, *REPORT[name])
        for name, values in zip(fields._fields, fields, strict=True)
    )


def _altitude(heard: Sequence[Message]) -> tuple[Column, ...]:
    p = _octets(heard, f.SIZES[f.ALTITUDE])
    steps, metrics = _big(p, 1), _big(p, 3, signed=False)
    merit = metrics & 0x7FFF
    return (
        Column("altitude_ft", steps * 5, "ft", "above the WGS-84 ellipsoid (or the sea, where its device says so)", steps != -0x8000),
        Column("vertical_warning", (metrics >> 15).astype(np.int8), "", "1 not to be relied on"),
        Column("vertical_merit_m", merit.astype(np.int32), "m", "95 % error bound; 32766: that or more", merit != 0x7FFF),
    )


def _terrain(heard: Sequence[Message]) -> tuple[Column, ...]:
    height = _big(_octets(heard, f.SIZES[f.TERRAIN]), 1)
    return (Column("height_ft", height.astype(np.int32), "ft", "height above terrain", height != -0x8000),)


def _text(heard: Sequence[Message], first: int, size: int) -> NDArray[np.bytes_]:
    return np.strings.strip(np.array([m.data[first : first + size].split(b"\0")[0] for m in heard], f"S{size}"))


def _device(heard: Sequence[Message]) -> tuple[Column, ...]:
    size = f.FOREFLIGHT_SIZES[0]
    p = _octets(heard, size)
    raw = p.astype(np.uint8)
    serial = np.ascontiguousarray(raw[:, 3:11]).view(">u8")[:, 0].astype(np.uint64) if len(raw) else np.zeros(0, np.uint64)
    return (
        Column("version", p[:, 2].astype(np.uint8), "", "version of the message"),
        Column("serial", serial, "", "serial number", serial != np.uint64(0xFFFFFFFFFFFFFFFF)),
        Column("name", _text(heard, 11, 8), "", "short name"),
        Column("long_name", _text(heard, 19, 16), "", "long name"),
        Column("capabilities", (_big(p, 35, signed=False) << 16 | _big(p, 37, signed=False)), "", "bits: 1 heights are above the sea"),
    )


def _attitude(heard: Sequence[Message]) -> tuple[Column, ...]:
    p = _octets(heard, f.FOREFLIGHT_SIZES[1])
    roll, pitch = _big(p, 2), _big(p, 4)
    heading, indicated, true = (_big(p, first, signed=False) for first in (6, 8, 10))
    return (
        Column("roll_deg", roll * 0.1, "deg", "roll, right positive", roll != 0x7FFF),
        Column("pitch_deg", pitch * 0.1, "deg", "pitch, up positive", pitch != 0x7FFF),
        Column("heading_deg", (heading & 0x7FFF) * 0.1, "deg", "heading", heading != 0xFFFF),
        Column("magnetic", (heading >> 15).astype(np.int8), "", "1 the heading is magnetic", heading != 0xFFFF),
        Column("indicated_kt", indicated.astype(np.int32), "kt", "indicated airspeed", indicated != 0xFFFF),
        Column("true_kt", true.astype(np.int32), "kt", "true airspeed", true != 0xFFFF),
    )


def _other(heard: Sequence[Message]) -> tuple[Column, ...]:
    lengths = np.array([len(m.data) - 1 for m in heard], np.int64)
    return (
        Column("number", np.array([m.data[0] for m in heard], np.uint8), "", "number of the message"),
        Column(
            "data",
            np.frombuffer(b"".join(m.data[1:] for m in heard), np.uint8),
            "",
            "the rest of it",
            offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)]),
            octets=True,
        ),
    )
