"""FLARM and the Open Glider Network: gliders, light aircraft and drones that say where they are.

    FLRDD89C9>OGFLR,qAS,LFNW:/115054h4543.22N/01132.84E'260/072/A=002542 !W10! id06DD89C9 +198fpm -0.8rot 7.0dB 0e +0.7kHz gps2x3
    $PFLAA,0,-1234,1234,220,2,DD89C9,180,,30,-1.4,1*hh

The first form is APRS as the network's servers send it; the second NMEA as a FLARM box beside the sensor sends it, relative to
where it stands itself (RMC, GGA in the same stream). Only an address that says it is an ICAO one is taken for one. A device
that asks not to be tracked, or to be hidden, is given no identity at all: only that something is there.

Altitudes are above mean sea level in APRS. The option ``geoid_m`` of a source, the height of the geoid above the WGS-84
ellipsoid where it listens, makes heights of them; without it they are taken as they stand (up to 30 m off in Africa).
(APRS Protocol Reference 1.0.1, chapter 6 to 9; OGN wiki, "OGN-flavoured APRS"; FLARM FTD-012, "Data Port".)
"""

from tenere.wire.ogn.encode import aircraft_line
from tenere.wire.ogn.stream import FORMAT

__all__ = ["FORMAT", "aircraft_line"]
