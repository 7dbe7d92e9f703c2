"""Alerts: airspace, emergencies, protected flights and silent sensors, each with hysteresis and acknowledgement."""

from tenere.watch.config import SensorHealth, WatchConfig
from tenere.watch.stage import REASONS, RULES, State, Watched, init, replan, step

__all__ = ["REASONS", "RULES", "SensorHealth", "State", "WatchConfig", "Watched", "init", "replan", "step"]
