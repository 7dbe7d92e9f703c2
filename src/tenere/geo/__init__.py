"""The Earth: WGS-84, the country's plane, borders."""
