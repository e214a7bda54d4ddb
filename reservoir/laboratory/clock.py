"""Are the times of a recording equidistant, and what is its rate? Seen block by block."""

from pathlib import Path

import numpy as np

from reservoir._types import Floats
from reservoir.exceptions import RecordingError

MAX_RATE_ERROR = 1e-3  # relative, between two statements of one rate


class Clock:
    """The times of a recording, as they are read.

    Parameters
    ----------
    path : Path
        For messages.
    interval : float or None
        Time between samples in s, if the preamble of the file says it. It allows times that
        are written with too few digits to tell every sample from the next.
    """

    def __init__(self, path: Path, interval: float | None = None) -> None:
        self.path = path
        self.interval = interval
        self._n_times = 0
        self._first = self._last = 0.0
        self._step = 0.0
        self._digit = 0.0  # the smallest difference that is written, if above a step
        self._jumps: list[tuple[int, float]] = []
        self._n_jumps = 0

    def add(self, times: Floats) -> None:
        """Take the next times, in s."""
        if not len(times):
            return
        begins = self._n_times == 0
        steps = np.diff(times if begins else np.r_[self._last, times])
        if begins:
            self._first = float(times[0])
            self._learn(steps)
        far = np.flatnonzero(~(np.abs(steps - self._step) <= 0.5 * self._step + self._digit))
        if len(far) and not self._jumps:
            row = int(far[0]) + max(self._n_times - 1, 0)
            self._jumps.append((row, float(steps[far[0]])))
        self._n_jumps += len(far)
        self._n_times += len(times)
        self._last = float(times[-1])

    def rate(self) -> float:
        """Sampling rate in Hz.

        Raises
        ------
        RecordingError
            If the times do not ascend, or jump, which means that samples were lost, or if
            they contradict the preamble.
        """
        step, path = self._step, self.path
        if not step > 0:
            raise RecordingError(
                f"{path}: the times must ascend. If they come in pairs, the scope has "
                "written the lowest and the highest value of each interval: record in the "
                "mode 'sample'. If they have too few digits, leave their column out and give "
                "sample_rate."
            )
        for row, jump in self._jumps:
            raise RecordingError(
                f"{path}: the time jumps by {jump:.4g} s after row {row}, where a step "
                f"is {step:.4g} s: about {jump / step - 1:.0f} samples were lost "
                f"there, and there are {self._n_jumps} such jumps. Record again."
            )
        duration, n_steps = self._last - self._first, self._n_times - 1
        if self.interval is None:
            return n_steps / duration
        allowed = MAX_RATE_ERROR * n_steps * step + 2 * self._digit
        if not abs(duration - n_steps * step) <= allowed:
            raise RecordingError(
                f"{path}: its preamble says that samples are {step:.6g} s apart, but its "
                f"times say {duration / n_steps:.6g} s. Export the trace again."
            )
        return 1 / step if self._digit else n_steps / duration

    def _learn(self, steps: Floats) -> None:
        """The step, from the first times."""
        if self.interval is None:
            self._step = float(np.median(steps)) if len(steps) else 0.0
            return
        self._step = self.interval
        if (steps == 0).any() and (steps > 0).any():
            self._digit = float(steps[steps > 0].min())
