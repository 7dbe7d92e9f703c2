"""The families of rules: each looks at one tick's view and yields the conditions that hold.

A family is a module-level object with the names of its rules, ``init(config, world)`` to a state of its own and ``step(state, view)``,
which may change that state in place and yields conditions. A family never asks another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tenere.watch.families import airspace, closure, contradiction, general, integrity, interference, movements, msaw, silence, stca

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tenere.batch import Severity
    from tenere.watch.config import WatchConfig
    from tenere.watch.view import Condition, View
    from tenere.world import World


class Family(NamedTuple):
    """One family. rules: each a key of the phrase book, with how grave its alerts may be; no two families share one."""

    name: str
    rules: Mapping[str, tuple[Severity, ...]]
    init: Callable[[WatchConfig, World], Any]
    step: Callable[[Any, View], Iterable[Condition]]
    reasons: tuple[str, ...] = ()
    """What the evidence of its alerts may be called, beside the rules themselves: keys of the phrase book."""


FAMILIES: tuple[Family, ...] = (
    Family("general", general.RULES, general.init, general.step, general.REASONS),
    Family("contradiction", contradiction.RULES, contradiction.init, contradiction.step, contradiction.REASONS),
    Family("integrity", integrity.RULES, integrity.init, integrity.step, integrity.REASONS),
    Family("interference", interference.RULES, interference.init, interference.step, interference.REASONS),
    Family("closure", closure.RULES, closure.init, closure.step, closure.REASONS),
    Family("airspace", airspace.RULES, airspace.init, airspace.step, airspace.REASONS),
    Family("silence", silence.RULES, silence.init, silence.step, silence.REASONS),
    Family("movements", movements.RULES, movements.init, movements.step, movements.REASONS),
    Family("stca", stca.RULES, stca.init, stca.step, stca.REASONS),
    Family("msaw", msaw.RULES, msaw.init, msaw.step, msaw.REASONS),
)
"""In the order in which their conditions reach the ledger."""
