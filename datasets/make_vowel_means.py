"""Compute the mean formants around which `make_vowels` draws.

    python -m reservoir.datasets.make_vowel_means datasets/vowel_means.py

needs vowdata.dat of Hillenbrand et al. (1995) where `fetch_hillenbrand` finds it. A mean
is taken over all talkers of a kind whose formant could be measured, and rounded to Hz.
"""

import sys

import numpy as np

from .hillenbrand import TALKERS, VOWELS, fetch_hillenbrand

HEAD = '''"""Mean formants in Hz, rounded, of each kind of talker and vowel.

Written by make_vowel_means.py from the measurements of Hillenbrand et al., J. Acoust. Soc.
Am. 97, 3099-3111 (1995). F1, F2, F3 where the vowel is steadiest, then at 20, 50, 80 %.
"""

'''


def mean_formants() -> dict[str, dict[str, tuple[int, ...]]]:
    """Mean formants, {kind: {vowel: tuple of 12 int}}."""
    tokens = fetch_hillenbrand(columns="formants")
    return {
        kind: {
            vowel: tuple(
                int(mean)
                for mean in np.nanmean(
                    tokens.data[(tokens.kinds == kind) & (tokens.target == vowel)], axis=0
                ).round()
            )
            for vowel in VOWELS
        }
        for kind in TALKERS
    }


def main(path: str) -> None:
    """Write the table as a module."""
    with open(path, "w", encoding="ascii") as file:
        file.write(f"{HEAD}MEANS = {{\n")
        for kind, means in mean_formants().items():
            file.write(f'    "{kind}": {{\n')
            for vowel, numbers in means.items():
                file.write(f'        "{vowel}": {numbers},\n')
            file.write("    },\n")
        file.write("}\n")


if __name__ == "__main__":
    main(sys.argv[1])
