"""How much energy and time would a chip take? A ledger, line by line.

`cost` writes the ledger of a fitted estimator. A line says its value, unit, formula, inputs,
sources and how sure it is. What nobody knows is unknown, and never 0.
"""

from reservoir.ledger.book import Ledger, Total, compare
from reservoir.ledger.costing import cost
from reservoir.ledger.figures import Figures
from reservoir.ledger.line import STANDINGS, Figure, Line
from reservoir.ledger.operations import Operations, operations_of

__all__ = [
    "STANDINGS",
    "Figure",
    "Figures",
    "Ledger",
    "Line",
    "Operations",
    "Total",
    "compare",
    "cost",
    "operations_of",
]
