"""A mobile sensor goes where its own receiver says it is; others stay where they are."""

from __future__ import annotations

import math

import numpy as np

from tenere.batch import Status
from tenere.site import SensorConfig
from tenere.track.sensors import SensorTable


def table():
    truck = SensorConfig(id="TRUCK", lat_deg=13.0, lon_deg=2.0, source="radar", moved_by="gps")
    return SensorTable.of((truck, SensorConfig(id="FIXED", lat_deg=14.0, lon_deg=3.0, source="other")))


def said(lat_deg, lon_deg, height_m=np.nan):
    return Status.blank(1, time_s=5.0, category=0, lat_rad=np.radians([lat_deg]), lon_rad=np.radians([lon_deg]), height_m=[height_m])


def test_it_moves_as_often_as_it_is_told():
    sensors = table()
    for lat in (13.1, 13.2):
        sensors.hear_status("gps", said(lat, 2.5, 210.0))
    truck, fixed = sensors.rows
    assert (round(math.degrees(truck.lat_rad), 9), round(math.degrees(truck.lon_rad), 9), truck.height_m) == (13.2, 2.5, 210.0)
    assert round(math.degrees(fixed.lat_rad), 9) == 14.0
    assert len(sensors.rows) == 2


def test_a_fix_without_a_place_or_a_height_changes_neither():
    sensors = table()
    sensors.hear_status("gps", said(13.1, 2.5, 210.0))
    sensors.hear_status("gps", said(np.nan, np.nan))
    sensors.hear_status("gps", said(13.2, 2.5))
    assert round(math.degrees(sensors.rows[0].lat_rad), 9) == 13.2
    assert sensors.rows[0].height_m == 210.0


def test_another_feed_does_not_move_it():
    sensors = table()
    sensors.hear_status("elsewhere", said(20.0, 2.5))
    assert round(math.degrees(sensors.rows[0].lat_rad), 9) == 13.0
