"""Tracking: plots in, one track an aircraft out. init(config, ...) -> state; step(state, ...) -> state, out."""

from tenere.track.config import TrackConfig
from tenere.track.stage import Heard, State, Tracked, init, obey, picture, step, told_of

__all__ = ["Heard", "State", "TrackConfig", "Tracked", "init", "obey", "picture", "step", "told_of"]
