"""How long is this speaker's vocal tract? A warp of the frequency axis, without labels."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from reservoir._all_or_nothing import all_or_nothing
from reservoir._checks import Integer, Rule, check_parameters, real_array
from reservoir._classes import check_groups
from reservoir._randomness import seed_of
from reservoir._types import ArrayLike, Floats, Integers, Objects, RandomState
from reservoir.audio.alterations import check_frames, check_frequencies, warp_matrix
from reservoir.audio.waveforms import Clips, entries_of, object_array

N_CEPSTRA = 12  # coefficients of the cosine transform that the mixture sees
MIN_LOUDNESS = 0.5  # of a frame, over the clip's mean loudness; quieter frames are pauses


class SpeakerNormalizer(TransformerMixin, BaseEstimator):
    """Warp each clip's frequency axis to where an average voice would have it.

    Parameters
    ----------
    frequencies : array-like of shape (n_channels,)
        Centres of the channels in Hz, ascending (``Cochleagram.center_frequencies()``).
    factors : array-like of float or None, default=None
        Warps that are tried; None stands for 0.8 to 1.25 in 13 equal ratios.
    n_components : int, default=32
        Gaussians of the average voice.
    n_iterations : int, default=3
        Number of times that the average voice is fitted. From the second time on, it is
        fitted to the clips warped towards the voice before.
    random_state : None, int, numpy RandomState or Generator, default=0
        Seed of the mixture's start. From a Generator, each `fit` draws a seed.

    Attributes
    ----------
    voice_ : sklearn.mixture.GaussianMixture
        The average voice: a density of frames.

    Notes
    -----
    Vocal-tract length normalisation by maximum likelihood [1]_: the frames of an utterance
    are warped by every factor, the factor that is most likely under a Gaussian mixture of
    all training frames is kept, and the mixture is fitted anew. The mixture sees the cosine
    transform of each frame along its channels, without the first coefficient (loudness). It
    sees no pauses and no labels. Every utterance is judged by itself, unless `transform` is
    given groups. Then the utterances of a speaker share one warp, which also uses other
    (unlabelled) utterances of the test speaker, and a result must be called transductive.

    References
    ----------
    .. [1] L. Lee and R. Rose, "A frequency warping approach to speaker normalization",
       IEEE Transactions on Speech and Audio Processing 6, 49 (1998).

    Examples
    --------
    >>> from reservoir import datasets
    >>> from reservoir.audio import Cochleagram, SpeakerNormalizer
    >>> digits = datasets.load_spoken_digits()
    >>> ear = Cochleagram(digits.sample_rate)
    >>> frames = ear.transform(digits.data[::10])
    >>> normalizer = SpeakerNormalizer(ear.center_frequencies()).fit(frames)
    >>> normalizer.transform(frames)[0].shape == frames[0].shape
    True
    """

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "n_components": Integer(1),
        "n_iterations": Integer(1),
    }

    def __init__(
        self,
        frequencies: ArrayLike,
        *,
        factors: ArrayLike | None = None,
        n_components: int = 32,
        n_iterations: int = 3,
        random_state: RandomState = 0,
    ) -> None:
        self.frequencies = frequencies
        self.factors = factors
        self.n_components = n_components
        self.n_iterations = n_iterations
        self.random_state = random_state

    @all_or_nothing
    def fit(self, X: Clips, y: object = None, groups: ArrayLike | None = None) -> Self:
        """Learn the average voice.

        Parameters
        ----------
        X : list, tuple or array of ndarray of shape (n_frames, n_channels)
        y : ignored
        groups : array-like of shape (n_clips,), default=None
            Clips of one group share a warp.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is not allowed, or a clip has another shape, no frame, NaN or
            infinity.
        """
        from sklearn.mixture import GaussianMixture

        check_frequencies(self.frequencies, "SpeakerNormalizer.frequencies")
        check_parameters(self, self._parameter_ranges)
        factors = self._factors()
        if factors.ndim != 1 or not (np.isfinite(factors) & (factors > 0)).all():
            raise ValueError(
                f"SpeakerNormalizer.factors is {self.factors!r}; it must hold positive "
                "numbers."
            )
        # The mixture takes every kind of random_state but a Generator.
        seed = self.random_state
        if isinstance(seed, np.random.Generator):
            seed = seed_of(seed)
        cepstra = self._cepstra(X)
        chosen = np.full(len(cepstra), np.abs(np.log(factors)).argmin())
        for _ in range(self.n_iterations):
            frames = np.concatenate(
                [clip[k] for clip, k in zip(cepstra, chosen, strict=True)]
            )
            self.voice_ = GaussianMixture(
                min(self.n_components, len(frames)),
                covariance_type="diag",
                tol=1e-2,
                reg_covar=1e-6 * frames.var(axis=0).mean() + 1e-12,
                random_state=seed,
            ).fit(frames)
            chosen = self._choose(cepstra, groups)
        return self

    def find_factors(self, X: Clips, groups: ArrayLike | None = None) -> Floats:
        """Warp of each clip.

        Parameters
        ----------
        X : list, tuple or array of ndarray of shape (n_frames, n_channels)
        groups : array-like of shape (n_clips,), default=None
            Clips of one group share a warp, which is transductive.

        Returns
        -------
        ndarray of shape (n_clips,)
        """
        check_is_fitted(self)
        return self._factors()[self._choose(self._cepstra(X), groups)]

    def transform(self, X: Clips, groups: ArrayLike | None = None) -> Objects:
        """Warp each clip.

        Parameters
        ----------
        X : list, tuple or array of ndarray of shape (n_frames, n_channels)
        groups : array-like of shape (n_clips,), default=None
            Clips of one group share a warp, which is transductive.

        Returns
        -------
        ndarray of object of shape (n_clips,)
            Each entry is an array of shape (n_frames, n_channels).
        """
        matrices = {
            factor: warp_matrix(self.frequencies, factor) for factor in self._factors()
        }
        factors = self.find_factors(X, groups)
        clips = entries_of(X, "clip", 2)
        return object_array(
            [np.asarray(clip) @ matrices[f] for clip, f in zip(clips, factors, strict=True)]
        )

    def _factors(self) -> Floats:
        if self.factors is None:
            equal_ratios: Floats = 1.25 ** np.linspace(-1, 1, 13)
            return equal_ratios
        factors = real_array("SpeakerNormalizer.factors", self.factors)
        return factors.astype(np.float64)

    def _cepstra(self, X: Clips) -> list[Floats]:
        """For each clip an array of shape (n_factors, n_frames, n_cepstra)."""
        from scipy.fft import dct

        matrices = [warp_matrix(self.frequencies, factor) for factor in self._factors()]
        # The transform is linear, so warp and transform are one matrix.
        cosines = np.stack(
            [dct(m, axis=1, norm="ortho")[:, 1 : 1 + N_CEPSTRA] for m in matrices]
        )
        result = []
        for frames in check_frames(X, len(matrices[0])):
            loudness = frames.mean(axis=1)
            heard = frames[loudness >= MIN_LOUDNESS * loudness.mean()]
            result.append((heard if len(heard) else frames) @ cosines)
        return result

    def _choose(self, cepstra: Sequence[Floats], groups: ArrayLike | None) -> Integers:
        """Index of the most likely factor of each clip, or of each group's clips."""
        likelihoods = np.array(
            [
                self.voice_.score_samples(np.concatenate(clip))
                .reshape(len(clip), -1)
                .sum(axis=1)
                for clip in cepstra
            ]
        )
        if groups is not None:
            check_consistent_length(cepstra, groups)
            names = check_groups(groups, len(cepstra), "clip")[1]
            sums = np.zeros((names.max() + 1, likelihoods.shape[1]))
            np.add.at(sums, names, likelihoods)
            likelihoods = sums[names]
        best: Integers = likelihoods.argmax(axis=1)
        return best
