from __future__ import annotations

import dataclasses
import json

import msgspec
import numpy as np
import pytest

from tenere.batch import Claim, Evidence, PlotKind, TrackFlag, Tracks
from tenere.serve import picture
from tenere.serve.snapshot import SensorView


def test_tracks_hold_null_where_not_known_and_never_nan(snapshot):
    rows = picture.track_rows(snapshot)
    text = msgspec.json.encode(rows).decode()
    assert "NaN" not in text
    assert json.loads(text) == rows
    first, second, drone, unplaced = rows
    assert first["callsign"] == "UNO123"
    assert first["address"] == "06205A"
    assert first["mode_a"] == "7421"
    assert first["identity"] == "assumed_friend"
    assert first["protected"] is True
    assert first["sources"] == ["radar", "adsb"]
    assert first["sensors"] == ["NIM-R"]
    assert first["level_ft"] == 35000
    assert first["state"] == "NE"
    assert second["sources"] == ["radar"]
    assert [second[k] for k in ("callsign", "address", "mode_a", "level_ft", "speed_kt", "remote_id", "state")] == [None] * 7
    assert second["coasting"] is True
    assert drone["class"] == "drone"
    assert drone["remote_id"] == "1581F5FKD"
    assert drone["accuracy_m"] is None
    assert unplaced["lat"] is unplaced["lon"] is None
    assert unplaced["unplaced"] is True
    assert (unplaced["x_nm"], unplaced["y_nm"]) == (10.0, -5.0)
    assert unplaced["mode_a"] == "0017"


def test_sources_cover_every_kind_of_plot():
    for kind in PlotKind:
        assert len(picture.sources_of(1 << kind, 0)) == (kind is not PlotKind.UNKNOWN)
    assert picture.sources_of(1 << PlotKind.PSR | 1 << PlotKind.MODE_S, 0) == ["radar"]
    assert picture.sources_of(0, int(TrackFlag.SYSTEM)) == ["system"]


def test_unacknowledged_alerts_come_first_then_the_worst(snapshot):
    rows = picture.alert_rows(snapshot.alerts, snapshot.sensors)
    assert [r["id"] for r in rows] == [3, 1, 2]
    assert rows[2]["acknowledged"] == 990.0
    assert rows[2]["by"] == "Aicha"
    assert rows[1]["sensor"] == "ALONE"
    assert rows[1]["track"] is None
    assert rows[0]["acknowledged"] is rows[0]["predicted"] is None


def test_alerts_speak_every_language(snapshot):
    for row in picture.alert_rows(snapshot.alerts, snapshot.sensors):
        assert set(row["text"]) == {"en", "fr"}
        assert row["text"]["en"] != row["text"]["fr"]
        assert row["rule"] not in row["text"]["en"]


def test_alerts_are_bounded(snapshot, monkeypatch):
    monkeypatch.setattr(picture, "ALERTS_SHOWN", 2)
    assert len(picture.alert_rows(snapshot.alerts, snapshot.sensors)) == 2


def test_an_unplaced_sensor_is_never_put_somewhere(snapshot):
    rows = picture.sensor_rows(snapshot.sensors)
    assert (rows[0]["lat"], rows[0]["lon"]) == (13.48, 2.18)
    assert (rows[1]["lat"], rows[1]["lon"]) == (None, None)
    assert rows[1]["rejects"] == {"bad CRC": 3}
    assert rows[1]["last_seen"] is None


def test_an_explanation_gives_each_reason_in_words_the_weightiest_first(snapshot):
    english = picture.explain(snapshot, 11, "en")
    french = picture.explain(snapshot, 11, "fr")
    assert [e["rule"] for e in english["evidence"]] == ["plan_callsign_differs", "address_state"]
    assert english["for"] == [english["evidence"][1]["text"]]
    assert english["against"] == [english["evidence"][0]["text"]]
    assert "Niger" in english["for"][0]
    assert french["for"] != english["for"]
    assert [a["id"] for a in english["alerts"]] == [3]
    assert english["identity"] == "assumed_friend"
    assert english["evidence"][0]["expires"] is None


