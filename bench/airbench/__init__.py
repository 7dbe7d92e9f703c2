"""Air-surveillance tracking benchmark: seeded scenarios, the bound on the error, and scores."""
