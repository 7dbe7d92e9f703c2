"""The picture as persons have put it together: which rows are one aircraft, which are none, and what was reported by hand.

A pure layer over the tracker's rows: what it hides goes on behind it, under its own number, and is there again when the order
is undone, has lapsed, or turns out to hide a flight.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import TrackFlag, Tracks
from tenere.track.manual import FAR_M, SIGMAS
from tenere.track.standing import (
    ManualRow,
    Standing,
    carried_on,
    close,
    distance_m,
    forget,
    has_place,
    has_twin,
    holds,
    rows_of,
    std_m,
    two_flights,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.geo.plane import Plane
    from tenere.track.standing import Manual

SAME_M, SAME_MS = 300.0, 30.0
"""A track that begins this much farther from one that a person merged than the two were, beyond three sigma, and as fast, is the
same aircraft begun again."""
LEFT_M = 2_000.0
"""Such a one that is farther off than this, beyond three sigma, is the same no more."""
MAX_MORE = 8
EMERGENCY_CODES = (0o7500, 0o7600, 0o7700)


class Shown(NamedTuple):
    """The rows to show; the rows behind them; and what number each of those behind is shown as (0: not at all)."""

    tracks: Tracks
    aside: Tracks
    shown_as: dict[int, int]


def show(manual: Manual, raw: Tracks, plane: Plane | None, time_s: float) -> Shown:
    """Put the tracker's rows (and other systems') together as persons have said, with the tracks made by hand.

    Pure: neither the memory nor the rows are changed. Without work by hand the rows are returned as they are.
    """
    if not manual.busy:
        return Shown(raw, Tracks.none(), {})
    into = _into(manual, raw, time_s)
    ended = {o.track for o in manual.of("end") if o.until_s > time_s}
    named = np.array(sorted({*into, *into.values(), *ended}), np.uint32)
    at = {int(raw.number[i]): int(i) for i in np.flatnonzero(np.isin(raw.number, named))}

    groups: dict[int, list[int]] = {}
    shown_as: dict[int, int] = {}
    for number in sorted(into):
        root = _root(into, number)
        shown_as[number] = root
        if number in at:
            groups.setdefault(root, [at[root]] if root in at else []).append(at[number])
    fused = [_fused(raw.take(np.array(rows)), root, _began_s(manual, root), plane) for root, rows in sorted(groups.items())]
    behind = np.zeros(len(raw), bool)
    behind[[i for rows in groups.values() for i in rows]] = True
    seen = Tracks.concat([raw.take(~behind) if behind.any() else raw, *fused])
    aside = [raw.take(behind & ~np.isin(raw.number, list(groups)))] if groups else []

    made, correlated = [], {o.track: _root(into, o.other) for o in manual.of("correlate")}
    there = set(seen.number[np.isin(seen.number, np.array(sorted(correlated.values()), np.uint32))].tolist())
    for number, track in sorted(manual.tracks.items()):
        if track.expires_s <= time_s or number in ended:
            continue
        root = correlated.get(number, number)
        row = rows_of(track, plane, time_s)
        if root == number:
            made.append(row)
            continue
        shown_as[number] = root
        aside.append(row)
        if root not in there and track.followed is not None and has_place(track.followed):
            made.append(carried_on(track, plane, time_s).replace(number=root))
            there.add(root)
    seen, dropped = _without(manual, Tracks.concat([seen, *made]), ended)
    shown_as |= dict.fromkeys(dropped.number.tolist(), 0)
    return Shown(seen, Tracks.concat([*aside, dropped]), {n: 0 if shown_as.get(to) == 0 else to for n, to in shown_as.items()})


def _into(manual: Manual, raw: Tracks, time_s: float) -> dict[int, int]:
    """Return the number that each merged number is part of, by the merges that stand and are not seen to be wrong."""
    into = {}
    for o in manual.of("merge"):
        if o.until_s <= time_s:
            continue
        if not wrong(manual, o, raw):
            into[o.other] = o.track
        elder = _of(raw, o.track)
        into |= {n: o.track for n in o.more if not _left(o, elder, _of(raw, n))}
    return into


def _root(into: dict[int, int], number: int) -> int:
    while number in into:
        number = into[number]
    return number


def _of(tracks: Tracks, number: int) -> Tracks:
    return tracks.take(np.flatnonzero(tracks.number == number))


def _beyond(a: Tracks, b: Tracks, limit_m: float) -> bool:
    """Say whether two rows are seen to be farther apart than a limit and three sigma of each."""
    return bool(len(a) and len(b)) and distance_m(a, b) > limit_m + SIGMAS * (std_m(a) + std_m(b))


def _says_other(elder: Tracks, row: Tracks) -> bool:
    """Say whether two rows give different names of themselves: an address where the elder has none or another, a code, a callsign."""
    for name, known in (("address", row.address[0] >= 0), ("mode_a", row.mode_a[0] >= 0), ("callsign", row.callsign[0] != b"")):
        mine, its = getattr(elder, name)[0], getattr(row, name)[0]
        if known and mine != its and (name == "address" or mine not in (-1, b"")):
            return True
    return False


def _left(o: Standing, elder: Tracks, row: Tracks) -> bool:
    """Say whether what began again beside a merged track is seen to be another aircraft."""
    return bool(len(elder) and len(row)) and (_says_other(elder, row) or _beyond(elder, row, LEFT_M + o.apart_m))


def wrong(manual: Manual, o: Standing, raw: Tracks) -> bool:
    """Say whether a merge is seen to be wrong: its tracks are far from each other, or two flights by their addresses."""
    a, b = _of(raw, o.track), _of(raw, o.other)
    return bool(len(a) and len(b)) and (_beyond(a, b, FAR_M) or two_flights(manual, a, b))


def _began_s(manual: Manual, root: int) -> float:
    """Return when a merged track's elder began."""
    return min((o.first_s for o in manual.of("merge") if o.track == root), default=math.inf)


