"""Remote ID as receivers print it on a serial line: one JSON object (or list of objects) a line.

    {"mac": "60:60:1f:0a:0b:0c", "rssi": -61, "drone_lat": 13.512346, "drone_long": 2.1, "drone_altitude": 321,
     "pilot_lat": 13.51, "pilot_long": 2.09, "basic_id": "1581F4FKD229400A"}

No two receivers name their values alike, so names are read with tolerance, by the table in ``keys``. What a drone says of
itself is a claim, and a receiver's word for it no more: nothing here is verified.
"""

from tenere.wire.remote_id_json.stream import FORMAT

__all__ = ["FORMAT"]
