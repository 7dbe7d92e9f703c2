"""UAT, the 978 MHz data link: ADS-B, ADS-R and TIS-B messages, and what ground stations uplink (RTCA DO-282B).

text.py       lines of a receiver, or bare payloads -> messages
downlink.py   payloads -> every field, in columns
plots.py      those columns -> plots, with what a sender last said of itself
uplink.py     ground uplink -> its header, information frames, FIS-B products and their text
details.py    every field of every record
encode.py     fields -> payloads, for tests and the exercise

Receivers correct errors themselves (Reed-Solomon, DO-282B 2.2.3) and hand out payloads: none of that is done here.
"""

from tenere.wire.uat.decode import FORMAT

__all__ = ["FORMAT"]
