"""What sensors can see: terrain, propagation, detection, where the next should stand, and what follows for a country's coverage."""
