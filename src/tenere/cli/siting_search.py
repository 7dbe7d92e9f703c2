"""The search of tenere site: greedy, exchanges, shakes, HiGHS; whoever stops it keeps the best so far."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from tenere.cli.output import Progress
from tenere.coverage.certify import certify
from tenere.coverage.relax import relax
from tenere.coverage.siting import greedy, shaken, swapped
from tenere.errors import UsageError

if TYPE_CHECKING:
    from types import FrameType

    from tenere.coverage.siting import Plan, Problem
    from tenere.coverage.siting_config import SitingConfig

SHAKES_SHARE = 0.5
"""Of the time."""
QUICK_STEPS = 400


class Stop:
    """Notes Ctrl-C and SIGTERM instead of ending what runs; the second one ends it."""

    def __init__(self) -> None:
        """Begin with nobody asking."""
        self.asked = False
        self._before: dict[int, Any] = {}

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def __enter__(self) -> Self:
        """Take the signals, where this is the main thread."""
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        """Give them back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)


class Found(NamedTuple):
    """The plans in the order they were found, what no plan exceeds, and what ended the search."""

    plans: tuple[Plan, ...]
    bound: float
    shakes: int
    seconds: float
    stopped: bool
    proof: str
    """Empty, or why HiGHS was not asked."""

    @property
    def best(self) -> Plan:
        """Return the last plan."""
        return self.plans[-1]

    def gap(self, plan: Plan) -> float:
        """Return the share of the bound that a plan falls short of it at most."""
        return max(0.0, (self.bound - plan.worth) / self.bound) if self.bound > 0 else 0.0


def search(p: Problem, config: SitingConfig, stop: Stop) -> Found:
    """Look for the best plan until the time is over, the gap is small enough or somebody stops it; each plan is no worse than the last."""
    begun = time.monotonic()
    plans = [greedy(p)]
    plans.append(swapped(p, plans[0]))
    most = float(p.once.sum() + p.twice.sum())
    bound = max(plans[-1].worth, min(most, relax(p, plans[-1], QUICK_STEPS).bound))
    progress = Progress("tenere site", config.seconds)
    shakes, best = 0, plans[-1]

    def gap(plan: Plan) -> float:
        return (bound - plan.worth) / bound if bound > 0 else 0.0

    def told(plan: Plan, doing: str) -> None:
        progress.at(
            time.monotonic() - begun, f"{doing}, {len(plan.sites)} sites, worth {plan.worth:.3f}, below the bound {100 * gap(plan):.2f} %"
        )

    for plan in shaken(p, best, config.seed):
        if stop.asked or gap(best) <= config.gap / 2 or time.monotonic() - begun > SHAKES_SHARE * config.seconds or not p.candidates:
            break
        shakes, best = shakes + 1, plan
        told(best, f"{shakes:,} shakes")
    plans.append(best)
    left, proof = config.seconds - (time.monotonic() - begun), ""
    if not stop.asked and p.candidates:

        def going() -> bool:
            told(best, "HiGHS")
            return not stop.asked

        try:
            sure = certify(p, best, max(1.0, left), config.gap, going)
            plans.append(sure.plan)
            bound = max(min(bound, sure.bound), sure.plan.worth)
        except UsageError as e:
            proof = str(e)
    progress.end()
    return Found(tuple(plans), bound, shakes, time.monotonic() - begun, stop.asked, proof)
