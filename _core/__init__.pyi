from types import ModuleType

from . import adam as adam
from . import change as change
from . import chebyshev as chebyshev
from . import cochlea as cochlea
from . import coupling as coupling
from . import cubic_table as cubic_table
from . import delay_node as delay_node
from . import followed as followed
from . import locked as locked
from . import lorentzian as lorentzian
from . import macrospin as macrospin
from . import multiplex as multiplex
from . import processor as processor
from . import readout as readout
from . import relaxation as relaxation
from . import thermal as thermal

KERNELS: tuple[str, ...]
VARIABLE: str
instruction_set: str

def available_instruction_sets() -> list[str]: ...
def load_kernel(name: str, instruction_set: str) -> ModuleType: ...
