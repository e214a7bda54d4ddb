"""How far do layered networks come on handwritten digits, with the usual helps of software?

    python studies/layers_digits.py [--rows ROW ...] [--repeats 5] [--jobs 2]

Rows, each measured in ten stratified folds that are drawn anew for every repeat:

    plain         SpintronicClassifier((128,), power_noise=0.3), as in `reservoir layers`
    committee     three of them from different seeds, probabilities averaged
    warps         one of them, learning from four warped copies of each training image as well
    sequence      SpintronicRecurrentClassifier: the rows of an image follow each other
    memoryless    the same without recurrent chains
    convolution   SpintronicConvolutionalClassifier with 16 filters of 3 x 3, and 64 neurons
    NAME-control  the same in software: ideal synapses, rectifiers (`layers.control`)

Warped copies are made of training images only: turned by up to 7 degrees, shifted by up to
0.35 pixels, and stretched by up to 5 %, with linear interpolation. All settings are fixed.
They were chosen on one or two other folds of the same images, which flatters all rows alike.
"""

import argparse
import time

import numpy as np
from joblib import Parallel, delayed
from scipy.ndimage import affine_transform
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from reservoir.layers import (
    SpintronicClassifier,
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
    control,
)

N_COPIES = 4
NETWORKS = {
    "plain": SpintronicClassifier((128,), power_noise=0.3),
    "committee": SpintronicClassifier((128,), power_noise=0.3),
    "warps": SpintronicClassifier((128,), power_noise=0.2, max_iter=24),
    "sequence": SpintronicRecurrentClassifier(),
    "memoryless": SpintronicRecurrentClassifier(recurrent=False),
    "convolution": SpintronicConvolutionalClassifier(
        hidden_layer_sizes=(64,), power_noise=0.3
    ),
}
N_MEMBERS = {"committee": 3}
IMAGES = ("sequence", "memoryless", "convolution")


def warped(images, generator):
    """A copy of each image, slightly turned, shifted and stretched."""
    copies = np.empty_like(images)
    middle = (np.array(images.shape[1:]) - 1) / 2
    for image, copy in zip(images, copies, strict=True):
        angle = np.deg2rad(generator.uniform(-7, 7))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = turn * generator.uniform(0.95, 1.05, 2)[:, None]
        shift = generator.uniform(-0.35, 0.35, 2)
        copy[...] = affine_transform(
            image, matrix, middle - matrix @ middle + shift, order=1, mode="constant"
        )
    return copies


def measure(name, repeat, fold):
    """Test and training accuracy of a row in one fold, and the seconds of the fit."""
    X, y = load_digits(return_X_y=True)
    folds = StratifiedKFold(10, shuffle=True, random_state=repeat)
    train, test = list(folds.split(X, y))[fold]
    row, _, software = name.partition("-")
    images = X.reshape(-1, 8, 8)
    X_train, y_train = images[train], y[train]
    if row == "warps":
        generator = np.random.default_rng([repeat, fold])
        X_train = np.concatenate(
            [X_train, *(warped(X_train, generator) for _ in range(N_COPIES))]
        )
        y_train = np.tile(y_train, 1 + N_COPIES)
    shaped = (
        (lambda part: part) if row in IMAGES else (lambda part: part.reshape(len(part), -1))
    )
    start = time.perf_counter()
    answers = []
    with threadpool_limits(1):
        for member in range(N_MEMBERS.get(row, 1)):
            network = clone(NETWORKS[row])
            if software:
                network = control(network)
            network.set_params(random_state=10 * repeat + member)
            network.fit(shaped(X_train), y_train)
            answers.append(
                [network.predict_proba(shaped(images[part])) for part in (test, train)]
            )
    seconds = time.perf_counter() - start
    means = [np.mean(each, axis=0) for each in zip(*answers, strict=True)]
    accuracies = [
        np.mean(network.classes_[mean.argmax(axis=1)] == y[part])
        for mean, part in zip(means, (test, train), strict=True)
    ]
    return (*accuracies, seconds)


def main():
    """Print a line for each row."""
    rows = [*NETWORKS, "warps-control", "convolution-control"]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", nargs="+", choices=rows, default=rows)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    print("row                    test   repeats, one by one                  train  s a fit")
    for name in options.rows:
        tasks = [(repeat, fold) for repeat in range(options.repeats) for fold in range(10)]
        found = np.array(
            Parallel(options.jobs)(delayed(measure)(name, *task) for task in tasks)
        ).reshape(options.repeats, 10, 3)
        means = 100 * found[..., 0].mean(axis=1)
        listed = " ".join(f"{mean:.2f}" for mean in means)
        print(
            f"{name:<20} {means.mean():6.2f}   {listed:<36} "
            f"{100 * found[..., 1].mean():6.2f} {found[..., 2].mean():7.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
