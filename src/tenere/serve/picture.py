"""The picture and its reasons as plain data, for the HTTP interface and the status texts."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.batch import (
    AircraftClass,
    AlertState,
    Claim,
    Emergency,
    HeightSource,
    Identity,
    KinematicClass,
    PlotKind,
    Severity,
    TrackFlag,
    Trend,
)
from tenere.serve.page import page_tracks
from tenere.serve.phrases import LANGS, Lang, phrase
from tenere.wire.claims import WORDS

if TYPE_CHECKING:
    from tenere.batch import Alerts, Tracks
    from tenere.serve.snapshot import PressureView, SensorView, Snapshot, SourceView

ALERTS_SHOWN = 500
"""At most so many alerts are sent: the worst first, then the newest."""

MOVES_MS = 1.0
"""Slower than this a track's velocity tells no direction."""

SOURCE_OF_KIND = {
    PlotKind.PSR: "radar",
    PlotKind.SSR: "radar",
    PlotKind.PSR_SSR: "radar",
    PlotKind.MODE_S: "radar",
    PlotKind.PSR_MODE_S: "radar",
    PlotKind.ADSB: "adsb",
    PlotKind.MLAT: "mlat",
    PlotKind.SMR: "smr",
    PlotKind.REMOTE_ID: "remote_id",
    PlotKind.TISB: "adsb",
    PlotKind.ADSR: "adsb",
    PlotKind.DETECTION: "detector",
    PlotKind.FLARM: "flarm",
}

CLAIMS: dict[Lang, str] = {"en": "partner claims", "fr": "le partenaire affirme :"}
CLASS_NAMES = {int(c): c.name.lower() for c in AircraftClass}
MOVES_NAMES = {int(c): c.name.lower() for c in KinematicClass if c != KinematicClass.UNKNOWN}
IDENTITY_NAMES = {int(i): i.name.lower() for i in Identity}
EMERGENCY_NAMES = {int(e): e.name.lower() for e in Emergency}
TREND_NAMES = {int(t): t.name.lower() for t in Trend}
HEIGHT_NAMES = {int(s): s.name.lower() for s in HeightSource}


def number_or_none(value: float, digits: int) -> float | None:
    """Round a number for JSON; None where it is NaN or infinite."""
    return round(value, digits) if math.isfinite(value) else None


def kinds_of(bits: int) -> list[str]:
    """Return the names of the plot kinds whose bits are set."""
    return [k.name.lower() for k in PlotKind if bits >> k & 1]


def sources_of(bits: int, flags: int) -> list[str]:
    """Return what contributed: radar, adsb, mlat, smr, remote_id, detector, flarm, system, manual, each once."""
    named = [SOURCE_OF_KIND[k] for k in PlotKind if bits >> k & 1 and k in SOURCE_OF_KIND]
    if flags & (TrackFlag.SYSTEM | TrackFlag.FUSED):
        named.append("system")
    if flags & TrackFlag.MANUAL:
        named.append("manual")
    return list(dict.fromkeys(named))


def sensors_of(bits: int, sensors: list[SensorView]) -> list[str]:
    """Return the ids of the sensors whose bits are set."""
    return [s.id for row, s in enumerate(sensors[:64]) if bits >> row & 1]


