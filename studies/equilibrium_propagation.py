"""Does the physics of coupled oscillators compute the slopes of a loss, and until when?

    python studies/equilibrium_propagation.py gradients      (two minutes of processor time)
    python studies/equilibrium_propagation.py accuracy       (three minutes)
    python studies/equilibrium_propagation.py tasks          (three minutes)
    python studies/equilibrium_propagation.py published      (two minutes)
    python studies/equilibrium_propagation.py figure GRADIENTS ACCURACY PICTURE

`gradients` compares the slopes that two settled states give with the exact ones, in the phase
picture and for auto-oscillators, against the nonlinear frequency shift. `accuracy` trains
on irises while the shift grows. `tasks` trains on exclusive or, on irises and on vowels, with
controls. `published` follows the protocol of Ahmadi (arXiv:2604.10272). `figure` draws
what the first two printed into files. Vowels need RESERVOIR_DATA with
the table of Hillenbrand et al. `docs/equilibrium.md` holds what it gave.
"""

import argparse
import warnings

import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from reservoir import SimulationError, datasets
from reservoir.experiments.vowels import SEVEN_VOWELS
from reservoir.networks import AutoOscillators, EquilibriumClassifier, PhaseOscillators
from reservoir.networks.circuit import Circuit
from reservoir.networks.equilibrium_propagation import (
    implicit_slopes,
    settle,
    two_state_slopes,
)
from reservoir.networks.layered_circuit import LayeredCircuit

RATE = 5e5  # 1/s, unit of the couplings
SHIFTS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
NETWORKS = {"3 free": LayeredCircuit(2, 2, 1), "9 free": LayeredCircuit(4, 6, 3)}
N_STARTS, N_PHASES = 20, 4
TRAINING = {"n_epochs": 30, "learning_rate": 0.1}


def kinds(shift):
    """Oscillators with a nonlinear shift, by name."""
    cancelled = np.arctan(shift)
    return {
        "phases": PhaseOscillators(shift),
        "auto": AutoOscillators(20 * RATE, shift),
        "auto, cancelled": AutoOscillators(20 * RATE, shift, cancelled),
    }


def cosine(first, second):
    return np.sum(first * second) / np.sqrt(np.sum(first**2) * np.sum(second**2))


def compared(wiring, oscillators, seed, nudge=1e-3):
    """Slopes of two states and exact ones, of couplings and then frequencies, or None."""
    generator = np.random.default_rng(seed)
    parameters = wiring.start(generator)
    phases = generator.uniform(-np.pi / 2, np.pi / 2, (N_PHASES, wiring.n_inputs))
    wanted = generator.choice([-1.0, 1.0], (N_PHASES, wiring.n_outputs))
    circuit, targets = wiring.circuit(parameters, phases, RATE), wiring.targets(wanted)
    free = settle(oscillators, circuit)
    both = (
        two_state_slopes(oscillators, circuit, free, targets, nudge * RATE),
        implicit_slopes(oscillators, circuit, free, targets),
    )
    if not both[0].at_rest.all():
        return None
    return [wiring.mean_slopes(slopes, parameters, RATE) for slopes in both]


