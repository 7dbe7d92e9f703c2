"""Track-to-track: the same aircraft by our sensors and by other systems is one track, and nothing is counted twice."""

from tenere.track.fuse.blend import intersect, rows
from tenere.track.fuse.config import FuseConfig
from tenere.track.fuse.join import FuseState, Numbers, step

__all__ = ["FuseConfig", "FuseState", "Numbers", "intersect", "rows", "step"]
