"""Work by hand: tracks that a person reported, and what persons said of tracks. All of it reaches the picture by commands in ticks.

Nothing here is fed to the tracker. A track made by hand is shown as MANUAL; a correlation, a merge or an end changes which
rows the picture shows (see `together`), and what it hides goes on behind it, so that each can be undone and the identity of
every number stays its own. What protects one of two numbers that a person called one aircraft protects both (`pairs`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.geo.plane import Plane
from tenere.track import orders
from tenere.track.orders import Apart, Correlate, End, Merge, Refused, ReportCommand, Split, Undo, shorten
from tenere.track.reported import MOTIONS, Report, folded
from tenere.track.standing import (
    Remark,
    Reported,
    Standing,
    close,
    distance_m,
    has_place,
    has_twin,
    holds,
    rows_of,
    seen_at,
    std_m,
    two_flights,
)
from tenere.words.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.batch import Tracks
    from tenere.track.stage import State
    from tenere.track.standing import Manual

AHEAD_S, OLD_S = 5.0, 21_600.0
"""How far a report's time may be ahead of the tick's, and behind it."""
FAR_M, SIGMAS = 20_000.0, 3.0
"""Tracks farther apart than this, and so many sigma of each, are not one aircraft whoever says so."""
REACH_M = 3_000_000.0
"""Farthest place from the centre of the plane."""
MAX_TRACKS, MAX_ORDERS, MAX_REPORTS, MAX_REMARKS = 500, 1_000, 200, 16
SPLIT_STD_M = 500.0
"""Least one-sigma place of the second aircraft of a split."""


def order(
    state: State, commands: Sequence[dict[str, Any]], time_s: float, guarded: NDArray[np.uint32] | None = None
) -> tuple[State, tuple[Answer, ...]]:
    """Carry out the commands of a tick, before its plots are heard; return the state and an answer to each that is about tracks.

    Commands are not trusted: one that cannot be read, or not be obeyed, is answered with the reason and changes nothing; those of
    other kinds are passed over. guarded: numbers of civil and protected flights, ascending; None: nobody is known to be one.
    """
    manual = state.manual
    if guarded is not None:
        manual.guarded = guarded
    answers = []
    for index, command in enumerate(commands):
        kind = command.get("kind") if isinstance(command, dict) else None
        if not isinstance(kind, str) or kind not in orders.KINDS:
            continue
        number, track, key, by = 0, 0, "order.done", ""
        details: tuple[str, ...] = ()
        try:
            asked = orders.read(command)
            by = shorten(asked.by, orders.BY_BYTES)
            number, track, key, details = _obey(state, asked, by, time_s)
        except Refused as why:
            key, details = why.key, why.details
        answers.append(Answer(index, kind, bool(key in {"order.done", "order.far_report"}), number, track, key, details, by))
    return state, tuple(answers)


def _obey(state: State, asked: orders.Command, by: str, time_s: float) -> tuple[int, int, str, tuple[str, ...]]:
    """Carry out one command; return order, track, key and details of the answer. Raises Refused."""
    manual = state.manual
    if isinstance(asked, ReportCommand):
        return _report(state, asked, by, time_s)
    if isinstance(asked, Undo):
        return _undo(manual, asked.order)
    if len(manual.orders) >= MAX_ORDERS:
        raise Refused("order.full", MAX_ORDERS)
    reason = shorten(asked.reason, orders.REASON_BYTES)
    if not isinstance(asked, (Split, End)) and asked.track == asked.other:
        raise Refused("order.same_track", asked.track)
    if isinstance(asked, Correlate):
        made = _correlated(state, asked, time_s)
    elif isinstance(asked, Merge):
        made = _merged(state, asked, time_s)
    elif isinstance(asked, Apart):
        made = _held_apart(state, asked, time_s)
    elif isinstance(asked, Split):
        made = _split(state, asked, by, time_s)
    else:
        made = _ended(state, asked, time_s)
    manual.orders[manual.next_order] = made._replace(order=manual.next_order, by=by, reason=reason)
    manual.next_order += 1
    return manual.next_order - 1, made.other if made.kind == "split" else made.track, "order.done", ()


def _standing(kind: str, track: int, other: int, since_s: float, until_s: float) -> Standing:
    return Standing(0, kind, track, other, since_s, until_s, "", "")


def _there(state: State, number: int) -> None:
    """Raise Refused where a number is no track's that the picture shows under it."""
    manual = state.manual
    if number >= state.next_number:
        raise Refused("order.unknown_track", number)
    for o in manual.of("end"):
        if o.track == number:
            raise Refused("order.ended_by", number, o.by, o.reason)
    if (root := manual.root(number)) != number:
        raise Refused("order.part_of", number, root)
    if number not in manual.tracks and not (manual.shown.number == number).any():
        raise Refused("order.gone_track", number)


