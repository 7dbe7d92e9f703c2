"""Alerts: airspace, emergencies, protected flights and silent sensors, each with hysteresis and acknowledgement."""

from tenere.watch.config import SensorHealth, WatchConfig
from tenere.watch.rules import RULES
from tenere.watch.stage import State, init, replan, step

__all__ = ["RULES", "SensorHealth", "State", "WatchConfig", "init", "replan", "step"]
