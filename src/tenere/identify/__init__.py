"""Identity: who each track is believed to be, with the evidence for it."""

from tenere.identify.config import IdentifyConfig
from tenere.identify.reasons import RULES
from tenere.identify.stage import State, init, replan, step

__all__ = ["RULES", "IdentifyConfig", "State", "init", "replan", "step"]
