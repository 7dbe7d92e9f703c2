"""Tracking: plots in, one track an aircraft out. init(config, ...) -> state; step(state, ...) -> state, out."""

from tenere.track.config import TrackConfig
from tenere.track.stage import State, Tracked, init, step

__all__ = ["State", "TrackConfig", "Tracked", "init", "step"]
