"""How well each sensor does, from a recording or a live picture alone: no truth is needed.

    state = init()
    state = observe(state, seen, time_s)    # each tick: the plots, the tracks, and which took which
    found = report(state)                   # at any time: figures of each sensor and of the picture

Nothing here reads a clock or a file, and what is kept does not grow with the recording.
"""

from tenere.estimate.share import Share, wilson
from tenere.performance.config import PerformanceConfig
from tenere.performance.figures import Report, Sensor, report
from tenere.performance.observing import Facts, Seen, State, init, observe
from tenere.performance.thresholds import Judged, Threshold, Thresholds, judge, judge_one, merged, parse
from tenere.performance.window import Window

__all__ = [
    "Facts",
    "Judged",
    "PerformanceConfig",
    "Report",
    "Seen",
    "Sensor",
    "Share",
    "State",
    "Threshold",
    "Thresholds",
    "Window",
    "init",
    "judge",
    "judge_one",
    "merged",
    "observe",
    "parse",
    "report",
    "wilson",
]