def track_rows(snap: Snapshot) -> list[dict[str, Any]]:
    """Return tracks as plain data: None where something is not known, never NaN."""
    page, local, _ = page_tracks(snap)
    sensors = snap.tracks.sensors.tolist()
    remote = snap.tracks.remote_id.tolist()
    state = snap.identities.state.tolist()
    moves, moves_share = snap.tracks.kinematic_class.tolist(), snap.tracks.kinematic_probability.tolist()
    place = {int(r): (float(x), float(y)) for r, x, y in zip(local.row, local.x_nm, local.y_nm, strict=True)}
    height = (snap.tracks.height_m.tolist(), snap.tracks.height_std_m.tolist(), snap.tracks.height_from.tolist())
    qnh = snap.tracks.qnh_hpa.tolist()
    lat = np.degrees(snap.tracks.lat_rad).tolist()
    lon = np.degrees(snap.tracks.lon_rad).tolist()
    columns = {name: getattr(page, name).tolist() for name, _, _, _ in page.columns()}
    out = []
    for i in range(len(page)):
        c = {name: values[i] for name, values in columns.items()}
        x_nm, y_nm = place.get(i, (math.nan, math.nan))
        out.append(
            {
                "number": c["number"],
                "lat": None if i in place else number_or_none(lat[i], 6),
                "lon": None if i in place else number_or_none(lon[i], 6),
                "level_ft": number_or_none(c["level_ft"], 0),
                "altitude_ft": number_or_none(c["altitude_ft"], 0),
                "qnh_hpa": number_or_none(qnh[i], 1),
                "trend": TREND_NAMES.get(c["trend"], "unknown"),
                "height_m": number_or_none(height[0][i], 0),
                "height_std_m": number_or_none(height[1][i], 0),
                "height_from": HEIGHT_NAMES.get(height[2][i], "none"),
                "identity": IDENTITY_NAMES.get(c["identity"], "unknown"),
                "confidence": c["confidence_pct"] / 100.0,
                "protected": bool(c["protected"]),
                "civil": bool(c["civil"]),
                "class": CLASS_NAMES.get(c["aircraft_class"], "unknown"),
                "moves_like": MOVES_NAMES.get(moves[i]),
                "moves_like_probability": number_or_none(moves_share[i], 2) if moves[i] in MOVES_NAMES else None,
                "sources": sources_of(c["kinds"], c["flags"]),
                "kinds": kinds_of(c["kinds"]),
                "sensors": sensors_of(sensors[i], snap.sensors),
                "callsign": c["callsign"].decode("ascii", "replace") or None,
                "address": f"{c['address']:06X}" if c["address"] >= 0 else None,
                "mode_a": f"{c['mode_a']:04o}" if c["mode_a"] >= 0 else None,
                "remote_id": remote[i].decode("ascii", "replace") or None,
                "state": state[i].decode("ascii", "replace") or None,
                "course_deg": number_or_none(c["course_deg"], 1),
                "speed_kt": number_or_none(c["speed_kt"], 0),
                "vertical_fpm": number_or_none(c["vertical_fpm"], 0),
                "age_s": number_or_none(c["age_s"], 1),
                "accuracy_m": number_or_none(c["std_m"], 0),
                "confirmed": bool(c["flags"] & TrackFlag.CONFIRMED),
                "coasting": bool(c["flags"] & TrackFlag.COASTING),
                "on_ground": bool(c["flags"] & TrackFlag.ON_GROUND),
                "not_live": bool(c["flags"] & TrackFlag.NOT_LIVE),
                "system": bool(c["flags"] & TrackFlag.SYSTEM),
                "manual": bool(c["flags"] & TrackFlag.MANUAL),
                "heights_differ": bool(c["flags"] & TrackFlag.HEIGHTS_DIFFER),
                "emergency": EMERGENCY_NAMES.get(c["emergency"], "none"),
                "unplaced": i in place,
                "x_nm": number_or_none(x_nm, 2),
                "y_nm": number_or_none(y_nm, 2),
            }
        )
    return out


