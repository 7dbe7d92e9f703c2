"""What to call a track in the words of an alert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenere.words import clean

if TYPE_CHECKING:
    from tenere.batch import Tracks


def name_of(tracks: Tracks, row: int) -> bytes:
    """Return what to call a track: its callsign, else its address, else its Remote ID, else its number."""
    callsign, remote_id = bytes(tracks.callsign[row]), bytes(tracks.remote_id[row])
    if callsign.strip(b" 0"):
        return clean(callsign.decode("ascii", "replace"), 12)
    if tracks.address[row] > 0:
        return f"{int(tracks.address[row]):06X}".encode()
    return clean(remote_id.decode("ascii", "replace"), 28) or f"#{int(tracks.number[row])}".encode()
