"""Identity: who each track is believed to be, with the evidence for it."""

from tenere.identify.config import IdentifyConfig
from tenere.identify.reasons import RULES
from tenere.identify.stage import State, guarded, init, replan, step

__all__ = ["RULES", "IdentifyConfig", "State", "guarded", "init", "replan", "step"]