def _without(manual: Manual, seen: Tracks, ended: set[int]) -> tuple[Tracks, Tracks]:
    """Return the rows without those that persons ended, and those.

    A row in an emergency stays, and so does a civil or protected flight's, unless another row shows its address.
    """
    gone = np.isin(seen.number, np.array(sorted(ended), np.uint32))
    for i in np.flatnonzero(gone):
        row = seen.take(np.array([i]))
        emergency = int(row.emergency[0]) != 0 or int(row.mode_a[0]) in EMERGENCY_CODES
        if emergency or (manual.guards(int(row.number[0])) and not has_twin(seen.take(~gone), row)):
            gone[i] = False
    return (seen.take(~gone), seen.take(gone)) if gone.any() else (seen, Tracks.none())


def _fused(rows: Tracks, number: int, first_s: float, plane: Plane | None) -> Tracks:
    """Return the one row (1,) of an aircraft that several are of.

    Place: covariance intersection of our own rows in the best one's plane, weighted by how narrow each is
    (Niehsen, "Information fusion based on fast covariance intersection filtering", FUSION 2002), since what they share is not
    known: the spread never shrinks below the narrowest's. Velocity: the best row's. What it says of itself: an emergency
    first, then the number's own row, then the others in order.
    """
    coasting = (rows.flags & TrackFlag.COASTING) != 0
    order = np.lexsort((rows.number, np.nan_to_num(rows.var_xx_m2 + rows.var_yy_m2, nan=np.inf), coasting, rows.source >= 0))
    best = rows.take(order[:1])
    own = rows.take((rows.source < 0) & (rows.frame == best.frame[0]) & (rows.time_s == best.time_s[0]))
    moved = _intersected(own) if len(own) > 1 and best.source[0] < 0 else {}
    if moved and plane is not None and best.frame[0] == 0:
        lat, lon = plane.inverse(moved["x_m"], moved["y_m"])
        moved |= {"lat_rad": float(lat), "lon_rad": float(lon)}
    say = rows.take(np.lexsort((rows.number, rows.number != number)))
    codes = say.mode_a[np.isin(say.mode_a, EMERGENCY_CODES)]
    flags = int(np.bitwise_or.reduce(rows.flags & np.uint32(TrackFlag.SPI | TrackFlag.ON_GROUND)) | best.flags[0])
    return best.replace(
        **moved,
        number=number,
        first_s=min(float(rows.first_s.min()), first_s),
        update_s=rows.update_s.max(),
        existence=rows.existence.max(),
        address=_first(say.address, say.address >= 0),
        mode_a=codes[0] if len(codes) else _first(say.mode_a, say.mode_a >= 0),
        callsign=_first(say.callsign, say.callsign != b""),
        remote_id=_first(say.remote_id, say.remote_id != b""),
        aircraft_class=_first(say.aircraft_class, say.aircraft_class != 0),
        emergency=_first(say.emergency, say.emergency != 0),
        kinds=np.bitwise_or.reduce(rows.kinds),
        sensors=np.bitwise_or.reduce(rows.sensors),
        flags=flags,
    )


