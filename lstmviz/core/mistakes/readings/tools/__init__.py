"""Tools that run a module in their own way: compilers, exporters, DataParallel, quantization."""
