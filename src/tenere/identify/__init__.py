"""Identity: who each track is believed to be, with the evidence for it."""

from tenere.identify.config import IdentifyConfig
from tenere.identify.integrity import Radars, Region
from tenere.identify.places import Corridors
from tenere.identify.reasons import CONTRARY, RULES
from tenere.identify.stage import State, guarded, init, replan, step

__all__ = ["CONTRARY", "RULES", "Corridors", "IdentifyConfig", "Radars", "Region", "State", "guarded", "init", "replan", "step"]
