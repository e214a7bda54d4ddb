"""
Cross-validation and grid search: where should the current swing?
=================================================================

Ragged sequences go through scikit-learn's own tools unchanged. The grid compares drive
ranges that stay above the threshold (1) with some that cross it, without and with readout
noise. Each point is a mean over voices that were left out.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut

from reservoir import ReservoirClassifier, datasets
from reservoir.audio import Cochleagram

digits = datasets.load_spoken_digits()
few = digits.indices < 4
frames = Cochleagram(digits.sample_rate).fit_transform(digits.data)[few]

ranges = [(1.05, 1.6), (0.9, 1.6), (0.6, 1.6), (0.2, 2.0)]
search = GridSearchCV(
    ReservoirClassifier(n_nodes=50, pooling="mean", alpha=1e-4, random_state=0),
    {"drive_range": ranges, "readout_noise": [0.0, 0.1]},
    cv=LeaveOneGroupOut(),
)
search.fit(frames, digits.target[few], groups=digits.speakers[few])
print(f"best: {search.best_params_}, accuracy {search.best_score_:.3f}")

# %%
scores = np.reshape(search.cv_results_["mean_test_score"], (len(ranges), 2))
figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
axes.plot(scores[:, 0], "o-", color="#0072B2", label="no noise")
axes.plot(scores[:, 1], "s--", color="#D55E00", label="10 % readout noise")
axes.set_xticks(range(len(ranges)), [f"{low} to {high}" for low, high in ranges])
axes.set(xlabel="current (units of the threshold)", ylabel="accuracy, new voices")
axes.legend()
plt.show()