def gradients():
    """Cosine between both slopes against the shift; the error against the nudge."""
    print(
        "network; oscillators; shift; cosine of all, mean and lowest; of couplings; of "
        "frequencies; starts that settled"
    )
    for name, wiring in NETWORKS.items():
        for shift in SHIFTS:
            for kind, oscillators in kinds(shift).items():
                found = [compared(wiring, oscillators, seed) for seed in range(N_STARTS)]
                found = [pair for pair in found if pair is not None]
                if not found:
                    print(f"{name}; {kind}; {shift}; no start settled", flush=True)
                    continue
                cut = wiring.n_couplings
                parts = slice(None), slice(None, cut), slice(cut, None)
                every, *both = (
                    [cosine(two[part], exact[part]) for two, exact in found] for part in parts
                )
                print(
                    f"{name}; {kind}; {shift}; {np.mean(every):.6f}; {np.min(every):.6f}; "
                    + "; ".join(f"{np.mean(part):.6f}" for part in both)
                    + f"; {len(found)}",
                    flush=True,
                )
    print("\nphase of the coupling less arctan(1.9); cosine, 9 free auto-oscillators")
    for offset in np.linspace(-1.2, 0.8, 11):
        oscillators = AutoOscillators(20 * RATE, 1.9, np.arctan(1.9) + offset)
        found = [compared(NETWORKS["9 free"], oscillators, seed) for seed in range(N_STARTS)]
        every = [cosine(*pair) for pair in found if pair is not None]
        print(f"{offset:+.1f}; {np.mean(every):.6f}; {len(every)} starts", flush=True)
    print("\nrelaxation in units of the coupling; 1 - cosine, shifts 0 and 1.9, cancelled")
    for ratio in (10, 20, 50, 100):
        rest = []
        for shift in (0.0, 1.9):
            oscillators = AutoOscillators(ratio * RATE, shift, np.arctan(shift))
            found = [compared(NETWORKS["9 free"], oscillators, seed) for seed in range(5)]
            rest.append(np.mean([1 - cosine(*pair) for pair in found if pair is not None]))
        print(f"{ratio}; " + "; ".join(f"{each:.1e}" for each in rest), flush=True)
    print("\nnudge in units of the coupling; relative error, phases and auto-oscillators")
    for nudge in (0.4, 0.2, 0.1, 0.05, 0.025, 0.0125):
        errors = []
        for oscillators in (PhaseOscillators(), AutoOscillators(20 * RATE)):
            found = [compared(NETWORKS["9 free"], oscillators, n, nudge) for n in range(10)]
            errors.append(
                np.median(
                    [
                        np.linalg.norm(two - exact) / np.linalg.norm(exact)
                        for two, exact in (pair for pair in found if pair is not None)
                    ]
                )
            )
        print(f"{nudge}; " + "; ".join(f"{error:.2e}" for error in errors), flush=True)


def folds(X, y, seed):
    return StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y)


def accuracies(make, X, y, n_seeds):
    """Test accuracies in %, and how many fits were refused as unstable and are left out."""
    found, refused = [], 0
    for seed in range(n_seeds):
        for train, test in folds(X, y, seed):
            try:
                found.append(100 * make(seed).fit(X[train], y[train]).score(X[test], y[test]))
            except SimulationError:
                refused += 1
    return np.array(found), refused


def report(name, found, refused=0):
    if len(found) < 2:
        print(f"{name}; {found}; ; {refused}", flush=True)
        return
    error = found.std(ddof=1) / np.sqrt(len(found))
    print(f"{name}; {found.mean():.1f}; {error:.1f}; {refused}", flush=True)


def accuracy():
    """Accuracy on irises against the shift, over five folds."""
    X, y = load_iris(return_X_y=True)
    print("oscillators; shift; test accuracy in %; standard error; fits refused")
    for shift in (0.0, 0.1, 0.2, 0.3, 0.5, 1.0, 3.0):
        trained = kinds(shift)
        for kind, rule in (
            ("phases", "two states"),
            ("phases", "implicit"),
            ("auto", "two states"),
            ("auto, cancelled", "two states"),
        ):
            if kind != "phases" and shift not in (0.0, 0.3, 1.0, 3.0):
                continue
            oscillators = trained[kind]
            found = accuracies(
                lambda seed, o=oscillators, r=rule: EquilibriumClassifier(
                    6, o, rule=r, random_state=seed, **TRAINING
                ),
                X,
                y,
                1,
            )
            report(f"{kind}{', exact slopes' if rule == 'implicit' else ''}; {shift}", *found)


def exclusive_or(learn, seed):
    X = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])
    y = np.array([0, 1, 1, 0])
    model = EquilibriumClassifier(6, learn=learn, learning_rate=0.1, random_state=seed)
    try:
        return (model.fit(X, y).predict(X) == y).all()
    except SimulationError:
        return False


