"""Tracking: plots in, one track an aircraft out. init(config, ...) -> state; step(state, ...) -> state, out."""

from tenere.track.config import TrackConfig
from tenere.track.manual import order
from tenere.track.stage import Heard, State, Tracked, init, obey, picture, step, told_of
from tenere.track.standing import ManualRow, Standing
from tenere.track.together import forbids, told
from tenere.words.answers import Answer

__all__ = [
    "Answer",
    "Heard",
    "ManualRow",
    "Standing",
    "State",
    "TrackConfig",
    "Tracked",
    "forbids",
    "init",
    "obey",
    "order",
    "picture",
    "step",
    "told",
    "told_of",
]
