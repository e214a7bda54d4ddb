"""Does the shipped synthetic corpus rank the methods as recordings of people do?

    RESERVOIR_DATA=... python studies/corpus_ranking.py [--seed 0] [--jobs 2]      (FSDD)

Both corpora go through `reservoir.experiments.DigitsExperiment` with a speaker left out, and
the accuracies stand side by side with the rank correlation of Spearman between them. Two
more tables are for the synthetic corpus alone: ten folds by index, where the speakers are
known, and the published protocol, which trains every frame to the digit. The synthetic half
takes a few minutes, the recordings most of an hour.
"""

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

from scipy.stats import spearmanr

from reservoir.experiments import DigitsExperiment

METHODS = (
    "control",
    "control-taps",
    "oscillator",
    "oscillator-taps",
    "ridge",
    "logistic",
    "svm-rbf",
    "random-forest",
    "k-neighbors",
    "mlp",
)


def accuracies(dataset, protocol, methods, arguments, **options):
    """Accuracy of each method in per cent."""
    experiment = DigitsExperiment(
        dataset,
        protocol,
        methods=methods,
        seeds=(arguments.seed,),
        n_jobs=arguments.jobs,
        **options,
    )
    return {row.method: 100 * row.value for row in experiment.run()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    plain = ("control", "oscillator")
    by_index = accuracies("synthetic", "index", (*plain, "svm-rbf"), arguments)
    print("synthetic, ten folds by index:", _line(by_index), flush=True)
    vote = {"pooling": "vote", "frontend": "spectrogram-signed"}
    published = accuracies("synthetic", "index", plain, arguments, **vote)
    print("synthetic, published protocol:", _line(published), flush=True)
    synthetic = accuracies("synthetic", "speaker", METHODS, arguments)
    print("synthetic, a voice left out:", _line(synthetic), flush=True)
    people = accuracies("fsdd", "speaker", METHODS, arguments)
    print("\na speaker left out   synthetic   people")
    for method in sorted(METHODS, key=people.get, reverse=True):
        print(f"{method:20s} {synthetic[method]:9.1f} {people[method]:8.1f}")
    columns = [[table[method] for method in METHODS] for table in (synthetic, people)]
    print(f"rank correlation {spearmanr(*columns).statistic:.2f}")


def _line(table):
    return ", ".join(f"{method} {value:.1f} %" for method, value in table.items())


if __name__ == "__main__":
    main()
