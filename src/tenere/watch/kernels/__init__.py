"""Numeric kernels of the safety nets: plain numba functions over arrays, each with a slow reference in the tests."""