def _row(state: State, number: int) -> Tracks:
    """Return the row of a track that the picture shows; raise Refused where it shows none, or it was made by hand."""
    _there(state, number)
    if number in state.manual.tracks:
        raise Refused("order.is_manual", number)
    return state.manual.shown.take(state.manual.shown.number == number)


def _by_hand(state: State, number: int) -> Reported:
    """Return a track made by hand that stands by itself; raise Refused where there is none."""
    _there(state, number)
    if number not in state.manual.tracks:
        raise Refused("order.not_manual", number)
    return state.manual.tracks[number]


def _not_held(manual: Manual, a: int, b: int) -> None:
    """Raise Refused where two tracks are held apart."""
    if (o := holds(manual, a, b)) is not None:
        raise Refused("order.held_apart", a, b, o.by, o.order)


def _near(a: Tracks, b: Tracks) -> None:
    """Raise Refused where two rows cannot be one aircraft."""
    apart = distance_m(a, b)
    if math.isnan(apart):
        raise Refused("order.no_common_place", int(a.number[0]), int(b.number[0]))
    if apart > FAR_M + SIGMAS * (std_m(a) + std_m(b)):
        raise Refused("order.far_apart", int(a.number[0]), int(b.number[0]), round(apart / 1000.0))


def _correlated(state: State, asked: Correlate, time_s: float) -> Standing:
    made = _by_hand(state, asked.track)
    other = _row(state, asked.other)
    _not_held(state.manual, asked.track, asked.other)
    _near(rows_of(made, state.plane, time_s), other)
    state.manual.tracks[made.number] = made._replace(followed=other)
    return _standing("correlate", asked.track, asked.other, time_s, math.inf)


def _merged(state: State, asked: Merge, time_s: float) -> Standing:
    a, b = _row(state, asked.track), _row(state, asked.other)
    _not_held(state.manual, asked.track, asked.other)
    _near(a, b)
    if two_flights(state.manual, a, b):
        raise Refused("order.two_addresses", asked.track, asked.other)
    elder, younger = sorted((a, b), key=lambda t: (float(t.first_s[0]), int(t.number[0])))
    made = _standing("merge", int(elder.number[0]), int(younger.number[0]), time_s, time_s + asked.hold_s)
    return made._replace(first_s=float(elder.first_s[0]), apart_m=distance_m(a, b))


def _held_apart(state: State, asked: Apart, time_s: float) -> Standing:
    for number in (asked.track, asked.other):
        _there(state, number)
    _not_held(state.manual, asked.track, asked.other)
    return _standing("apart", min(asked.track, asked.other), max(asked.track, asked.other), time_s, time_s + asked.hold_s)


def _split(state: State, asked: Split, by: str, time_s: float) -> Standing:
    manual, row = state.manual, _row(state, asked.track)
    if any(o.track == asked.track for o in manual.of("split")):
        raise Refused("order.two_of_one", asked.track)
    if not has_place(row):
        raise Refused("order.no_place")
    if len(manual.tracks) >= MAX_TRACKS:
        raise Refused("order.full", MAX_TRACKS)
    kind = next((c for c in MOTIONS if c == row.aircraft_class[0]), next(iter(MOTIONS)))
    base = seen_at(row, MOTIONS[kind], SPLIT_STD_M)
    number, state.next_number = state.next_number, state.next_number + 1
    remark = Remark(time_s, time_s, by, shorten(asked.reason, orders.WORDS_BYTES))
    until_s = time_s + asked.hold_s
    manual.tracks[number] = Reported(number, time_s, until_s, kind, "", math.nan, math.nan, (remark,), base, (), base)
    return _standing("split", asked.track, number, time_s, until_s)


def _ended(state: State, asked: End, time_s: float) -> Standing:
    manual = state.manual
    _there(state, asked.track)
    if asked.track in manual.tracks:
        return _standing("end", asked.track, 0, time_s, manual.tracks[asked.track].expires_s)
    row = _row(state, asked.track)
    if manual.guards(asked.track) and not has_twin(manual.shown, row):
        raise Refused("order.civil_flight", asked.track)
    return _standing("end", asked.track, 0, time_s, time_s + asked.hold_s)


