"""NMEA 0183: where a receiver itself stands, for sensors that move.

    $GNGGA,104207.00,1328.80000,N,00210.20000,E,1,09,0.9,215.0,M,28.1,M,,*hh
    $GNRMC,104207.00,A,1328.80000,N,00210.20000,E,11.4,084.2,010526,,,A*hh

Each sentence with a valid position (GGA, RMC, GNS, GLL of any talker) becomes a row of Status: a position the sensor gives of
itself. Heights are above the WGS-84 ellipsoid: the altitude of GGA and GNS above the geoid plus the geoid's own; the other
sentences carry the last of these. A sentence without a right checksum is refused. AIS sentences are counted, not decoded.
(IEC 61162-1.)
"""

from tenere.wire.nmea.sentences import Fix, Sentence, fix_of, framed, sentence_of
from tenere.wire.nmea.stream import FORMAT, encode

__all__ = ["FORMAT", "Fix", "Sentence", "encode", "fix_of", "framed", "sentence_of"]
