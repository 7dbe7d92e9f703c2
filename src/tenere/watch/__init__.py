"""Alerts: airspace, emergencies, protected flights and silent sensors, each with hysteresis and acknowledgement."""

from tenere.watch.config import SensorHealth, WatchConfig
from tenere.watch.stage import REASONS, RULES, AirspaceTold, RuleEdit, State, Watched, airspace_mark, init, replan, step, told
from tenere.watch.view import Region

__all__ = [
    "REASONS",
    "RULES",
    "AirspaceTold",
    "Region",
    "RuleEdit",
    "SensorHealth",
    "State",
    "WatchConfig",
    "Watched",
    "airspace_mark",
    "init",
    "replan",
    "step",
    "told",
]
