"""ICAO flight-plan messages: FPL, CHG, CNL, DLA, DEP, ARR (Doc 4444 PANS-ATM, appendix 3).

envelope.py   a stream or file -> messages, whatever AFTN heading stands around them
fields.py     the text of one message -> its fields, each checked
plan.py       fields -> what the picture needs of a plan
details.py    every field of every message
encode.py     a plan -> the text of a message
decode.py     the format
"""

from tenere.wire.fpl.decode import FORMAT

__all__ = ["FORMAT"]
