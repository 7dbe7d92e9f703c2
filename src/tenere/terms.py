"""The vocabulary of the columns: kinds of plot, classes, flags, identities, severities, as numbers with names."""

from __future__ import annotations

import enum


class PlotKind(enum.IntEnum):
    """How a plot was seen."""

    UNKNOWN = 0
    PSR = 1
    SSR = 2
    PSR_SSR = 3
    MODE_S = 4
    PSR_MODE_S = 5
    ADSB = 6
    MLAT = 7
    SMR = 8
    REMOTE_ID = 9
    TISB = 10
    ADSR = 11
    DETECTION = 12
    FLARM = 13


TOLD_BY_ITSELF = (PlotKind.ADSB, PlotKind.ADSR, PlotKind.TISB, PlotKind.REMOTE_ID, PlotKind.FLARM)
"""How an aircraft tells its own position, straight or through a station; all other kinds are measured."""


class Claim(enum.IntEnum):
    """What a partner's message calls an aircraft: its claim, to be shown as one, which drives no rule."""

    NONE = 0
    PENDING = 1
    UNKNOWN = 2
    ASSUMED_FRIEND = 3
    FRIEND = 4
    NEUTRAL = 5
    SUSPECT = 6
    STRONGER = 7
    EXERCISE = 8


class AircraftClass(enum.IntEnum):
    """What kind of thing it is, as its own reports or its behaviour say."""

    UNKNOWN = 0
    LIGHT = 1
    AIRLINER = 2
    HELICOPTER = 3
    GLIDER = 4
    DRONE = 5
    VEHICLE = 6
    BALLOON = 7
    HIGH_PERFORMANCE = 8
    OTHER = 9


class KinematicClass(enum.IntEnum):
    """What a track moves like: found from its behaviour alone, never from what it says of itself, and used by no rule."""

    UNKNOWN = 0
    JET = 1
    LIGHT = 2
    HELICOPTER = 3
    DRONE = 4
    BIRD = 5
    SURFACE = 6


class PlotFlag(enum.IntFlag):
    """Bits of ``Plots.flags`` and ``SystemTracks.flags``.

    FRIENDLY_ANSWER: an IFF or authenticated Mode 5 answer. Only an answer sets a bit: silence, or an answer not
    understood, sets none, so that nothing downstream can hold it against anybody.
    """

    SIMULATED = 1
    TEST = 2
    FIELD_MONITOR = 4
    ON_GROUND = 8
    SPI = 16
    MODE_A_GARBLED = 32
    MODE_A_INVALID = 64
    HEIGHT_GARBLED = 128
    HEIGHT_INVALID = 256
    EMERGENCY = 512
    GHOST = 1024
    COASTED = 2048
    ENDED = 4096
    MONOSENSOR = 8192
    VEHICLE = 16384
    FRIENDLY_ANSWER = 32768
    MODE_5 = 65536
    RESOLUTION_ADVISORY = 131072


NOT_LIVE = PlotFlag.SIMULATED | PlotFlag.TEST | PlotFlag.FIELD_MONITOR
"""Reports with any of these bits are kept and marked, and never merged into the live picture."""


class Emergency(enum.IntEnum):
    """Emergency state as broadcast (DO-260B 2.2.3.2.7.8.1.1, same order)."""

    NONE = 0
    GENERAL = 1
    MEDICAL = 2
    MINIMUM_FUEL = 3
    NO_RADIO = 4
    UNLAWFUL = 5
    DOWNED = 6


class Identity(enum.IntEnum):
    """The whole identity vocabulary."""

    PENDING = 0
    UNKNOWN = 1
    ASSUMED_FRIEND = 2
    FRIEND = 3
    NEUTRAL = 4
    SUSPECT = 5


class Severity(enum.IntEnum):
    """How soon a person should look."""

    INFORMATION = 0
    CAUTION = 1
    WARNING = 2
    EMERGENCY = 3


class AlertState(enum.IntEnum):
    """Where an alert is in its life. CLEARED: its last tick; the next holds it no more."""

    RAISED = 0
    ACKNOWLEDGED = 1
    SUPPRESSED = 2
    CLEARED = 3


class Integrity(enum.IntEnum):
    """How well what an aircraft says of itself agrees with what is measured of it."""

    NOT_ASSESSED = 0
    CONSISTENT = 1
    DOUBTFUL = 2
    CONTRADICTED = 3


class TrackFlag(enum.IntFlag):
    """Bits of ``Tracks.flags``.

    SYSTEM: another system's track, no sensor of ours. FUSED: another system's track of the same aircraft is in this row, and
    sees it now; both bits: two systems' tracks, none of ours. HEIGHTS_DIFFER: its height and its pressure altitude are further
    apart than its neighbours', or have parted lately.
    """

    CONFIRMED = 1
    COASTING = 2
    ON_GROUND = 4
    UNPLACED = 8
    NOT_LIVE = 16
    SYSTEM = 32
    SPI = 64
    ENDED = 128
    FUSED = 256
    MANUAL = 512
    HEIGHTS_DIFFER = 1024


class HeightSource(enum.IntEnum):
    """Where a track's height above the ellipsoid comes from."""

    NONE = 0
    PRESSURE = 1
    MEASURED = 2
    RADAR = 3
    ESTIMATED = 4


class Trend(enum.IntEnum):
    """What a track's height does."""

    UNKNOWN = 0
    LEVEL = 1
    CLIMBING = 2
    DESCENDING = 3
