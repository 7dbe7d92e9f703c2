"""SBS-1 (BaseStation, port 30003): what a Mode S receiver has decoded, one comma-separated line a message.

    MSG,3,1,1,062001,1,2026/05/01,10:42:07.125,2026/05/01,10:42:07.300,,35000,,,13.48000,2.17000,,,0,0,0,0

A MSG line of types 1 to 8 says a little of an aircraft; what else was said of it lately is remembered, and each line
with a position becomes a plot. MLAT lines are MSG lines whose position was found by multilateration. SEL, ID, AIR, STA
and CLK lines are the program's own events. An address after a tilde is no ICAO address (TIS-B track numbers).
(Kinetic Avionics, "BaseStation socket data"; fields are numbered from 1.)
"""

from tenere.wire.sbs.encode import encode
from tenere.wire.sbs.stream import FORMAT

__all__ = ["FORMAT", "encode"]
