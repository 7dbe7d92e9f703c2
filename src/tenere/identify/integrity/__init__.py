"""What aircraft say of themselves held against what is measured: verdicts on tracks and on regions, with their reasons."""

from tenere.identify.integrity.radars import Radars
from tenere.identify.integrity.regions import Region
from tenere.identify.integrity.stage import State, init, step

__all__ = ["Radars", "Region", "State", "init", "step"]
