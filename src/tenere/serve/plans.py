"""The flight plans as plain data: what was filed, which track flies each, and what cannot be so."""

from __future__ import annotations

import asyncio
import math
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
from starlette.routing import Route

from tenere.serve.answers import as_json
from tenere.serve.picture import number_or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from starlette.requests import Request
    from starlette.responses import Response

    from tenere.batch import F64, Identities, Tracks
    from tenere.plans import Plan
    from tenere.serve.hub import Hub

SHOWN = 500
"""The most plans that are told at a time: flown ones first, then those nearest in time."""
LONGEST_WORD = 40
OVERDUE_S = 1800.0
"""A flight is overdue when it was not seen so long after its time (the uncertainty phase, ICAO Annex 11, 5.2)."""
EARLY_S = 900.0
"""A flight may leave so much before its off-block time."""
ORDER = {"flying": 0, "overdue": 1, "expected": 2, "seen": 3, "unwatched": 4, "ended": 5}


class Flown(NamedTuple):
    """Which tracks fly a plan, and since when the first of them is known."""

    tracks: tuple[int, ...]
    first_s: float


class Book:
    """Answers for the plans of a running picture."""

    def __init__(self, held: Callable[[], tuple[Sequence[Plan], Sequence[bool]]]) -> None:
        """Answer from what `held` gives: every plan by row, and whether it still names tracks."""
        self._held = held
        self._lock = threading.Lock()
        self._seen_s: F64 = np.zeros(0)
        self._flies: tuple[NDArray[np.int32], NDArray[np.uint32], F64] | None = None
        self._time_s = self._began_s = math.nan

    def take(self, time_s: float, tracks: Tracks, identities: Identities) -> None:
        """Take in which track flies which plan."""
        rows = np.flatnonzero(identities.plan >= 0)
        plan, number, first = identities.plan[rows], tracks.number[rows], tracks.first_s[rows]
        with self._lock:
            if not time_s >= self._time_s:
                self._seen_s, self._began_s = np.zeros(0), time_s
            most = int(plan.max(initial=-1)) + 1
            if most > len(self._seen_s):
                self._seen_s = np.concatenate([self._seen_s, np.full(most - len(self._seen_s), np.nan)])
            self._seen_s[plan] = time_s
            self._time_s = time_s
            self._flies = (plan, number, first)

    def told(self, word: str = "") -> dict[str, Any]:
        """Return the plans that a word is in (all without one), at most SHOWN, and how many there are."""
        plans, active = self._held()
        with self._lock:
            now, began, flies, seen = self._time_s, self._began_s, self._flies, self._seen_s.tolist()
        flown: dict[int, Flown] = {}
        for row, number, first_s in zip(*(c.tolist() for c in flies), strict=True) if flies else ():
            had = flown.get(row)
            flown[row] = Flown((*had.tracks, number), min(had.first_s, first_s)) if had else Flown((number,), first_s)
        wanted = word.strip().upper()
        rows = [k for k, p in enumerate(plans) if not wanted or wanted in words_of(p)]
        states = {k: state_of(plans[k], active[k], k in flown, seen[k] if k < len(seen) else math.nan, now, began) for k in rows}
        rows.sort(key=lambda k: (ORDER[states[k]], _distance(plans[k].off_block_s, now), k))
        return {
            "time": number_or_none(now, 3),
            "total": len(plans),
            "found": len(rows),
            "plans": [_plan(k, plans[k], states[k], flown.get(k), seen[k] if k < len(seen) else math.nan, now) for k in rows[:SHOWN]],
        }


def words_of(plan: Plan) -> str:
    """Return everything of a plan that may be looked for."""
    names = (plan.callsign, plan.departure, plan.destination, plan.aircraft_type, plan.operator, plan.address, plan.remote_id, plan.ssr)
    return " ".join((*names, plan.route, *plan.sts)).upper()


def state_of(plan: Plan, active: bool, flying: bool, seen_s: float, now: float, began: float) -> str:
    """Return where a flight is in its life.

    flying; seen: a track flew it before; ended; expected; overdue; unwatched: its time came before this picture began, so that not
    to have seen it says nothing.
    """
    if flying:
        return "flying"
    if not active:
        return "ended"
    if math.isfinite(seen_s):
        return "seen"
    due_s = plan.off_block_s + OVERDUE_S
    return "expected" if not now > due_s else "overdue" if due_s >= began else "unwatched"


def flags_of(plan: Plan, flown: Flown | None, now: float) -> list[str]:
    """Return what cannot be so: flown before its time, still flown long after it should have landed, or no time at all."""
    out = []
    if not math.isfinite(plan.off_block_s):
        out.append("no_time")
    if flown is not None and flown.first_s < plan.off_block_s - EARLY_S:
        out.append("early")
    if flown is not None and now > plan.off_block_s + 2.0 * plan.elapsed_s + OVERDUE_S:
        out.append("late")
    if plan.elapsed_s == 0.0:
        out.append("no_elapsed")
    return out


def _distance(off_block_s: float, now: float) -> float:
    return abs(off_block_s - now) if math.isfinite(off_block_s) and math.isfinite(now) else math.inf


def _plan(row: int, plan: Plan, state: str, flown: Flown | None, seen_s: float, now: float) -> dict[str, Any]:
    return {
        "row": row,
        "callsign": plan.callsign,
        "departure": plan.departure or None,
        "destination": plan.destination or None,
        "off_block": number_or_none(plan.off_block_s, 0),
        "landing": number_or_none(plan.off_block_s + plan.elapsed_s, 0),
        "route": plan.route or None,
        "aircraft_type": plan.aircraft_type or None,
        "operator": plan.operator or None,
        "address": plan.address.upper() or None,
        "remote_id": plan.remote_id or None,
        "mode_a": plan.ssr or None,
        "sts": list(plan.sts),
        "protected": plan.protected,
        "state": state,
        "tracks": list(flown.tracks) if flown else [],
        "last_seen": number_or_none(seen_s, 0),
        "flags": flags_of(plan, flown, now),
    }


async def _plans(request: Request, *, hub: Hub, turn: asyncio.Lock) -> Response:
    if hub.plans is None:
        return as_json({"time": None, "total": 0, "found": 0, "plans": []})
    word = request.query_params.get("q", "")[:LONGEST_WORD]
    async with turn:  # one at a time, however many ask
        told = await asyncio.to_thread(hub.plans.told, word)
    return as_json(msgspec.json.encode(told))


def plan_routes(hub: Hub) -> list[Route]:
    """Return the routes of the flight plans."""
    return [Route("/api/plans", partial(_plans, hub=hub, turn=asyncio.Lock()))]
