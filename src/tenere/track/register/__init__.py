"""Registration: what every sensor is wrong by, learnt from the aircraft that several see; and which are not to be trusted."""

from tenere.track.register.config import RegisterConfig, TrustConfig
from tenere.track.register.notes import Notes, notes, obey, standing
from tenere.track.register.stage import Applied, Row, State, agree, applied, corrected, init, kept_out, observe, report

__all__ = [
    "Applied",
    "Notes",
    "RegisterConfig",
    "Row",
    "State",
    "TrustConfig",
    "agree",
    "applied",
    "corrected",
    "init",
    "kept_out",
    "notes",
    "obey",
    "observe",
    "report",
    "standing",
]
