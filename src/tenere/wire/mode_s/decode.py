"""One pass over Mode S frames in order: check, remember, and give a row for each position.

The kernel below reads every frame once. What proves itself (DF17, DF18, DF11 without an interrogator's code) opens a
row in the register; address/parity replies count only for an address that proved itself in the last minute. Each
position that can be resolved and believed becomes one row of output, with the latest else known of its sender. Of every
frame the kernel tells what it found: the same for the picture and for the tables of details.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from tenere.batch import PlotFlag, PlotKind
from tenere.units import FOOT_M
from tenere.wire.mode_s import crc, inference, integrity, messages, place
from tenere.wire.mode_s.codes import CATEGORY_CLASS, NACP_STD_M, NACV_STD_MS, TYPE_STD_M, altitude12_ft, altitude13_ft, mode_a_of
from tenere.wire.mode_s.crc import octet
from tenere.wire.mode_s.messages import bits
from tenere.wire.mode_s.register import NOT_ICAO, STREAM_SHIFT, slot_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

REASONS = (
    "Mode S frame of a length its format does not have",
    "DF11 bad CRC",
    "DF17 bad CRC",
    "DF18 bad CRC",
    "Mode S format not decoded",
    "Mode S address zero",
    "DF11 address not verified",
    "Mode S reply of an address not verified",
    "DF18 coarse TIS-B or management message without a plot",
    "identification with characters that do not exist",
    *place.REASONS,
)
(
    BAD_LENGTH, BAD_CRC_11, BAD_CRC_17, BAD_CRC_18, BAD_FORMAT, BAD_ADDRESS, UNVERIFIED_11, UNVERIFIED, COARSE, BAD_CALLSIGN,
) = range(10)  # fmt: skip
PLACE_REASON = 10  # the rest are those of place, in its order

VERIFIED_S = 60.0
VELOCITY_FRESH_S = 15.0
FRESH_S = 60.0
ALTITUDE_FRESH_S = 10.0
SPI_S = 18.0  # the special identification pulse is sent for 18 s
ADVISORY_S = 18.0  # and so is a resolution advisory after its end

KIND = np.array([PlotKind.ADSB, PlotKind.TISB, PlotKind.ADSR], np.uint8)
ON_GROUND, SPI, EMERGENCY, VEHICLE = int(PlotFlag.ON_GROUND), int(PlotFlag.SPI), int(PlotFlag.EMERGENCY), int(PlotFlag.VEHICLE)
ADVISORY = int(PlotFlag.RESOLUTION_ADVISORY)

OUT = np.dtype(
    [
        ("frame", "i8"), ("kind", "u1"), ("flags", "u4"), ("lat_deg", "f8"), ("lon_deg", "f8"), ("position_std_m", "f8"),
        ("height_m", "f8"), ("pressure_altitude_m", "f8"), ("east_ms", "f8"), ("north_ms", "f8"), ("velocity_std_ms", "f8"),
        ("vertical_rate_ms", "f8"), ("address", "i4"), ("mode_a", "i2"), ("callsign", "i8"), ("source_track", "i4"),
        ("aircraft_class", "u1"), ("emergency", "u1"), ("nic", "i1"), ("nac_p", "i1"), ("sil", "i1"),
    ],
    align=True,
)  # fmt: skip
"""One row of output; frame is the index of its frame, the rest as in tenere.batch.Plots."""

FOUND = np.dtype(
    [
        ("refused", "i1"),  # index of REASONS, -1 none
        ("record", "u1"),  # 1: structurally whole
        ("verified", "u1"),  # 1: its address proved itself, now or in the last minute
        ("place", "u1"),  # of a position: PLACED_HERE, WAITING_HERE, or what of place.REASONS refused it, from FIRST_REFUSAL
        ("nic", "i1"),
        ("register", "u1"),  # BDS code chosen, 0 none
        ("candidates", "u2"),  # bits as in inference.REGISTERS
        ("parity", "i4"),  # what is left of dividing the frame: 0, an interrogator's code, or an address
        ("key", "i4"),  # of DF11, 17 and 18: key_of
        ("containment_m", "f8"),
        ("lat_deg", "f8"),
        ("lon_deg", "f8"),
    ],
    align=True,
)
"""What is found of each frame. lat_deg, lon_deg, containment_m and nic stand only where place is not 0."""

PLACED_HERE, WAITING_HERE, FIRST_REFUSAL = 1, 2, 3
COMM_D = 24


@njit(cache=True)
def key_of(frame: NDArray[np.uint8], message: int) -> int:
    """Return the key of a DF11, 17 or 18 frame: address, whether it is an ICAO one, stream; -1 for what is not decoded.

    DF18 says by its control field who speaks: 0 and 1 a transmitter of its own (1: anonymous), 2 and 5 TIS-B (5: not
    an ICAO address), 6 ADS-R; 3 and 4 are coarse TIS-B and management (DO-260B 2.2.3.2.1.3).
    """
    address = octet(frame, 1) << 16 | octet(frame, 2) << 8 | octet(frame, 3)
    if octet(frame, 0) >> 3 != 18:
        return address
    control = octet(frame, 0) & 7
    if control == 0:
        return address
    if control == 1:
        return address | NOT_ICAO
    if control in (2, 5, 6):
        stream = messages.ADSR if control == 6 else messages.TISB
        foreign = control == 5 or messages.not_icao(message, stream)
        return address | (NOT_ICAO if foreign else 0) | stream << STREAM_SHIFT
    return -1


@njit(cache=True)
def message_of(frame: NDArray[np.uint8]) -> int:
    """Return the 56 bits after the first 32 of a long frame: the message of a squitter, MB or MV of a reply."""
    message = 0
    for byte in range(4, 11):
        message = message << 8 | octet(frame, byte)
    return message


@njit(cache=True)
def read_reply(row: Any, frame: NDArray[np.uint8], downlink_format: int, time_s: float) -> None:  # noqa: ANN401 - a numba record
    """Keep altitude (DF0, 4, 16, 20) or Mode A code (DF5, 21), the SPI, and the advisory of DF16, of a verified reply."""
    field = (octet(frame, 2) & 0x1F) << 8 | octet(frame, 3)
    if downlink_format in (5, 21):
        row["mode_a"], row["mode_a_s"] = mode_a_of(field), time_s
    else:
        feet = altitude13_ft(field)
        if not np.isnan(feet):
            row["altitude_ft"], row["altitude_s"] = feet, time_s
    if downlink_format in (4, 5, 20, 21):
        if 4 <= (octet(frame, 0) & 7) <= 5:
            row["spi_s"] = time_s
    elif downlink_format == 16 and octet(frame, 4) == 0x30:  # MV: an advisory by its own code (Annex 10 vol. IV, 4.3.8.4.2.4)
        message = message_of(frame)
        messages.advise(row, bits(message, 9, 22), bits(message, 27, 27), bits(message, 28, 28), time_s)


@njit(cache=True)
def read_register(row: Any, frame: NDArray[np.uint8], downlink_format: int, time_s: float, verified: bool, found: Any) -> None:  # noqa: ANN401 - numba records
    """Infer the register of a DF20 or DF21 reply, and remember it where the address is verified."""
    message = message_of(frame)
    altitude_ft = row["altitude_ft"] if abs(time_s - row["altitude_s"]) <= VELOCITY_FRESH_S else np.nan
    if downlink_format == 20:
        altitude_ft = altitude13_ft((octet(frame, 2) & 0x1F) << 8 | octet(frame, 3))
    register, candidates = inference.infer(message, row, altitude_ft, time_s)
    found["register"], found["candidates"] = register, candidates
    if verified:
        inference.remember(message, register, row, time_s)


@njit(cache=True)
def read_integrity(row: Any, message: int, time_s: float, found: Any) -> None:  # noqa: ANN401 - numba records
    """Tell NIC and containment radius of a position, by the supplements heard lately; from the ground bit 8 is none, but IMF."""
    code, a, b, c = bits(message, 1, 5), 0, 0, 0
    if abs(time_s - row["quality_s"]) <= FRESH_S:
        a, c = row["nic_a"], row["nic_c"]
    if code >= 9 and not row["key"] >> STREAM_SHIFT:
        b = bits(message, 8, 8)
    found["nic"] = integrity.nic_of(row["version"], code, a, b, c)
    found["containment_m"] = integrity.radius_of(row["version"], code, a, b, c)


@njit(cache=True)
def read_position(row: Any, message: int, time_s: float, site: NDArray[np.float64]) -> int:  # noqa: ANN401 - a numba record
    """Keep the position of type codes 5-18 and 20-22 and resolve it; return what place returns."""
    code = bits(message, 1, 5)
    surface = 1 if code <= 8 else 0
    if surface:
        messages.read_movement(row, message, time_s)
    else:
        feet = altitude12_ft(bits(message, 9, 20))
        if code <= 18 and not np.isnan(feet):
            row["altitude_ft"], row["altitude_s"] = feet, time_s
        surveillance = bits(message, 6, 7)
        if surveillance == 3:
            row["spi_s"] = time_s
    is_odd = bits(message, 22, 22)
    if is_odd:
        row["odd_lat"], row["odd_lon"], row["odd_s"], row["odd_surface"] = bits(message, 23, 39), bits(message, 40, 56), time_s, surface
    else:
        row["even_lat"], row["even_lon"], row["even_s"], row["even_surface"] = bits(message, 23, 39), bits(message, 40, 56), time_s, surface
    return place.place(row, is_odd, surface, time_s, position_std_m(row, code, time_s), site)


@njit(cache=True)
def position_std_m(row: Any, code: int, time_s: float) -> float:  # noqa: ANN401 - a numba record
    """Return the stated one-sigma error a side of a position: by NACp where it is fresh, else by the type code."""
    if row["nac_p"] >= 0 and abs(time_s - row["quality_s"]) <= FRESH_S:
        return float(NACP_STD_M[row["nac_p"]])
    return float(TYPE_STD_M[code])


@njit(cache=True)
def write_plot(out: Any, row: Any, message: int, time_s: float, nic: int) -> None:  # noqa: ANN401 - numba records
    """Fill one row of output from what is known of its sender now."""
    code, key = bits(message, 1, 5), row["key"]
    surface = code <= 8
    out["kind"] = KIND[key >> STREAM_SHIFT]
    foreign = key & NOT_ICAO
    out["address"], out["source_track"] = (-1, key & 0xFFFFFF) if foreign else (key & 0xFFFFFF, -1)
    out["lat_deg"], out["lon_deg"] = row["lat_deg"], row["lon_deg"]
    out["position_std_m"] = position_std_m(row, code, time_s)
    out["pressure_altitude_m"] = out["height_m"] = np.nan
    if not surface:
        if abs(time_s - row["altitude_s"]) <= ALTITUDE_FRESH_S:
            out["pressure_altitude_m"] = row["altitude_ft"] * FOOT_M
        if code >= 20:
            out["height_m"] = altitude12_ft(bits(message, 9, 20)) * FOOT_M
        elif row["version"] >= 2 and abs(time_s - row["geometric_s"]) <= FRESH_S:
            out["height_m"] = out["pressure_altitude_m"] + row["geometric_ft"] * FOOT_M
    out["east_ms"] = out["north_ms"] = out["velocity_std_ms"] = out["vertical_rate_ms"] = np.nan
    if abs(time_s - row["velocity_s"]) <= VELOCITY_FRESH_S:
        out["east_ms"], out["north_ms"], out["velocity_std_ms"] = row["east_ms"], row["north_ms"], NACV_STD_MS[row["nac_v"]]
    if not surface and abs(time_s - row["vertical_s"]) <= VELOCITY_FRESH_S:
        out["vertical_rate_ms"] = row["vertical_ms"]
    out["mode_a"] = row["mode_a"] if abs(time_s - row["mode_a_s"]) <= FRESH_S else -1
    out["callsign"] = row["callsign"] if abs(time_s - row["callsign_s"]) <= FRESH_S else 0
    out["aircraft_class"] = CATEGORY_CLASS[row["category"]]
    out["emergency"] = row["emergency"] if abs(time_s - row["emergency_s"]) <= FRESH_S else 0
    out["nic"], out["nac_p"], out["sil"] = nic, -1, -1
    if abs(time_s - row["quality_s"]) <= FRESH_S:
        out["nac_p"], out["sil"] = row["nac_p"], row["sil"]
    flags = 0
    if abs(time_s - row["ra_s"]) <= ADVISORY_S:
        flags |= ADVISORY
    if surface:
        flags |= ON_GROUND
    if row["category"] in (0xC1, 0xC2):
        flags |= VEHICLE
    if abs(time_s - row["spi_s"]) <= SPI_S:
        flags |= SPI
    if out["emergency"] or (not surface and bits(message, 6, 7) == 1):
        flags |= EMERGENCY
    out["flags"] = flags


@njit(cache=True)
def run(
    start: int,
    frames: NDArray[np.uint8],
    sizes: NDArray[np.int64],
    times_s: NDArray[np.float64],
    rows: Any,  # noqa: ANN401 - a structured array
    slots: NDArray[np.int32],
    site: NDArray[np.float64],
    blank: Any,  # noqa: ANN401 - a structured array
    plotting: bool,
    out: Any,  # noqa: ANN401 - a structured array
    heard: NDArray[np.int32],
    marks: NDArray[np.int64],
    records: NDArray[np.int64],
    found: Any,  # noqa: ANN401 - a structured array
) -> int:
    """Decode frames[start:] in order until they end or the register is full; return the index of the first one left.

    frames: (n, 14); sizes: (n,) 7 or 14; times_s: (n,). Written: rows, slots and site (the memory); where plotting, out
    (n,) OUT and heard (n,), the addresses that proved themselves; marks: (3,) rows used in the register, in out, in
    heard; records: (32,) whole frames by format; found: (n,) FOUND.
    """
    used, plots, named = marks[0], marks[1], marks[2]
    done = start
    for i in range(start, len(sizes)):
        if used == len(rows):
            break
        done = i + 1
        frame = frames[i]
        told = found[i]
        told["refused"] = -1
        downlink_format = min(octet(frame, 0) >> 3, COMM_D)  # 24 is two bits long: what follows is its own
        size = 14 if sizes[i] == 14 else 7
        if downlink_format < 16:
            size = 7  # some recordings pad short frames
        elif size != 14:
            told["refused"] = BAD_LENGTH
            continue
        time_s = times_s[i]
        if downlink_format in (0, 4, 5, 16, 20, 21, COMM_D):
            records[downlink_format] += 1
            key = crc.remainder(frame, 0, size)
            told["record"], told["parity"] = 1, key
            at = slots[slot_of(key, rows, slots)]
            if at < 0 or abs(time_s - rows[at]["heard_s"]) > VERIFIED_S:
                told["refused"] = UNVERIFIED
                if downlink_format in (20, 21) and not plotting:
                    read_register(blank[0], frame, downlink_format, time_s, False, told)
                continue
            told["verified"] = 1
            if downlink_format != COMM_D:
                read_reply(rows[at], frame, downlink_format, time_s)
            if downlink_format in (20, 21):
                read_register(rows[at], frame, downlink_format, time_s, True, told)
            continue
        rest = crc.remainder(frame, 0, size)
        told["parity"] = rest
        if downlink_format not in (11, 17, 18):
            told["refused"] = BAD_FORMAT
            continue
        if rest > (0x7F if downlink_format == 11 else 0):
            told["refused"] = BAD_CRC_11 if downlink_format == 11 else (BAD_CRC_17 if downlink_format == 17 else BAD_CRC_18)
            continue
        records[downlink_format] += 1
        told["record"] = 1
        message = message_of(frame) if size == 14 else 0
        key = key_of(frame, message)
        told["key"] = key
        if key < 0 or not key & 0xFFFFFF:
            told["refused"] = COARSE if key < 0 else BAD_ADDRESS
            continue
        slot = slot_of(key, rows, slots)
        at = slots[slot]
        if at < 0:
            if rest:  # an interrogator's code on an address never heard is noise as likely as not
                told["refused"] = UNVERIFIED_11
                continue
            at = used
            rows[at] = blank[0]
            rows[at]["key"] = key
            slots[slot] = at
            used += 1
        row = rows[at]
        row["heard_s"] = time_s
        told["verified"] = 1
        if plotting and not key & NOT_ICAO:
            heard[named] = key & 0xFFFFFF
            named += 1
        if size != 14:
            continue
        code = bits(message, 1, 5)
        if 1 <= code <= 4:
            if not messages.read_identification(row, message, time_s):
                told["refused"] = BAD_CALLSIGN
        elif code == 19:
            messages.read_velocity(row, message, time_s, key >> STREAM_SHIFT)
        elif code == 28:
            messages.read_status(row, message, time_s)
        elif code in (29, 31):
            messages.read_quality(row, message, time_s)
        elif code == 0:
            feet = altitude12_ft(bits(message, 9, 20))
            if not np.isnan(feet):
                row["altitude_ft"], row["altitude_s"] = feet, time_s
        elif code <= 22:
            result = read_position(row, message, time_s, site)
            read_integrity(row, message, time_s, told)
            if result == place.PLACED:
                told["place"], told["lat_deg"], told["lon_deg"] = PLACED_HERE, row["lat_deg"], row["lon_deg"]
                if plotting:
                    write_plot(out[plots], row, message, time_s, told["nic"])
                    out[plots]["frame"] = i
                    plots += 1
            elif result >= 0:
                told["place"], told["refused"] = FIRST_REFUSAL + result, PLACE_REASON + result
            else:
                told["place"] = WAITING_HERE
    marks[0], marks[1], marks[2] = used, plots, named
    return done