def alert_rows(alerts: Alerts, sensors: list[SensorView]) -> list[dict[str, Any]]:
    """Return alerts with their text in every language: the worst first, then the newest, at most ALERTS_SHOWN."""
    later = (alerts.state == AlertState.SUPPRESSED, ~np.isnan(alerts.acknowledged_s))  # the last key weighs most
    order = np.lexsort((-alerts.alert.astype(np.int64), -alerts.severity.astype(np.int64), later[1], later[0]))[:ALERTS_SHOWN]
    out = []
    for i in order.tolist():
        rule, detail, sensor = bytes(alerts.rule[i]), bytes(alerts.detail[i]), int(alerts.sensor[i])
        out.append(
            {
                "id": int(alerts.alert[i]),
                "rule": rule.decode("ascii", "replace"),
                "severity": Severity(min(int(alerts.severity[i]), max(Severity))).name.lower(),
                "track": int(alerts.track[i]) or None,
                "other": int(alerts.other[i]) or None,
                "sensor": sensors[sensor].id if 0 <= sensor < len(sensors) else None,
                "text": {lang: phrase(rule, detail, lang) for lang in LANGS},
                "since": number_or_none(float(alerts.since_s[i]), 3),
                "until": number_or_none(float(alerts.until_s[i]), 3),
                "predicted": number_or_none(float(alerts.predicted_s[i]), 3),
                "acknowledged": number_or_none(float(alerts.acknowledged_s[i]), 3),
                "by": bytes(alerts.by[i]).decode("utf-8", "replace") or None,
                "volume": bytes(alerts.volume[i]).decode("utf-8", "replace") or None,
                "state": AlertState(min(int(alerts.state[i]), max(AlertState))).name.lower(),
                "owner": bytes(alerts.owner[i]).decode("utf-8", "replace") or None,
                "escalated": bool(alerts.escalated[i]),
                "suppressed_until": number_or_none(float(alerts.quiet_until_s[i]), 3),
            }
        )
    return out


def sensor_rows(sensors: list[SensorView]) -> list[dict[str, Any]]:
    """Return sensors as plain data."""
    return [
        {
            "id": s.id,
            "name": s.name or s.id,
            "kind": s.kind,
            "lat": number_or_none(s.lat_deg, 6) if s.placed else None,
            "lon": number_or_none(s.lon_deg, 6) if s.placed else None,
            "range_m": number_or_none(s.range_m, 0),
            "placed": s.placed,
            "frame": s.frame,
            "state": s.state,
            "rate_hz": number_or_none(s.rate_hz, 3),
            "lag_s": number_or_none(s.lag_s, 3),
            "rejects": s.rejects,
            "last_seen": number_or_none(s.last_seen_s, 3),
            "note": s.note,
        }
        for s in sensors
    ]


def source_rows(sources: list[SourceView]) -> list[dict[str, Any]]:
    """Return feeds as plain data."""
    return [
        {
            "id": s.id,
            "format": s.format,
            "transport": s.transport or None,
            "state": s.state,
            "detail": s.detail,
            "why": s.why,
            "units_s": number_or_none(s.units_s, 1),
            "bytes_s": number_or_none(s.bytes_s, 0),
            "units": s.units,
            "bytes": s.bytes,
            "records": s.records,
            "dropped": s.dropped,
            "duplicates": s.duplicates,
            "lag_s": number_or_none(s.lag_s, 3),
            "clock_off_s": number_or_none(s.clock_off_s, 3),
            "rejects": s.rejects,
            "last_seen": number_or_none(s.last_seen_s, 3),
            "networks": [{"units": n.units, "missed": n.missed, "silent": n.silent} for n in s.networks],
        }
        for s in sources
    ]


def pressure_rows(pressures: list[PressureView]) -> list[dict[str, Any]]:
    """Return the QNH of each station as plain data."""
    return [
        {
            "station": p.station,
            "lat": number_or_none(p.lat_deg, 4),
            "lon": number_or_none(p.lon_deg, 4),
            "qnh_hpa": number_or_none(p.qnh_hpa, 1),
            "transition_level": p.transition_level,
            "time": number_or_none(p.time_s, 0),
            "by": p.by or None,
        }
        for p in pressures
    ]


def claim_of(claim: int, lang: Lang) -> str | None:
    """Return what a partner calls a track, in words that say whose they are; None where it calls it nothing."""
    word = WORDS[lang][Claim(claim)]
    return f"{CLAIMS[lang]} {word}" if word else None


