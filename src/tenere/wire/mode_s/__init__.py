"""Mode S and ADS-B: frames to columns, and columns to frames."""