@pytest.mark.parametrize(("said", "told"), [(b"friend|Aicha|called", "friend"), (b"automatic|Aicha|", None), (None, None)])
def test_what_a_person_said_it_is_is_told_apart(snapshot, said, told):
    rows = Evidence.blank(1, number=[11], rule=[b"person_set"], weight=0.0, detail=[said]) if said else Evidence.blank(0)
    made = dataclasses.replace(snapshot, evidence=Evidence.concat([snapshot.evidence, rows]))
    assert picture.explain(made, 11, "en")["set_by_hand"] == told


def test_a_track_that_is_not_there_has_no_explanation(snapshot):
    assert picture.explain(snapshot, 99, "en") is None


def test_sensors_beyond_the_64_bits_are_not_named():
    many = [SensorView(id=str(k)) for k in range(70)]
    assert picture.sensors_of(1 << 63 | 1, many) == ["0", "63"]


@pytest.mark.parametrize(
    ("claim", "english", "french"),
    [
        (Claim.NONE, None, None),
        (Claim.NEUTRAL, "partner claims neutral", "le partenaire affirme : neutre"),
        (Claim.STRONGER, "partner claims hostile", "le partenaire affirme : hostile"),
    ],
)
def test_a_partners_claim_is_shown_as_a_claim_and_changes_no_identity(snapshot, claim, english, french):
    told = dataclasses.replace(snapshot, tracks=snapshot.tracks.replace(claim=[0, claim, 0, 0]))
    assert picture.explain(told, 12, "en")["claim"] == english
    assert picture.explain(told, 12, "fr")["claim"] == french
    assert picture.explain(told, 12, "en")["identity"] == picture.explain(snapshot, 12, "en")["identity"] == "unknown"


def covered(xx: float, xy: float, yy: float, **more: float) -> dict[str, float] | None:
    return picture.ellipse_of(Tracks.blank(1, var_xx_m2=xx, var_xy_m2=xy, var_yy_m2=yy, **more), 0)


def test_the_ellipse_lies_along_the_larger_error():
    assert covered(2500.0, 0.0, 100.0) == {"major_m": 50.0, "minor_m": 10.0, "bearing_deg": 90.0}
    assert covered(100.0, 0.0, 2500.0) == {"major_m": 50.0, "minor_m": 10.0, "bearing_deg": 0.0}
    # large along north-east: x and y err together
    assert covered(1300.0, 1200.0, 1300.0) == {"major_m": 50.0, "minor_m": 10.0, "bearing_deg": 45.0}
    assert covered(1300.0, -1200.0, 1300.0) == {"major_m": 50.0, "minor_m": 10.0, "bearing_deg": 135.0}


def test_the_ellipse_is_turned_to_true_north_as_the_course_is():
    # flies north in the plane, 3 degrees east of north in truth
    turned = covered(100.0, 0.0, 2500.0, vx_ms=0.0, vy_ms=200.0, course_rad=np.radians(3.0))
    assert turned is not None
    assert turned["bearing_deg"] == pytest.approx(3.0)
    still = covered(100.0, 0.0, 2500.0, vx_ms=0.0, vy_ms=0.0, course_rad=np.radians(3.0))
    assert still is not None
    assert still["bearing_deg"] == 0.0


@pytest.mark.parametrize("bad", [(np.nan, 0.0, 1.0), (np.inf, 0.0, 1.0), (-1.0, 0.0, 1.0), (1.0, 5.0, 1.0), (0.0, 0.0, 0.0)])
def test_no_ellipse_without_a_covariance(bad):
    assert covered(*bad) is None


def test_a_track_is_explained_with_its_ellipse(snapshot):
    told = picture.explain(snapshot, int(snapshot.tracks.number[0]), "en")
    assert told is not None
    assert "ellipse" in told
    assert "NaN" not in msgspec.json.encode(told).decode()
