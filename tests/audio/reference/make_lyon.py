"""Make lyon.npz, what the package `lyon` says of a short waveform.

    pip install lyon && python tests/audio/reference/make_lyon.py      (Linux on x86-64)

`lyon` wraps the C code of the Auditory Toolbox. Its stages are called one by one, because
`LyonCalc.lyon_passive_ear` sets the first sample of every block of the places before the
cochlea to zero, so that its numbers depend on the block. Stored: for three sampling rates
the centre frequencies, highest first, and 20 rows of the output, three samples later than
asked for: the high-pass there delays by one sample, the smoothing by two.
"""

from pathlib import Path

import numpy as np

FRAMES = np.arange(199, 4000, 200)


def main():
    from lyon.calc import LyonCalc
    from lyon.utils import design_lyon_filters, epsilon_from_tau, set_gain

    folder = Path(__file__).parent
    sound = np.load(folder / "mfcc.npz")["waveform"] / 32768
    sound = np.concatenate([sound, np.zeros(3)])
    calc = LyonCalc()
    tables = {}
    for rate in (8000, 12500, 16000):
        filters, centers = design_lyon_filters(rate)
        heard = np.maximum(calc.soscascade(sound, filters)[0], 0)
        control = [
            (target, epsilon_from_tau(time, rate))
            for target, time in zip(
                (0.0032, 0.0016, 0.0008, 0.0004), (0.64, 0.16, 0.04, 0.01), strict=True
            )
        ]
        heard = calc.agc(np.ascontiguousarray(heard), np.array(control))[0]
        sharp = np.maximum(heard[:, :-1] - heard[:, 1:], 0)[:, 1:]
        share = epsilon_from_tau(0.03, rate)
        low_pass = set_gain(
            np.array([0, 0, 1, -2 * (1 - share), (1 - share) ** 2]), 1, 0, rate
        )
        smooth = calc.sosfilters(np.ascontiguousarray(sharp), low_pass[:, None])[0]
        tables[f"centers_{rate}"] = centers
        tables[f"frames_{rate}"] = smooth[FRAMES + 3]
    np.savez_compressed(folder / "lyon.npz", **tables)


if __name__ == "__main__":
    main()
