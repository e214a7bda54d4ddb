"""From a bench table to a device: what a laboratory measured is read, fitted and saved."""

from reservoir.bench.fit import BenchFit, Estimate, fit_bench_table
from reservoir.bench.loading import load_device
from reservoir.bench.table import BenchTable, read_bench_table

__all__ = [
    "BenchFit",
    "BenchTable",
    "Estimate",
    "fit_bench_table",
    "load_device",
    "read_bench_table",
]
