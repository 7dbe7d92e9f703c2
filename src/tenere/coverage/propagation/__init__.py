"""Basic transmission loss between two places: the standard's curves for aircraft, diffraction over terrain, free space."""

from tenere.coverage.propagation.p528 import Losses, losses
from tenere.coverage.propagation.table import Table, loss_at, table

__all__ = ["Losses", "Table", "loss_at", "losses", "table"]
