"""Plans to the text of ATS messages, for tests, the exercise and other systems."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.plans import PlanMessage


def encode(
    message: PlanMessage,
    *,
    rules: str = "I",
    flight: str = "S",
    wake: str = "M",
    equipment: str = "SDFGRWY",
    surveillance: str = "S",
    speed: str = "N0300",
    level: str = "F200",
    route: str = "DCT",
    elapsed: str = "0100",
    alternates: Sequence[str] = (),
    other: Sequence[tuple[str, str]] = (),
    amended: Sequence[tuple[int, str]] = (),
) -> str:
    """Return the text of a message in parentheses, as Doc 4444, appendix 3, writes it.

    What a plan does not say comes from the other arguments (fields 8-10, 15 and 16); other: more of item 18, in order;
    amended: fields 22 of a CHG. Raises ValueError for a plan without a callsign.
    """
    plan = message.plan
    if not plan.callsign:
        raise ValueError("a plan without a callsign has no message")
    from_s = message.at_s if message.kind in {"DEP", "DLA"} and math.isfinite(message.at_s) else plan.off_block_s
    departure = f"{plan.departure or 'ZZZZ'}{_clock(from_s)}"
    destination = plan.destination or "ZZZZ"
    filed = [("STS", " ".join(plan.sts)), ("DOF", _date(from_s)), ("CODE", plan.address.upper()), ("OPR", plan.operator)]
    item_18 = " ".join(f"{name}/{value}" for name, value in [*filed, *other] if value) or "0"
    if message.kind == "FPL":
        parts = [
            f"FPL-{plan.callsign}-{rules}{flight}",
            f"{plan.aircraft_type or 'ZZZZ'}/{wake}-{equipment}/{surveillance}",
            departure,
            f"{speed}{level} {plan.route or route}",
            " ".join([destination + (_hours(plan.elapsed_s) or elapsed), *alternates]),
            item_18,
        ]
    elif message.kind == "ARR":
        parts = [f"ARR-{plan.callsign}", departure, f"{destination}{_clock(message.at_s)}"]
    else:
        parts = [f"{message.kind}-{plan.callsign}", departure, destination, item_18]
        parts += [f"{number}/{text}" for number, text in amended]
    return "(" + "\r\n-".join(parts) + ")"


def _clock(time_s: float) -> str:
    """Return HHMM, UTC, empty where NaN."""
    return "" if math.isnan(time_s) else time.strftime("%H%M", time.gmtime(time_s))


def _hours(elapsed_s: float) -> str:
    """Return hours and minutes as HHMM, empty where NaN."""
    return "" if math.isnan(elapsed_s) else "{:02d}{:02d}".format(*divmod(int(elapsed_s) // 60, 60))


def _date(time_s: float) -> str:
    return "" if math.isnan(time_s) else time.strftime("%y%m%d", time.gmtime(time_s))


def envelope(text: str, *, origin: str = "DRRRZQZX", to: str = "DRRNZQZX", filed: str = "221845") -> str:
    """Return a message in an AFTN envelope (Annex 10 vol. II, 4.4)."""
    return f"ZCZC TNA001 {filed}\r\nFF {to}\r\n{filed} {origin}\r\n{text}\r\n\n\nNNNN\r\n"