def _first(values: NDArray[np.generic], known: NDArray[np.bool_]) -> np.generic:
    """Return the first known value; the first where none is."""
    found: np.generic = values[int(np.argmax(known))]
    return found


def _intersected(rows: Tracks) -> dict[str, float]:
    """Return place and spread of rows (2 and more) of one plane, as columns; none where they are no covariances."""
    xx, xy, yy = rows.var_xx_m2, rows.var_xy_m2, rows.var_yy_m2
    det = xx * yy - xy * xy
    if not ((xx > 0) & (det > 0) & np.isfinite(det)).all():
        return {}
    weight = 1.0 / (xx + yy)
    weight /= weight.sum()
    a, b, c = (float((weight * v / det).sum()) for v in (yy, -xy, xx))  # information, its share of each
    u = float((weight * (yy * rows.x_m - xy * rows.y_m) / det).sum())
    v = float((weight * (xx * rows.y_m - xy * rows.x_m) / det).sum())
    whole = a * c - b * b
    return {
        "x_m": (c * u - b * v) / whole,
        "y_m": (a * v - b * u) / whole,
        "var_xx_m2": c / whole,
        "var_xy_m2": -b / whole,
        "var_yy_m2": a / whole,
    }


def settle(manual: Manual, raw: Tracks, plane: Plane | None, time_s: float, newest: int) -> tuple[Manual, Shown]:
    """Return the tick's picture and the memory of work by hand brought up to it: what has lapsed or is seen to be wrong has ended.

    raw: the tracker's rows and other systems'; newest: the highest number before this tick. The memory given is used up.
    """
    shown = show(manual, raw, plane, time_s)
    if manual.busy:
        for o in list(manual.orders.values()):
            if o.order in manual.orders and (o.until_s <= time_s or (o.kind == "merge" and wrong(manual, o, raw))):
                close(manual, o)
        if _begun(manual, raw, shown.tracks, time_s, newest):
            shown = show(manual, raw, plane, time_s)
        _followed(manual, raw, shown.tracks, time_s)
    manual.shown = shown.tracks
    return manual, shown


def _begun(manual: Manual, raw: Tracks, shown: Tracks, time_s: float, newest: int) -> bool:
    """See to what began in this tick where persons merged or split; return whether the picture changes by it."""
    fresh, before = raw.take((raw.number > newest) & (raw.source < 0)), dict(manual.orders)
    for o in manual.of("merge"):
        elder = _of(raw, o.track)  # as it is without what was merged into it, where it is
        manual.orders[o.order] = _continued(manual, o, raw, fresh, elder if len(elder) else _of(shown, manual.root(o.track)))
    for o in manual.of("split"):
        _found(manual, o, fresh, _of(shown, o.other), time_s)
    return manual.orders != before


