"""Drones that say who they are: Remote ID beacons, one a second, heard near by only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.exercise import draws
from tenere.exercise.adsb import hearing
from tenere.exercise.encoders import Beacons
from tenere.exercise.motion import SPHERE_M, ground_scale
from tenere.exercise.traffic import Glance, Traffic, motion
from tenere.geo.ellipsoid import geodetic_to_ecef

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.exercise.adsb import Receiver
    from tenere.exercise.encoders import Encoders

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

DELAY_S = 0.004
LOCAL_MAC = 0x02_7E_4E_00_00_00
"""Locally administered addresses: no maker's."""
POSITION_STD_M = 1.2
HEIGHT_STD_M = 2.0
VELOCITY_STD_MS = 0.2


def compose(traffic: Traffic, rows: I64, second: int, seed: int, zero_s: float) -> Beacons:
    """Return the beacons of drones (rows) within one second, in time order."""
    rng = draws.generator(seed, draws.BEACONS, second)
    time = second + 0.9 * ((rows * 0.618_033_988_75) % 1.0) + 0.1 * rng.random(len(rows))
    errors = rng.standard_normal((5, len(rows)))
    order = np.argsort(time, kind="stable")
    rows, time, errors = rows[order], time[order], errors[:, order]
    m, flying = motion(traffic, rows, time)
    east, north = ground_scale(m.lat_rad, m.height_m)
    begun = traffic.paths.here[np.searchsorted(traffic.paths.key_s, traffic.flights.path[rows] * 2.0**20)]
    whole = Beacons(
        transmitter=LOCAL_MAC + rows,
        counter=np.full(len(rows), second & 0xFF, np.int64),
        time_s=zero_s + time,
        remote_id=traffic.flights.remote_id[rows],
        lat_rad=m.lat_rad + POSITION_STD_M * errors[0] / (north * SPHERE_M),
        lon_rad=m.lon_rad + POSITION_STD_M * errors[1] / (east * SPHERE_M * np.cos(m.lat_rad)),
        height_m=m.height_m + HEIGHT_STD_M * errors[2],
        east_ms=m.east_ms + VELOCITY_STD_MS * errors[3],
        north_ms=m.north_ms + VELOCITY_STD_MS * errors[4],
        climb_ms=m.climb_ms,
        operator=np.strings.add(b"NER-OP-", np.strings.zfill((rows % 10_000).astype("S4"), 4)),
        operator_lat_rad=np.arcsin(begun[:, 2]),
        operator_lon_rad=np.arctan2(begun[:, 1], begun[:, 0]),
    )
    return whole.take(flying)


def second_frames(
    receivers: Sequence[Receiver], traffic: Traffic, seen: Glance, second: int, encoders: Encoders, seed: int, zero_s: float
) -> list[tuple[bytes, I64, F64]]:
    """Return what each receiver hears of one second of beacons: bytes, ends, arrival times (exercise time)."""
    rows = seen.rows[np.strings.str_len(traffic.flights.remote_id[seen.rows]) > 0]
    sent = compose(traffic, rows, second, seed, zero_s)
    ecef = np.stack(geodetic_to_ecef(sent.lat_rad, sent.lon_rad, sent.height_m), axis=1)
    out = []
    for receiver in receivers:
        luck = draws.generator(seed, draws.DRONE_RECEIVER + receiver.number, second).random(len(sent.time_s))
        heard = np.flatnonzero(luck < hearing(receiver, ecef, sent.height_m))
        data, ends = encoders.beacon(sent.take(heard))
        out.append((data, ends, sent.time_s[heard] - zero_s + DELAY_S))
    return out
