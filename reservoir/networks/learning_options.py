"""Which ways of learning and of reading out go together?"""

N_STARTS = {"gradient": 4, "search": 15, "online": 15}  # if nobody says


def check_learning(learning: str, readout: str | None, learn_couplings: bool) -> None:
    """Refuse options of a `SynchronizationClassifier` that contradict each other.

    Raises
    ------
    ValueError
        The message says what goes together.
    """
    if learning == "gradient" and readout not in (None, "linear"):
        raise ValueError(
            f"SynchronizationClassifier.readout is {readout!r}, but learning is "
            "'gradient', which trains a linear readout; choose readout None or 'linear', "
            "or learning 'search' or 'online'."
        )
    if learn_couplings and learning != "gradient":
        raise ValueError(
            "SynchronizationClassifier.learn_couplings is True, but learning is "
            f"{learning!r}; only learning 'gradient' learns couplings: choose it, or set "
            "learn_couplings=False."
        )
    if learning == "online" and readout == "linear":
        raise ValueError(
            "SynchronizationClassifier.learning is 'online', which moves oscillators "
            "toward patterns; choose readout 'table' or 'pattern'."
        )
