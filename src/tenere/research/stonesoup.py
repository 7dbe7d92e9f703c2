"""What a researcher imports: Tenere's tracker for Stone Soup, and Tenere's data as Stone Soup's.

See docs/howto/use-with-stone-soup.md.
"""

from tenere.research.readers import PlotReader
from tenere.research.scene import Scene, plots_of
from tenere.research.states import Layout, View, tracks_to_stonesoup, truths_to_stonesoup
from tenere.research.tables import read_recording, read_tracks
from tenere.research.tracker import TenereTracker

__all__ = [
    "Layout",
    "PlotReader",
    "Scene",
    "TenereTracker",
    "View",
    "plots_of",
    "read_recording",
    "read_tracks",
    "tracks_to_stonesoup",
    "truths_to_stonesoup",
]
