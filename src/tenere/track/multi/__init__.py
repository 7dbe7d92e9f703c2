"""Tracking over several frames: explanations of all the plots of late, not of the last look alone."""

from tenere.track.multi.config import BirthArea, MultiConfig
from tenere.track.multi.engine import Estimates, MultiState, estimates, init, look

__all__ = ["BirthArea", "Estimates", "MultiConfig", "MultiState", "estimates", "init", "look"]