def _followed(manual: Manual, raw: Tracks, shown: Tracks, time_s: float) -> None:
    """Keep where the tracks are that ones made by hand are correlated with; drop those made by hand that have expired."""
    numbers = set(raw.number.tolist())
    correlated = {o.track: manual.root(o.other) for o in manual.of("correlate")}
    for number, track in list(manual.tracks.items()):
        target = correlated.get(number)
        row = _of(shown, target) if target is not None else Tracks.none()
        seen = len(row) > 0 and not row.flags[0] & TrackFlag.MANUAL
        if track.expires_s <= time_s and not seen and target not in numbers:
            forget(manual, number)
        elif seen:
            manual.tracks[number] = track._replace(followed=row)


def _continued(manual: Manual, o: Standing, raw: Tracks, fresh: Tracks, elder: Tracks) -> Standing:
    """Take what began beside a merged track for the same aircraft; let go what has left it."""
    if not len(elder):
        return o
    more = tuple(n for n in o.more if not _left(o, elder, _of(raw, n)))
    for i in range(len(fresh)):
        row = fresh.take(np.array([i]))
        number = int(row.number[0])
        free = len(more) < MAX_MORE and manual.root(number) == number and holds(manual, number, o.track) is None
        if free and not any(s.track == o.track for s in manual.of("split")) and _begun_again(elder, row, SAME_M + o.apart_m):
            more = (*more, number)
    return o._replace(more=more)


def _found(manual: Manual, o: Standing, fresh: Tracks, second: Tracks, time_s: float) -> None:
    """Let the second aircraft of a split, as shown by hand, be the first track that begins where it is."""
    near = [i for i in range(len(fresh)) if len(second) and not _beyond(second, fresh.take(np.array([i])), SAME_M)]
    if not near or manual.root(o.other) != o.other or o.other not in manual.tracks:
        return
    row = fresh.take(np.array(near[:1]))
    number, manual.next_order = manual.next_order, manual.next_order + 1
    manual.orders[number] = Standing(number, "correlate", o.other, int(row.number[0]), time_s, math.inf, o.by, o.reason)
    manual.tracks[o.other] = manual.tracks[o.other]._replace(followed=row)


def _begun_again(elder: Tracks, row: Tracks, near_m: float) -> bool:
    """Say whether a new row is an aircraft's that another row shows: as near and as fast, and saying nothing else of itself."""
    differ = math.hypot(float(row.vx_ms[0] - elder.vx_ms[0]), float(row.vy_ms[0] - elder.vy_ms[0]))
    swing = SIGMAS * (math.sqrt(max(float(row.var_v_m2s2[0]), 0.0)) + math.sqrt(max(float(elder.var_v_m2s2[0]), 0.0)))
    near = not _beyond(elder, row, near_m) and not math.isnan(distance_m(elder, row))
    return bool(not _says_other(elder, row) and near and differ < SAME_MS + swing)


def pairs(manual: Manual) -> tuple[tuple[int, int], ...]:
    """Return the pairs of numbers that persons called one aircraft, or parts of one: what protects one must protect both."""
    out = []
    for o in manual.orders.values():
        if o.kind in {"merge", "correlate", "split"}:
            out += [(o.track, n) for n in (o.other, *o.more)]
    return tuple(out)


def renamed(shown_as: dict[int, int], numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number that each track number is shown as."""
    if not shown_as:
        return numbers
    out = numbers.copy()
    for number, to in shown_as.items():
        out[numbers == number] = to
    return out


def told(manual: Manual) -> tuple[ManualRow, ...]:
    """Return what is known of the tracks made by hand, for people."""
    return tuple(
        ManualRow(
            number=t.number,
            shown_as=manual.root(t.number),
            aircraft_class=int(t.aircraft_class),
            callsign=t.callsign,
            low_m=t.low_m,
            high_m=t.high_m,
            update_s=t.update_s,
            expires_s=t.expires_s,
            remarks=t.remarks,
        )
        for _, t in sorted(manual.tracks.items())
    )


def forbids(manual: Manual, a: int, b: int) -> bool:
    """Say whether persons hold two tracks apart, or said that one of them holds two aircraft: nothing may take them for one."""
    if not manual.orders:
        return False
    return any(o.track in (a, b) for o in manual.of("split")) or holds(manual, a, b) is not None
