"""METAR and SPECI: what aerodromes report of the weather, of which the picture needs the pressure (WMO-No. 306, FM 15, FM 16).

report.py   the text of one report -> station, time, QNH, temperature
decode.py   the format
"""

from tenere.wire.metar.decode import FORMAT

__all__ = ["FORMAT"]
