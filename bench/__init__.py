"""Benchmarks: python -m bench.NAME. Results land in bench/results/ with the machine and the commit."""
