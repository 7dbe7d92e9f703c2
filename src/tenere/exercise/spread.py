"""Traffic and sensors for load: many aircraft spread evenly, radars and receivers on a grid.

n aircraft over 2,400 by 2,400 km, FL100 to FL410, straight legs of 2 to 10 minutes joined by turns, a fifth of the legs
climbing or descending; whoever leaves the square turns back. 64 radars each 300 km with 400 km range; nine ADS-B receivers.
"""

from __future__ import annotations

import numpy as np

from tenere.batch import AircraftClass
from tenere.exercise import draws
from tenere.exercise.motion import SPHERE_M, Paths, along, assemble, ground_scale
from tenere.exercise.tables import Radar, Receiver
from tenere.exercise.timetable import Flights, codes
from tenere.units import FLIGHT_LEVEL_M, NM_M

SIDE_M = 2_400_000.0
LASTING_S = 10_800.0
GRAVITY_MS2 = 9.80665
GROUND_M = 400.0
FIRST_ADDRESS = 0x380000
MOST = 200_000


def flights(n: int, lat0: float, lon0: float, seed: int) -> tuple[Flights, Paths]:
    """Return n flights and their paths, (n,) each, about a place in radians."""
    rng = draws.generator(seed, draws.TRAFFIC)
    right, up = (rng.random((2, n)) - 0.5) * SIDE_M
    lat = lat0 + up / SPHERE_M
    lon = lon0 + right / (SPHERE_M * np.cos(lat))
    course = rng.random(n) * 2.0 * np.pi
    speed = 110.0 + 145.0 * np.sqrt(rng.random(n))
    height = (100.0 + 310.0 * rng.random(n)) * FLIGHT_LEVEL_M
    time = np.zeros(n)
    pieces = []
    while time.min() < LASTING_S:
        lasting = 120.0 + 480.0 * rng.random(n)
        change = np.where(rng.random(n) < 0.2, 16.0 * rng.random(n) - 8.0, 0.0)
        aim = np.clip(height + change * lasting, 100.0 * FLIGHT_LEVEL_M, 410.0 * FLIGHT_LEVEL_M)
        nothing = np.zeros(n)
        for turning in (False, True):
            rate = nothing
            if turning:
                far = (np.abs(lat - lat0) * SPHERE_M > SIDE_M / 2) | (np.abs(lon - lon0) * SPHERE_M * np.cos(lat) > SIDE_M / 2)
                home = np.arctan2((lon0 - lon) * np.cos(lat), lat0 - lat) + (rng.random(n) - 0.5) * 2.0
                angle = np.where(far, np.mod(home - course + np.pi, 2.0 * np.pi) - np.pi, (rng.random(n) - 0.5) * np.pi)
                rate = np.copysign(np.minimum(np.radians(3.0), GRAVITY_MS2 * np.tan(np.radians(25.0)) / speed), angle)
                lasting, aim = np.abs(angle / rate), height
            climb = (aim - height) / np.maximum(lasting, 1.0)
            piece = np.stack([time, lat, lon, course, speed, nothing, rate, height, climb], axis=1)
            pieces.append(piece)
            m = along(assemble(np.arange(n), piece, nothing, nothing), np.arange(n), lasting)
            lat, lon, height = m.lat_rad, m.lon_rad, m.height_m
            east, north = ground_scale(lat, height)
            course = np.arctan2(m.east_ms / east, m.north_ms / north)
            time = time + lasting
    columns = np.stack(pieces, axis=1).reshape(n * len(pieces), -1)
    paths = assemble(np.repeat(np.arange(n), len(pieces)), columns, np.zeros(n), time)
    equipment = rng.choice(np.arange(5, dtype=np.uint8), n, p=[0.05, 0.03, 0.12, 0.2, 0.6])
    number = np.arange(n)
    made = Flights(
        path=number,
        start_s=np.zeros(n),
        length_s=time,
        repeat_s=time,
        equipment=equipment,
        address=np.where(equipment >= 3, FIRST_ADDRESS + number, -1),
        mode_a=np.where(equipment >= 1, codes(n, rng), -1),
        callsign=np.strings.add(b"LD", np.strings.zfill(number.astype("S6"), 5)).astype("S8"),
        remote_id=np.zeros(n, "S20"),
        aircraft_class=np.full(n, AircraftClass.AIRLINER, np.uint8),
        rcs_m2=10.0 * np.exp(0.7 * rng.standard_normal(n)),
        nac_p=rng.choice(np.array([8, 9, 10], np.uint8), n),
        squawk_s=np.full(n, np.inf),
        squawk=np.full(n, -1),
        emergency=np.zeros(n, np.uint8),
        silent_s=np.full(n, np.inf),
    )
    return made, paths


def radars() -> list[tuple[Radar, float, float]]:
    """Return 64 radars with their places: metres north and east of the centre."""
    made = []
    for k in range(64):
        row, place = divmod(k, 8)
        radar = Radar(
            id=f"L{k + 1:02d}-R",
            name=f"Load radar {k + 1}",
            airport="",
            sac=200,
            sic=k + 1,
            period_s=(4.0, 5.0, 6.0)[k % 3],
            range_nm=400_000.0 / NM_M,
            psr_nm=80.0 if (row + place) % 2 else 0.0,
            interrogator="ac" if k % 4 == 3 else "mode_s",
            clutter=10.0 if (row + place) % 2 else 0.3,
        )
        made.append((radar, (row - 3.5) * 300_000.0, (place - 3.5) * 300_000.0))
    return made


def receivers() -> list[tuple[Receiver, float, float]]:
    """Return nine ADS-B receivers with their places: metres north and east of the centre."""
    made = []
    for k in range(9):
        receiver = Receiver(id=f"L{k + 1}-A", name=f"Load receiver {k + 1}", airport="", range_nm=400_000.0 / NM_M)
        made.append((receiver, (k // 3 - 1) * 800_000.0, (k % 3 - 1) * 800_000.0))
    return made