def _undo(manual: Manual, number: int) -> tuple[int, int, str, tuple[str, ...]]:
    """Take an order back; raise Refused where none such stands."""
    if number >= manual.next_order:
        raise Refused("order.unknown_order", number)
    if number not in manual.orders:
        raise Refused("order.ended_order", number)
    o = manual.orders[number]
    close(manual, o)
    return number, o.track, "order.done", ()


def _report(state: State, asked: ReportCommand, by: str, time_s: float) -> tuple[int, int, str, tuple[str, ...]]:
    """Make a track by hand, or let a further report into one. Raises Refused."""
    manual = state.manual
    before = _about(state, asked.track) if asked.track is not None else None
    said_s = time_s if asked.report_s is None else asked.report_s
    kind = orders.class_of(asked.aircraft_class)
    if kind == 0 and before is not None:
        kind = before.aircraft_class
    if said_s > time_s + AHEAD_S:
        raise Refused("order.of_the_future")
    begins_s = before.base.time_s if before is not None and before.base is not None else -math.inf
    if said_s < max(time_s - OLD_S, begins_s) or said_s + asked.keep_s <= time_s:
        raise Refused("order.too_old")
    if asked.speed_ms is not None and asked.speed_ms > MOTIONS[kind].top_ms:
        raise Refused("order.too_fast", kind.name.lower(), round(MOTIONS[kind].top_ms))
    if asked.low_m is not None and asked.high_m is not None and asked.low_m > asked.high_m:
        raise Refused("order.upside_down")
    if before is None and len(manual.tracks) >= MAX_TRACKS:
        raise Refused("order.full", MAX_TRACKS)
    if before is not None and len(before.reports) >= MAX_REPORTS:
        raise Refused("order.full", MAX_REPORTS)
    plane = state.plane if state.plane is not None else Plane.at(math.radians(asked.lat_deg), math.radians(asked.lon_deg))
    report = _in_plane(asked, plane, said_s)
    if not (np.isfinite(report.position).all() and float(np.hypot(*report.position)) < REACH_M):
        raise Refused("order.no_place")
    state.plane = plane
    remark = Remark(time_s, said_s, by, shorten(asked.words, orders.WORDS_BYTES))
    band = (math.nan if asked.low_m is None else asked.low_m, math.nan if asked.high_m is None else asked.high_m)
    if before is None:
        number, state.next_number = state.next_number, state.next_number + 1
        estimate, _ = folded(None, (report,), MOTIONS[kind])
        manual.tracks[number] = Reported(
            number, said_s, said_s + asked.keep_s, kind, asked.callsign, *band, (remark,), None, (report,), estimate
        )
        return 0, number, "order.done", ()
    reports = (*before.reports, report)
    estimate, near = folded(before.base, reports, MOTIONS[kind])
    manual.tracks[before.number] = before._replace(
        first_s=min(before.first_s, said_s),
        expires_s=max(before.expires_s, said_s + asked.keep_s),
        aircraft_class=kind,
        callsign=asked.callsign or before.callsign,
        low_m=before.low_m if all(map(math.isnan, band)) else band[0],
        high_m=before.high_m if all(map(math.isnan, band)) else band[1],
        remarks=(*before.remarks, remark)[-MAX_REMARKS:],
        reports=reports,
        estimate=estimate,
    )
    return 0, before.number, "order.done" if near else "order.far_report", ()


def _about(state: State, number: int) -> Reported:
    """Return the track made by hand that a further report is about: by its own number, or by that of the track it is."""
    manual = state.manual
    own = [o.track for o in manual.of("correlate") if number in {o.track, manual.root(o.other)}]
    return manual.tracks[own[-1]] if own else _by_hand(state, number)


def _in_plane(asked: ReportCommand, plane: Plane, said_s: float) -> Report:
    """Return a report in the plane's terms."""
    lat, lon = math.radians(asked.lat_deg), math.radians(asked.lon_deg)
    position = np.array(plane.forward(lat, lon), float)
    turned = float(plane.north(lat, lon)[0]) if np.isfinite(position).all() else 0.0

    def told(value: float | None, factor: float = 1.0) -> float:
        return math.nan if value is None else value * factor

    return Report(
        said_s,
        position,
        asked.position_std_m,
        told(asked.course_deg, math.pi / 180.0) + turned,
        told(asked.course_std_deg, math.pi / 180.0),
        told(asked.speed_ms),
        told(asked.speed_std_ms),
    )
