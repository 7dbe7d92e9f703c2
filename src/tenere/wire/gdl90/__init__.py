"""GDL 90: what ADS-B receivers in aircraft hand to displays (FAA/Garmin 560-1058-00 rev. A), with the ForeFlight extension.

framing.py    flags, escapes, CRC
reports.py    ownship and traffic reports, in columns, to plots
decode.py     the format: messages to plots and counts, the clock of the heartbeat
details.py    every field of every message
encode.py     fields -> messages, for tests and the exercise

Nothing in a traffic report tells ADS-R from ADS-B: both are of kind ADSB here.
"""

from tenere.wire.gdl90.decode import FORMAT

__all__ = ["FORMAT"]
