"""A small made-up picture."""

from __future__ import annotations

import numpy as np

from tenere.batch import Alerts, Evidence, Identities, Identity, PlotKind, Severity, TrackFlag, Tracks
from tenere.serve.snapshot import SensorView, Snapshot

SENSORS = [
    SensorView(id="NIM-R", name="Niamey", lat_deg=13.48, lon_deg=2.18, range_m=370_000.0, rate_hz=21.0, last_seen_s=999.0),
    SensorView(id="ALONE", placed=False, frame=1, lat_deg=1.0, lon_deg=2.0, state="silent", rejects={"bad CRC": 3}),
]


def make_snapshot(time_s: float = 1000.0) -> Snapshot:
    """Four tracks: a protected airliner, a radar-only one, a drone, one in an unplaced sensor's plane."""
    confirmed = int(TrackFlag.CONFIRMED)
    tracks = Tracks.blank(
        4,
        number=[11, 12, 13, 14],
        time_s=time_s - 0.5,
        update_s=[time_s - 2.0, time_s - 3.0, time_s - 1.0, time_s - 1.0],
        first_s=900.0,
        frame=[0, 0, 0, 1],
        x_m=[0.0, 0.0, 0.0, 18520.0],
        y_m=[0.0, 0.0, 0.0, -9260.0],
        var_xx_m2=[100.0, 400.0, np.nan, 100.0],
        var_xy_m2=[0.0, 0.0, np.nan, 0.0],
        var_yy_m2=[25.0, 900.0, np.nan, 100.0],
        lat_rad=np.radians([13.5, 14.0, 15.0, 16.0]),
        lon_rad=np.radians([2.1, 3.0, 4.0, 5.0]),
        course_rad=np.radians([90.0, 0.0, 180.0, 270.0]),
        speed_ms=[231.5, np.nan, 10.0, 100.0],
        pressure_altitude_m=[10668.0, np.nan, 100.0, 3048.0],
        vertical_rate_ms=[5.08, np.nan, 0.0, 0.0],
        address=[0x06205A, -1, -1, -1],
        mode_a=[0o7421, -1, -1, 0o17],
        callsign=[b"UNO123", b"", b"", b""],
        remote_id=[b"", b"", b"1581F5FKD", b""],
        aircraft_class=[2, 0, 5, 0],
        kinds=[1 << PlotKind.ADSB | 1 << PlotKind.PSR_MODE_S, 1 << PlotKind.PSR, 1 << PlotKind.REMOTE_ID, 1 << PlotKind.SSR],
        sensors=[0b1, 0b1, 0b0, 0b10],
        flags=[confirmed, confirmed | int(TrackFlag.COASTING), confirmed, confirmed | int(TrackFlag.UNPLACED)],
        source=-1,
    )
    identities = Identities.blank(
        4,
        number=tracks.number,
        identity=[Identity.ASSUMED_FRIEND, Identity.UNKNOWN, Identity.PENDING, Identity.NEUTRAL],
        confidence=[0.97, 0.5, np.nan, 0.25],
        protected=[1, 0, 0, 0],
        civil=[1, 0, 0, 1],
        state=[b"NE", b"", b"", b""],
    )
    evidence = Evidence.blank(
        3,
        number=[11, 12, 11],
        rule=[b"address_state", b"radar_alone", b"plan_callsign_differs"],
        weight=[0.5, 0.1, -1.5],
        since_s=950.0,
        detail=[b"NE", b"", b"UNO124|UNO123"],
    )
    alerts = Alerts.blank(
        3,
        alert=[1, 2, 3],
        rule=[b"sensor_silent", b"emergency_general", b"emergency_fuel"],
        severity=[Severity.CAUTION, Severity.EMERGENCY, Severity.WARNING],
        track=[0, 12, 11],
        sensor=[1, -1, -1],
        since_s=[960.0, 970.0, 980.0],
        until_s=time_s,
        acknowledged_s=[np.nan, 990.0, np.nan],
        by=[b"", b"Aicha", b""],
        detail=[b"ALONE", b"#12|7700", b"UNO123|"],
    )
    return Snapshot(time_s, tracks, identities, evidence, alerts, SENSORS, {"plots": 5})