def logistic(seed):
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def tasks(n_seeds=1):
    """Three tasks, what learns, and controls."""
    both = ("couplings", "frequencies")
    variants = {"couplings": both[:1], "frequencies": both[1:], "both": both}
    print("exclusive or, 100 random starts; starts that learn all four rows")
    for name, learn in variants.items():
        right = sum(exclusive_or(learn, seed) for seed in range(100))
        print(f"{name}; {right}", flush=True)
    tables = {"irises": load_iris(return_X_y=True)}
    vowels = datasets.fetch_hillenbrand(
        columns="formants", complete=True, vowels=SEVEN_VOWELS, kinds=("woman",)
    )
    tables["vowels"] = vowels.data, vowels.target
    for task, (X, y) in tables.items():
        n_hidden = 6 if task == "irises" else 10
        print(f"\n{task}; test accuracy in %; standard error; fits refused")
        for name, learn in variants.items():
            found = accuracies(
                lambda seed, n=n_hidden, what=learn: EquilibriumClassifier(
                    n, learn=what, random_state=seed, **TRAINING
                ),
                X,
                y,
                n_seeds,
            )
            report(f"{name} learn", *found)
        for name, settings in (
            ("both, exact slopes", {"rule": "implicit", **TRAINING}),
            ("not trained", {"n_epochs": 0}),
        ):
            found = accuracies(
                lambda seed, n=n_hidden, s=settings: EquilibriumClassifier(
                    n, random_state=seed, **s
                ),
                X,
                y,
                n_seeds,
            )
            report(name, *found)
        report("logistic regression", *accuracies(logistic, X, y, n_seeds))


# -------------------------------------------------------------- the published protocol

N_SEEDS, N_EPOCHS, MARGIN, INPUT_SCALE, STEP = 100, 50, 0.2, 1.5, 0.004
N_HIDDEN, N_FREE = 5, 8  # free are the second input, the hidden ones and two outputs
OUTPUTS = slice(6, 8)


class PublishedNetwork:
    """Two inputs, five hidden oscillators in a chain, two outputs; the first input is held.

    Inputs are natural frequencies. All frequencies count from their mean, the frequency at
    which the network locks.
    """

    def __init__(self, seed, start):
        generator = np.random.default_rng(seed)
        self.frequencies = np.concatenate([[0.0], generator.uniform(-0.3, 0.3, 7)])
        matrix = np.zeros((9, 9))
        for hidden in range(1, 6):
            matrix[hidden, [0, 8]] = 2 * generator.uniform(0.5, 1.5, 2)
            matrix[hidden, OUTPUTS] = 2 * generator.uniform(0.5, 1.5, 2)
        for hidden in range(1, 5):
            matrix[hidden, hidden + 1] = 2 * generator.uniform(0.5, 1.0)
        self.matrix = matrix + matrix.T
        self.edges = np.argwhere(np.triu(self.matrix))
        self.matched = generator.choice(len(self.edges), 7, replace=False)
        if start == "spectral":
            laplacian = np.diag(self.matrix.sum(axis=1)) - self.matrix
            apart = np.zeros(N_FREE)
            apart[OUTPUTS] = 1, -1
            self.frequencies = np.linalg.solve(laplacian[:N_FREE, :N_FREE], apart)
            self.frequencies[0] = 0
            self.frequencies *= 0.3 / np.abs(self.frequencies).max()

    def circuit(self, X):
        own = np.tile(self.frequencies, (len(X), 1))
        own[:, 0] = INPUT_SCALE * X[:, 1]
        mean = (own.sum(axis=1) + INPUT_SCALE * X[:, 0]) / (N_FREE + 1)
        # Node 8 of the matrix is input 0, which is held at phase 0.
        return Circuit(
            self.matrix[None, :N_FREE], own - mean[:, None], np.ones((len(X), 1), complex)
        )

    def train(self, X, codes, learn):
        oscillators, z = PhaseOscillators(), None
        targets = np.zeros((len(X), N_FREE), complex)
        targets[:, OUTPUTS] = np.exp(1j * MARGIN * (1 - 2 * np.eye(2)[codes]))
        for _ in range(N_EPOCHS if learn != "nothing" else 0):
            circuit = self.circuit(X)
            free = settle(oscillators, circuit, z)
            slopes = two_state_slopes(oscillators, circuit, free, targets, 0.1)
            if learn == "frequencies":
                self.frequencies -= STEP * slopes.frequencies.sum(axis=0)
                self.frequencies[0] = 0
            else:
                step = STEP * slopes.couplings.sum(axis=0)
                for row, column in self.edges[self.matched]:
                    value = self.matrix[row, column] - step[row, column]
                    value = np.clip(value, 0.01, 8)
                    self.matrix[row, column] = self.matrix[column, row] = value
            z = free.z

    def outputs(self, X):
        return np.angle(settle(PhaseOscillators(), self.circuit(X)).z[:, OUTPUTS])


