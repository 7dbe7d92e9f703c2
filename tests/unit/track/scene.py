"""A small sky for the tracker's tests: aircraft, a radar or two, and what they would report."""

import numpy as np

from tenere.batch import PlotKind, Plots, Status, SystemTracks
from tenere.geo import ellipsoid
from tenere.site import SensorConfig
from tenere.track import Heard, TrackConfig, init, step

LAT, LON = np.deg2rad(13.5), np.deg2rad(2.1)
RADAR = SensorConfig(
    id="R1",
    kind="radar",
    source="r",
    lat_deg=13.5,
    lon_deg=2.1,
    height_m=250.0,
    range_m=300e3,
    range_std_m=50.0,
    azimuth_std_deg=0.07,
    period_s=5.0,
)


class Sky:
    """Aircraft that fly straight in the tangent plane of the radar, and a tracker that watches them."""

    def __init__(self, sensors=(RADAR,), seed=1, **config):
        self.rng = np.random.Generator(np.random.PCG64(seed))
        self.state = init(TrackConfig(**config), sensors)
        self.time_s = 10_000.0
        self.out = None

    def radar(self, east, north, height=9000.0, noise=1.0, **columns):
        """Return the radar's plots of aircraft at east, north (m) of it."""
        east, north = np.atleast_1d(np.asarray(east, float)), np.atleast_1d(np.asarray(north, float))
        n = len(east)
        lat, lon, _ = ellipsoid.geodetic_of_enu(LAT, LON, 0.0, east, north, 0.0)
        x, y, z = ellipsoid.enu_of(LAT, LON, 250.0, lat, lon, height)
        r = np.sqrt(x * x + y * y + z * z) + noise * self.rng.normal(0, 50, n)
        az = (np.arctan2(x, y) + noise * self.rng.normal(0, np.deg2rad(0.07), n)) % (2 * np.pi)
        base = {"kind": PlotKind.MODE_S, "sac_sic": 0x0101, "pressure_altitude_m": height, "time_s": self.time_s - 0.2}
        return Plots.blank(n, range_m=r, azimuth_rad=az, **{**base, **columns})

    def adsb(self, east, north, height=9000.0, **columns):
        """Return position reports of aircraft at east, north (m) of the radar."""
        lat, lon, _ = ellipsoid.geodetic_of_enu(
            LAT, LON, 0.0, np.atleast_1d(np.asarray(east, float)), np.atleast_1d(np.asarray(north, float)), 0.0
        )
        base = {"kind": PlotKind.ADSB, "position_std_m": 30.0, "pressure_altitude_m": height, "time_s": self.time_s - 0.2}
        return Plots.blank(len(lat), lat_rad=lat, lon_rad=lon, **{**base, **columns})

    def tick(self, *heard, dt=5.0, system=None, status=None):
        """Let the tracker have plots, given as Plots (of feed r) or (feed, Plots); time then goes on by dt."""
        rows = [h if isinstance(h, tuple) else ("r", h) for h in heard]
        batches = [Heard(name, plots, SystemTracks.blank(), Status.blank()) for name, plots in rows]
        if system is not None or status is not None:
            batches.append(Heard("r", Plots.blank(), system or SystemTracks.blank(), status or Status.blank()))
        self.state, self.out = step(self.state, batches, self.time_s, dt)
        self.time_s += dt
        return self.out.tracks
