"""Tracking over several frames: explanations of all the plots of late, not of the last look alone."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tenere.track.multi.config import BirthArea, MultiConfig

if TYPE_CHECKING:
    from tenere.track.multi.engine import Estimates, MultiState, estimates, init, look

__all__ = ["BirthArea", "Estimates", "MultiConfig", "MultiState", "estimates", "init", "look"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever is asked for
    """Import the engine only when it is used: few sites do, and every start reads their settings."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(importlib.import_module("tenere.track.multi.engine"), name)
