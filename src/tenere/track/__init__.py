"""Tracking: plots in, one track an aircraft out. init(config, ...) -> state; step(state, ...) -> state, out."""

from tenere.track.config import TrackConfig
from tenere.track.stage import Heard, State, Tracked, init, picture, step

__all__ = ["Heard", "State", "TrackConfig", "Tracked", "init", "picture", "step"]
