"""In which form does the kernel take the mask of a drive?"""

from typing import Any

import numpy as np

from reservoir._core import multiplex as kernel
from reservoir._types import Array, Floats


def padded(n_inputs: int) -> int:
    """Number of inputs that the kernel gets: whole groups, the last of which holds a zero.

    Parameters
    ----------
    n_inputs : int
        Rows of the mask.

    Returns
    -------
    int
    """
    padding = kernel.layout["padding"]
    return (n_inputs // padding + 1) * padding


def mask_for_kernel(
    mask: Floats, n_padded: int, dtype: np.dtype[Any], weight_unit: float
) -> tuple[Array, bool, Array, float]:
    """What the kernel needs of a mask.

    Parameters
    ----------
    mask : ndarray of shape (n_inputs, n_nodes)
        Its columns are in the kernel's order.
    n_padded : int
        See `padded`.
    dtype : float64 or float32
        Of the kernel's numbers.
    weight_unit : float
        What weights of several sizes are divided by.

    Returns
    -------
    rows : ndarray of int32 of shape (n_nodes, n_terms)
        Rows of the kernel's table that each node adds. It is empty unless all weights have
        one size or are 0.
    rows_are_sums : bool
        True if the table holds signed sums of a few inputs, False if it holds every input
        and its negative.
    weights : ndarray of shape (n_nodes, n_padded)
        Weights of any other mask, or empty.
    unit : float
        Size of the weights, which the rows leave out.
    """
    n_inputs, n_nodes = mask.shape
    unit = np.abs(mask).max()
    heard = mask != 0
    no_rows, no_weights = np.zeros((0, 0), np.int32), np.zeros((0, 0), dtype)
    if not (np.abs(mask[heard]) == unit).all():
        weights = np.zeros((n_nodes, n_padded), dtype)
        weights[:, :n_inputs] = mask.T / weight_unit
        # Products with weights next to the smallest number have few digits and take long.
        numbers = np.finfo(dtype)
        weights[np.abs(weights) < numbers.tiny / numbers.eps] = 0
        return no_rows, False, weights, weight_unit
    group, patterns = kernel.layout["group"], kernel.layout["patterns"]
    if heard.all():
        signs = np.zeros((n_nodes, n_padded), dtype=np.int32)
        signs[:, :n_inputs] = mask.T > 0
        bits = signs.reshape(n_nodes, -1, group) << np.arange(group, dtype=np.int32)
        rows = bits.sum(axis=2, dtype=np.int32)
        rows += patterns * np.arange(rows.shape[1], dtype=np.int32)
        return rows, True, no_weights, unit
    # The last input of the padding is always 0: what a node with fewer terms adds.
    n_terms = -(-heard.sum(axis=0).max() // group) * group
    rows = np.full((n_nodes, n_terms), 2 * (n_padded - 1), dtype=np.int32)
    for node in range(n_nodes):
        inputs = np.flatnonzero(heard[:, node])
        rows[node, : len(inputs)] = 2 * inputs + (mask[inputs, node] < 0)
    return rows, False, no_weights, unit
