"""Formats, without I/O: bytes to columns and back."""
