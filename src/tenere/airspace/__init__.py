"""Airspace: volumes with floor and ceiling, when they are active, the files they come from, and who is inside."""
