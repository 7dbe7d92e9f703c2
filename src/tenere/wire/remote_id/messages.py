"""Open Drone ID messages: 25 bytes each, little-endian (ASTM F3411-22a section 5.4.5; ASD-STAN prEN 4709-002)."""

from __future__ import annotations

import numpy as np

SIZE = 25
PACK = 0xF
MOST_IN_PACK = 9
VERSION = 2  # F3411-22a

BASIC_ID, LOCATION, AUTHENTICATION, SELF_ID, SYSTEM, OPERATOR_ID = range(6)
NAMES = ("Basic ID", "Location", "Authentication", "Self-ID", "System", "Operator ID")

HORIZONTAL_R95_M = np.array(
    [np.nan, 18520.0, 7408.0, 3704.0, 1852.0, 926.0, 555.6, 185.2, 92.6, 30.0, 10.0, 3.0, 1.0, np.nan, np.nan, np.nan]
)
"""(16,) 95 % radius of each horizontal accuracy code (the NACp radii, in another order)."""
SPEED_R95_MS = np.array([np.nan, 10.0, 3.0, 1.0, 0.3] + [np.nan] * 11)
"""(16,) 95 % bound of each speed accuracy code."""

OUI = bytes.fromhex("fa0bbc")  # ASD-STAN
OUI_TYPE = 0x0D
NAN_SERVICE = bytes.fromhex("8869199d9209")  # first six bytes of SHA-256 of "org.opendroneid.remoteid"
FRENCH_OUI = bytes.fromhex("6a5c35")  # Secretariat-general for defence and national security: the French national format
DJI_OUI = bytes.fromhex("263712")  # the maker's own DroneID, not an open format
EPOCH_2019_S = 1_546_300_800.0
STATUS_GROUND, STATUS_EMERGENCY = 1, 3
TENTHS_OF_AN_HOUR = 36_000
MOST_TRANSMITTERS = 4096
"""Transmitters remembered of one source; beyond it the one heard longest ago is forgotten."""

WIFI_BEACON, WIFI_NAN, BLUETOOTH_LEGACY, BLUETOOTH_EXTENDED, BLUETOOTH_CODED = 1, 2, 3, 4, 5
TRANSPORTS = "1 Wi-Fi beacon, 2 Wi-Fi NAN, 3 Bluetooth legacy, 4 Bluetooth extended, 5 Bluetooth extended on the coded PHY"


def text_of(raw: bytes) -> bytes:
    """Return the text of a field filled up with NUL; what cannot be printed becomes a question mark."""
    return bytes(c if 0x20 <= c < 0x7F else ord("?") for c in raw.split(b"\0")[0]).strip()
