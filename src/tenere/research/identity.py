"""What a Stone Soup detection's metadata say of its aircraft, and the other way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tenere.batch import PlotKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tenere.batch import Plots, Tracks

ADDRESS_KEYS, MODE_A_KEYS, CALLSIGN_KEYS = ("address", "icao24", "icao"), ("mode_a", "squawk"), ("callsign",)


def said_of(metadata: Mapping[str, Any] | None) -> tuple[int, int, bytes]:
    """Return address, Mode A code and callsign that metadata hold: -1, -1 and empty where they hold none that can be.

    An address is a number or hexadecimal text, a Mode A code a number or octal text.
    """
    known = metadata or {}
    callsign = str(_first(known, CALLSIGN_KEYS) or "").strip().encode("ascii", "ignore")[:8]
    return _code(_first(known, ADDRESS_KEYS), 16, 1 << 24), _code(_first(known, MODE_A_KEYS), 8, 1 << 12), callsign


def told(plots: Plots, i: int) -> dict[str, Any]:
    """Return the metadata of a detection made from a plot; an address is hexadecimal text, a Mode A code octal text."""
    out: dict[str, Any] = {"kind": PlotKind(int(plots.kind[i])).name if int(plots.kind[i]) in set(PlotKind) else "UNKNOWN"}
    out |= who(plots, i)
    if plots.pressure_altitude_m[i] == plots.pressure_altitude_m[i]:
        out["pressure_altitude_m"] = float(plots.pressure_altitude_m[i])
    return out


def who(batch: Plots | Tracks, i: int) -> dict[str, Any]:
    """Return what a row says of its aircraft: hexadecimal address, octal Mode A code, callsign, each where it is there."""
    out: dict[str, Any] = {}
    if batch.address[i] >= 0:
        out["address"] = f"{int(batch.address[i]):06x}"
    if batch.mode_a[i] >= 0:
        out["mode_a"] = f"{int(batch.mode_a[i]):04o}"
    if batch.callsign[i]:
        out["callsign"] = bytes(batch.callsign[i]).decode("ascii", "replace")
    return out


def _first(metadata: Mapping[str, Any], keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - metadata hold anything
    return next((metadata[k] for k in keys if metadata.get(k) is not None), None)


def _code(value: Any, base: int, limit: int) -> int:  # noqa: ANN401 - metadata hold anything
    """Return a code below limit, -1 where it is none."""
    try:
        code = int(value.strip(), base) if isinstance(value, str) else int(value)
    except (TypeError, ValueError, OverflowError):
        return -1
    return code if 0 <= code < limit else -1
