"""Numbers only: arrays in, arrays out, without the GIL, units, seeds or defaults.

A kernel that gains from wider vectors is compiled once for each instruction set; the fastest
one that this processor can run is loaded here. The environment variable
``RESERVOIR_INSTRUCTION_SET`` names another one (``baseline``, ``avx2`` or ``avx512``), for
tests and comparisons.
"""

import importlib
import os

from . import processor

KERNELS = (
    "change",
    "chebyshev",
    "cochlea",
    "coupling",
    "cubic_table",
    "followed",
    "locked",
    "lorentzian",
    "macrospin",
    "multiplex",
    "thermal",
)
ONE_BUILD = ("adam", "delay_node", "readout", "relaxation")  # wider vectors are no faster
VARIABLE = "RESERVOIR_INSTRUCTION_SET"


def available_instruction_sets():
    """Instruction sets that this processor can run, the fastest last."""
    return processor.instruction_sets()


def load_kernel(name, instruction_set):
    """One build of one kernel, for instance ``load_kernel("multiplex", "avx2")``."""
    build = name if name in ONE_BUILD else f"{name}_{instruction_set}"
    return importlib.import_module(f"{__name__}.{build}")


def _choose_instruction_set():
    available = available_instruction_sets()
    chosen = os.environ.get(VARIABLE) or available[-1]  # '' is as good as not set.
    if chosen not in available:
        raise ImportError(
            f"{VARIABLE} is {chosen!r}, but this processor runs {', '.join(available)}; "
            "unset the variable or name one of these."
        )
    return chosen


instruction_set = _choose_instruction_set()
for _name in KERNELS + ONE_BUILD:
    globals()[_name] = load_kernel(_name, instruction_set)
