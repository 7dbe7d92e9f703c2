"""Basic transmission loss between two places: the standard's curves for aircraft, diffraction over terrain, free space."""

from tenere.coverage.propagation.p528 import Losses, losses
from tenere.coverage.propagation.table import Table, loss_at, table
from tenere.coverage.propagation.terrain_loss import profile_db, terrain_loss_db

__all__ = ["Losses", "Table", "loss_at", "losses", "profile_db", "table", "terrain_loss_db"]
