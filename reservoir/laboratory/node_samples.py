"""How many samples of the generator last for a node, and which rate would do?"""

N_TRIED = 100  # numbers of samples on either side, in search of a rate of few digits
MAX_ROUNDING = 1e-6  # relative, of a node time to a whole number of samples


def samples_in_node(node_time: float, sample_rate: float) -> int:
    """Samples of the generator during a node time, a whole number.

    Parameters
    ----------
    node_time : float
        In s.
    sample_rate : float
        In Hz.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If it is no whole number; the message names a rate and a node time that would do.
    """
    exact = node_time * sample_rate
    count = round(exact)
    if not _agree(node_time * sample_rate, count):
        raise ValueError(
            f"A node takes {node_time:.6g} s, which is {exact:.6g} samples at "
            f"{sample_rate:.6g} Hz; it must be a whole number. Use sample_rate="
            f"{round_rate(node_time, sample_rate):.17g}, or fit again with node_time="
            f"{max(count, 1) / sample_rate:.12g}."
        )
    return count


def round_rate(node_time: float, sample_rate: float) -> float:
    """The rate of fewest digits at which a node is a whole number of samples.

    Parameters
    ----------
    node_time : float
        In s.
    sample_rate : float
        In Hz. Rates from half of it to twice as much are tried, the nearest first.

    Returns
    -------
    float
        In Hz.
    """
    exact = node_time * sample_rate
    lowest = max(round(exact / 2), round(exact) - N_TRIED, 1)
    highest = max(min(round(2 * exact), round(exact) + N_TRIED), 1)
    counts = sorted(range(lowest, highest + 1), key=lambda count: abs(count - exact))
    for n_decimals in range(17):
        for count in counts:
            rate = float(f"{count / node_time:.{n_decimals}e}")
            if _agree(node_time * rate, count):
                return rate
    return counts[0] / node_time


def _agree(exact: float, count: int) -> bool:
    return count >= 1 and abs(exact - count) <= MAX_ROUNDING * count
