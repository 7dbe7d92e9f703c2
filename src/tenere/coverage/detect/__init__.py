"""Whether a sensor that has a path to an aircraft also detects it, and how well several of them place it."""