def published():
    """Random and spectral starts, with two ways to read a class from the outputs."""
    vowels = datasets.fetch_hillenbrand(columns="formants", vowels=["ah", "iy"])
    formants = vowels.data[:, :2]
    known = np.isfinite(formants).all(axis=1) & (formants > 0).all(axis=1)
    X, codes = formants[known], (vowels.target[known] == "iy").astype(int)
    print(f"{len(X)} tokens of ah and iy, F1 and F2")
    print("what learns; start; read by; starts that learn; accuracy of these in %; of all")
    for learn, start in (
        ("frequencies", "random"),
        ("frequencies", "spectral"),
        ("7 couplings", "random"),
        ("nothing", "random"),
        ("nothing", "spectral"),
    ):
        scores = {"nearest to phase 0": [], "output that lags": []}
        for seed in range(N_SEEDS):
            order = np.random.default_rng(seed).permutation(len(X))
            train, test = np.split(order, [int(0.8 * len(X))])
            low, high = X[train].min(axis=0), X[train].max(axis=0)
            scaled = 2 * (X - low) / (high - low) - 1
            network = PublishedNetwork(seed, start)
            network.train(scaled[train], codes[train], learn)
            phases = network.outputs(scaled)
            reads = {
                "nearest to phase 0": np.cos(phases).argmax(axis=1),
                "output that lags": phases.argmin(axis=1),
            }
            for name, read in reads.items():
                right = read == codes
                scores[name].append((right[train].mean(), right[test].mean()))
        for name, pairs in scores.items():
            in_training, tested = 100 * np.array(pairs).T
            learned = in_training > 60
            of_these = tested[learned].mean() if learned.any() else np.nan
            print(
                f"{learn}; {start}; {name}; {learned.sum()}; {of_these:.1f}; "
                f"{tested.mean():.1f}",
                flush=True,
            )


# ---------------------------------------------------------------------- the figure


def rows_of(path):
    """Rows of a printed table, split at the semicolons."""
    with open(path) as lines:
        return [[cell.strip() for cell in line.split(";")] for line in lines]


def figure(gradients_table, accuracy_table, picture):
    """Cosines of 9 free oscillators, and the accuracy on irises, against the shift."""
    from reservoir.plotting.colors import BLUE, GREY, ORANGE
    from reservoir.plotting.style import figure_style, letter_panels, new_figure

    styles = {
        "phases": (GREY, "-", "phases"),
        "auto": (ORANGE, "--", "auto-oscillators"),
        "auto, cancelled": (BLUE, "-", "auto-oscillators, shift cancelled"),
        "phases, exact slopes": (GREY, ":", "phases, exact slopes"),
    }
    with figure_style():
        drawn = new_figure(height=68.0)
        left, right = drawn.subplots(1, 2)
        cosines, scores = rows_of(gradients_table), rows_of(accuracy_table)
        for kind, (color, line, name) in styles.items():
            rows = [r for r in cosines if r[:2] == ["9 free", kind] and len(r) > 4]
            shifts, means = ([float(row[n]) for row in rows] for n in (2, 3))
            if rows:
                left.plot(shifts, means, line, color=color, marker="o", markersize=3)
            rows = [row for row in scores if row[0] == kind]
            rows = [row for row in rows if row[3]]
            shifts, means, errors = ([float(row[n]) for row in rows] for n in (1, 2, 3))
            right.errorbar(
                shifts,
                means,
                errors,
                fmt=line,
                color=color,
                marker="o",
                markersize=3,
                label=name,
            )
        left.axhline(0.99, color=GREY, linewidth=0.6, linestyle=":")
        left.set(xlabel="nonlinear shift", ylabel="cosine of both slopes")
        right.axhline(100 / 3, color=GREY, linewidth=0.6, linestyle=":")
        right.set(xlabel="nonlinear shift", ylabel="irises right (%)", ylim=(0, 103))
        names = right.get_legend_handles_labels()
        left.legend(*names, loc="center right", bbox_to_anchor=(1.0, 0.65))
        letter_panels((left, right))
        drawn.savefig(picture)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parts = parser.add_subparsers(dest="part", required=True)
    for part in (gradients, accuracy, tasks, published):
        parts.add_parser(part.__name__, help=part.__doc__).set_defaults(run=part)
    drawing = parts.add_parser("figure", help=figure.__doc__)
    for file in ("gradients_table", "accuracy_table", "picture"):
        drawing.add_argument(file)
    drawing.set_defaults(run=figure)
    options = vars(parser.parse_args())
    del options["part"]
    warnings.simplefilter("ignore")
    options.pop("run")(**options)


if __name__ == "__main__":
    main()
