"""
Coupling on and off: what does it do to the map of locking?
===========================================================

A network learns vowels while its oscillators do not hear each other. Then the coupling is
switched on, and all the rest stays. Oscillators now pull each other, and the regions in which
each locks to a source move, so tokens get other patterns. A network that learns with the
coupling is as good as the one without.
"""

# %%
import matplotlib.pyplot as plt

from reservoir import OscillatorNetwork, SynchronizationClassifier, datasets
from reservoir.plotting import LockingMapDisplay, figure_style

names = ("ae", "ah", "aw", "er", "ih", "iy", "uw")
train, test = (
    datasets.make_vowels(40, names, random_state=seed, kinds=("woman",)) for seed in (0, 1)
)
coupling = 2e7  # 1/s
classifier = SynchronizationClassifier(learning="search", random_state=0)
classifier.fit(train.data, train.target)
coupled = SynchronizationClassifier(
    OscillatorNetwork(coupling=coupling), learning="search", random_state=0
)
learned_with_it = coupled.fit(train.data, train.target).score(test.data, test.target)

# %%
with figure_style():
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.9), layout="constrained")
    names = "(a) Coupling off", f"(b) Coupling on, {coupling / 1e6:g}/µs"
    for ax, name, strength in zip(axes, names, (0.0, coupling), strict=True):
        classifier.network_.set_params(coupling=strength)
        share = 100 * classifier.score(test.data, test.target)
        LockingMapDisplay.from_estimator(
            classifier, test.data, test.target, title=f"{name}: {share:.1f} % right", ax=ax
        )
        print(f"{name}: {share:.1f} % of new tokens right")
    print(f"learned with the coupling: {100 * learned_with_it:.1f} %")
    plt.show()
