"""Motion models, the IMM filter and its numeric kernels."""
