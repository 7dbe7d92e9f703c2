"""What sensors can see: terrain, propagation, detection, and what follows for a country's coverage."""
