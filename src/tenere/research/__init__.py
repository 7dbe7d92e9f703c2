"""Tenere and Stone Soup, both ways: our tracker over their detections, their trackers over our plots.

stonesoup.py    the public face: everything a researcher imports
models.py       what Stone Soup's measurement models say of a sensor and a detection
scene.py        Stone Soup's detections -> sensors and plots
tracker.py      a Stone Soup Tracker that is Tenere's
states.py       tracks -> Stone Soup's tracks and ground truth
identity.py     addresses, codes and callsigns <-> metadata
places.py       plots -> bearings, ranges and positions in one flat plane
readers.py      plots -> a Stone Soup DetectionReader
tables.py       recordings and Parquet files -> batches

Stone Soup is an optional extra: nothing else in Tenere imports this package, and without Stone Soup importing it says how to
install it. Stone Soup's bearing is anticlockwise from x; an azimuth is clockwise from north, which is y.
"""

from __future__ import annotations

from importlib.util import find_spec

from tenere.errors import UsageError


class MissingExtra(UsageError, ImportError):  # noqa: N818 - it names what is missing
    """Stone Soup is not installed."""


def require(package: str) -> None:
    """Raise MissingExtra, which says how to install it, where a package is not installed."""
    if not _there(package):
        raise MissingExtra(f"tenere.research needs Stone Soup, an optional extra: pip install 'tenere[research]' ({package} was not found)")


def _there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # its place among the modules is taken by none
        return False


require("stonesoup")