def because(snap: Snapshot, alert: int, lang: Lang) -> list[dict[str, Any]]:
    """Return the evidence of an alert in words, for and against."""
    w = snap.why
    return [
        {
            "rule": bytes(w.rule[i]).decode("ascii", "replace"),
            "text": phrase(bytes(w.rule[i]), bytes(w.detail[i]), lang),
            "weight": number_or_none(float(w.weight[i]), 3),
            "source": bytes(w.source[i]).decode("utf-8", "replace") or None,
        }
        for i in np.flatnonzero(w.alert == alert).tolist()
    ]


def ellipse_of(tracks: Tracks, row: int) -> dict[str, float] | None:
    """Return the ellipse of one sigma around a track's place; None where its covariance is none.

    The axes are the roots of the covariance's eigenvalues; half the angle whose tangent is 2 xy / (yy - xx) is the larger one's, clockwise
    from the plane's north. The plane's north is turned to the true one by what a flight's course differs from its velocity in the plane.
    """
    xx, xy, yy = (float(c[row]) for c in (tracks.var_xx_m2, tracks.var_xy_m2, tracks.var_yy_m2))
    half, off = 0.5 * (xx + yy), math.hypot(0.5 * (xx - yy), xy)
    if not (math.isfinite(half) and math.isfinite(off) and half > off >= 0.0):
        return None
    east, north, course = float(tracks.vx_ms[row]), float(tracks.vy_ms[row]), float(tracks.course_rad[row])
    moves = math.isfinite(course) and math.hypot(east, north) > MOVES_MS
    turned = course - math.atan2(east, north) if moves else 0.0
    bearing = 0.5 * math.atan2(2.0 * xy, yy - xx) + turned
    return {
        "major_m": round(math.sqrt(half + off), 1),
        "minor_m": round(math.sqrt(half - off), 1),
        "bearing_deg": round(math.degrees(bearing) % 180.0, 1) % 180.0,
    }


def explain(snap: Snapshot, number: int, lang: Lang) -> dict[str, Any] | None:
    """Return a track with each piece of its evidence in words, for and against; None where there is no such track."""
    found = np.flatnonzero(snap.tracks.number == number)
    if not len(found):
        return None
    row = int(found[0])
    one = slice(row, row + 1)
    track = track_rows(dataclasses.replace(snap, tracks=snap.tracks.take(one), identities=snap.identities.take(one)))[0]
    e = snap.evidence
    rows = np.flatnonzero(e.number == number)
    rows = rows[np.argsort(-np.abs(e.weight[rows]), kind="stable")]
    evidence = [
        {
            "rule": bytes(e.rule[i]).decode("ascii", "replace"),
            "text": phrase(bytes(e.rule[i]), bytes(e.detail[i]), lang),
            "weight": number_or_none(float(e.weight[i]), 3),
            "for": bool(e.weight[i] >= 0),
            "since": number_or_none(float(e.since_s[i]), 3),
            "expires": number_or_none(float(e.expires_s[i]), 3),
            "source": bytes(e.source[i]).decode("utf-8", "replace") or None,
        }
        for i in rows.tolist()
    ]
    by_hand = next((bytes(e.detail[i]).split(b"|")[0].decode("ascii", "replace") for i in rows.tolist() if e.rule[i] == b"person_set"), "")
    return {
        "time": snap.time_s,
        **track,
        "set_by_hand": by_hand if by_hand not in ("", "automatic") else None,
        "first_seen": number_or_none(float(snap.tracks.first_s[row]), 3),
        "last_seen": number_or_none(float(snap.tracks.update_s[row]), 3),
        "claim": claim_of(int(snap.tracks.claim[row]), lang),
        "ellipse": ellipse_of(snap.tracks, row),
        "evidence": evidence,
        "for": [x["text"] for x in evidence if x["for"]],
        "against": [x["text"] for x in evidence if not x["for"]],
        "alerts": [
            {**a, "because": because(snap, a["id"], lang)}
            for a in alert_rows(snap.alerts, snap.sensors)
            if number in (a["track"], a["other"])
        ],
    }
