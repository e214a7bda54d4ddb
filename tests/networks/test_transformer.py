"""A network as a transformer of scikit-learn, and what it says to bad input."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from reservoir import OscillatorNetwork, SpinTorqueOscillator

# The battery's features lie within a few hundred of 0. Sources of so many hertz are within
# reach of a device a million times slower than a vortex.
SLOW = SpinTorqueOscillator(
    threshold_current=1.0,
    damping_rate=1e4,
    nonlinear_damping=2.0,
    frequency=50.0,
    nonlinear_frequency_shift=2e3,
    current_tuning=1e3,
)
SLOWLY = {
    "frequencies": [40.0, 60.0],
    "injection": 200.0,
    "step": 2e-5,
    "settling_time": 4e-4,
    "measuring_time": 2e-3,
    "random_state": 0,
}


@parametrize_with_checks(
    [
        OscillatorNetwork(SLOW, 2, **SLOWLY),
        OscillatorNetwork(
            SLOW,
            2,
            **SLOWLY,
            coupling=100.0,
            linewidth=10.0,
            dtype="float32",
            features=("amplitude", "frequency"),
        ),
    ]
)
def test_it_passes_every_check_of_scikit_learn(estimator, check):
    check(estimator)


def test_it_stands_in_a_pipeline_and_names_its_features():
    generator = np.random.default_rng(0)
    classes = generator.integers(2, size=80)
    sources = np.array([[341e6, 361e6], [350e6, 373e6]])[classes]
    sources += generator.normal(scale=1e6, size=sources.shape)
    model = make_pipeline(OscillatorNetwork(), LogisticRegression())
    assert model.fit(sources, classes).score(sources, classes) > 0.95
    network = clone(model[0]).set_params(features=("locked", "frequency", "amplitude"))
    frame = network.set_output(transform="pandas").fit_transform(sources)
    names = [f"locked_{i}_to_{s}" for i in range(4) for s in range(2)]
    names += [f"frequency_{i}" for i in range(4)] + [f"amplitude_{i}" for i in range(4)]
    assert frame.columns.tolist() == names == network.get_feature_names_out().tolist()
    response = network.measure(sources)
    np.testing.assert_array_equal(frame["locked_0_to_0"], response.locked[:, 0] == 0)
    np.testing.assert_allclose(frame["amplitude_3"] ** 2, response.power[:, 3])


def test_every_kind_of_random_state_seeds_the_noise():
    sources = [[345e6, 365e6]]
    noisy = OscillatorNetwork(linewidth=1e5, measuring_time=0.4e-6)

    def measured(make):
        return noisy.set_params(random_state=make()).measure(sources).frequency

    kinds = (
        lambda: 3,
        lambda: np.random.RandomState(3),
        lambda: np.random.default_rng(3),
    )
    whole = [measured(make) for make in kinds]
    for make, frequency in zip(kinds, whole, strict=True):
        np.testing.assert_array_equal(measured(make), frequency)
    np.testing.assert_array_equal(whole[0], whole[1])
    assert not np.array_equal(whole[0], whole[2])
    fitted = noisy.fit(sources)  # now the stored seed counts
    np.testing.assert_array_equal(
        fitted.measure(sources).power, fitted.measure(sources).power
    )


def test_fit_refuses_what_only_a_measurement_would_use():
    for parameters in ({"step": 0.0}, {"measuring_time": -1.0}, {"dtype": "float16"}):
        with pytest.raises(
            ValueError, match=f"OscillatorNetwork.{next(iter(parameters))} is"
        ):
            OscillatorNetwork(**parameters).fit([[345e6, 365e6]])


# ---------------------------------------------------------------------- bad input

FAR = [[345e6, 500e6]]
DAMAGED = sparse.csr_array(np.diag([1e6] * 3, 1))
DAMAGED.indices[0] = 200_000_000


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"n_oscillators": True}, "n_oscillators is True; it must be an integer"),
        ({"injection": True}, "injection is True; it must be a finite rate in 1/s"),
        ({"n_oscillators": 2.0}, "n_oscillators is 2.0; it must be an integer of at least 1"),
        ({"oscillator": 3}, "oscillator is of type int; it must be a SpinTorqueOscillator"),
        ({"oscillator": "none"}, "no preset 'none'"),
        (
            {"bias": 1.0},
            "bias is 1.0; it must be a finite multiple of the threshold current above 1",
        ),
        ({"bias": None}, "bias is None"),
        ({"frequencies": [350e6] * 3}, "frequencies has shape \\(3,\\); it must hold 4 pos"),
        ({"frequencies": [350e6, np.nan] * 2}, "frequencies holds nan; it must"),
        ({"frequencies": [350e6, -1.0] * 2}, "frequencies holds -1; it must"),
        ({"frequencies": "high"}, "frequencies is 'high'; it must"),
        ({"currents": [4e-3, 2e-3, 4e-3, 4e-3]}, "oscillator 1 is 0.002 A; .* above the thr"),
        ({"currents": [4e-3, 1e-3, 4e-3, 4e-3]}, "oscillator 1 is 0.001 A; .* is silent"),
        ({"currents": 4e-3}, "currents has shape \\(\\)"),
        ({"coupling": np.nan}, "coupling is nan; it must be finite"),
        ({"coupling": "weak"}, "coupling is 'weak'; it must be a number, or a matrix of"),
        ({"coupling": np.ones((3, 3))}, "coupling has shape \\(3, 3\\); for 4 oscillators"),
        ({"coupling": np.ones(4)}, "coupling has shape \\(4,\\)"),
        ({"coupling": np.full((4, 4), np.inf)}, "coupling holds NaN or infinity"),
        ({"coupling": np.eye(4)}, "entries on its diagonal; .* set them to 0"),
        ({"coupling": sparse.eye_array(4)}, "entries on its diagonal"),
        ({"coupling": DAMAGED}, "coupling is damaged"),
        ({"coupling": sparse.eye_array(5)}, "coupling has shape \\(5, 5\\)"),
        (
            {"injection": -1.0},
            "injection is -1.0; it must be a finite rate in 1/s of at least 0",
        ),
        ({"injection": "2e7"}, "injection is '2e7'"),
        ({"linewidth": np.inf}, "linewidth is inf"),
        ({"step": 0.0}, "step is 0.0; it must be a finite time in s above 0"),
        ({"step": [4e-9]}, "step is \\[4e-09\\]"),
        ({"settling_time": -1e-6}, "settling_time is -1e-06"),
        ({"measuring_time": "long"}, "measuring_time is 'long'"),
        ({"dtype": "float16"}, "dtype is 'float16'; it must be float64 or float32"),
        ({"dtype": "real"}, "dtype is 'real'; it must be float64 or float32"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises((TypeError, ValueError), match=message):
        OscillatorNetwork(**parameters).measure([[345e6, 365e6]])


def test_a_source_that_no_oscillator_can_be_tuned_to_is_refused():
    message = (
        "Source 1 of input 0 is at 500 MHz; no oscillator can be tuned .* 317.5 to 402.7"
    )
    for method in ("measure", "fit", "power_spectrum"):
        with pytest.raises(ValueError, match=message):
            getattr(OscillatorNetwork(), method)(FAR)
    with pytest.raises(ValueError, match="NaN"):
        OscillatorNetwork().measure([[np.nan, 345e6]])
    low, high = OscillatorNetwork().source_limits()
    assert OscillatorNetwork().measure([[low, high]]).locked.tolist() == [[-1] * 4]


def test_a_step_too_coarse_for_the_frequencies_is_refused_and_the_advised_one_does():
    network = OscillatorNetwork(step=20e-9)
    with pytest.raises(
        ValueError, match="step is 2e-08 s, too coarse: a tone 16.5 MHz"
    ) as error:
        network.measure()
    advised = float(str(error.value).split("; ")[1].split(" s would do")[0])
    network.set_params(step=advised).measure()
    with pytest.raises(ValueError, match="too coarse: a tone 38.0 MHz"):
        network.measure([[318e6, 350e6]])


@pytest.mark.parametrize(
    "method, arguments, message",
    [
        ("simulate", {"duration": 0}, "duration is 0"),
        ("simulate", {"duration": 1e-9}, "duration of 1e-09 s holds no step of 4e-09 s"),
        ("simulate", {"duration": 1e-6, "steps_per_record": 0}, "steps_per_record is 0"),
        ("simulate", {"duration": 1e-6, "steps_per_record": 500}, "500 steps of 4e-09 s"),
        ("emitted_signal", {"duration": 1e-6, "sampling_rate": "1"}, "sampling_rate is '1'"),
        ("emitted_signal", {"duration": 1e-8, "sampling_rate": 1e9}, "at least 6 steps"),
        ("power_spectrum", {"resolution": 0}, "resolution is 0"),
        ("power_spectrum", {"duration": 1e-6}, "of 1e-06 s at a step of 4e-09 s allows 1.5e"),
        (
            "synchronization_map",
            {"first": 345e6, "second": [350e6]},
            "shapes \\(\\) and \\(1,",
        ),
    ],
)
def test_bad_arguments_are_named(method, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(OscillatorNetwork(), method)(**arguments)


@pytest.mark.parametrize("features", [(), None, "locked", ("locked", "phase")])
def test_unknown_features_are_refused(features):
    with pytest.raises(
        ValueError, match="features is .*; choose from locked, coherence, ampl"
    ):
        OscillatorNetwork(features=features).fit([[345e6, 350e6]])


def test_what_a_mask_hides_and_what_is_no_number_is_refused():
    network, sources = OscillatorNetwork(), np.array([[341e6, 362e6]])
    currents = np.full((1, 4), 4e-3)
    second = np.array([[False, True]])
    fitted = OscillatorNetwork().fit(sources)
    for bad in (
        np.ma.masked_array(sources, second),
        sources.astype(str),
        sources * 1j,
        sources.astype("m8[s]"),
    ):
        for ask in (network.fit, network.measure, fitted.transform):
            with pytest.raises(ValueError, match="masked|real numbers|Complex data"):
                ask(bad)
        with pytest.raises(ValueError, match="masked|real numbers"):
            network.synchronization_map(bad[0], sources[0])
    hidden = np.ma.masked_array(currents, [[True, False, False, False]])
    with pytest.raises(ValueError, match="currents is masked"):
        network.measure(sources, currents=hidden)
    for name in ("currents", "frequencies"):
        with pytest.raises(ValueError, match=f"OscillatorNetwork.{name} is masked"):
            OscillatorNetwork(**{name: hidden[0]}).measure(sources)


@pytest.mark.parametrize(
    "name, value",
    [
        ("step", np.float32(4e-9)),
        ("bias", np.float32(2.5)),
        ("injection", np.float32(1.7e7)),
        ("linewidth", np.float32(1e5)),
        ("measuring_time", np.float32(2.9e-6)),
        ("settling_time", np.float32(1.1e-6)),
        ("n_oscillators", np.uint8(5)),
    ],
)
def test_numbers_of_numpy_are_numbers(name, value):
    sources = [[341e6, 362e6]]
    one, two = (
        OscillatorNetwork(random_state=0, **{name: number}).measure(sources)
        for number in (value, value.item())
    )
    for field in ("frequency", "power", "coherence", "locked"):
        assert getattr(one, field).tobytes() == getattr(two, field).tobytes()


def test_times_that_no_run_can_follow_are_refused():
    for name in ("settling_time", "measuring_time"):
        with pytest.raises(ValueError, match="more steps of 4e-09 s than can be followed"):
            OscillatorNetwork(**{name: 1e300}).measure([[341e6, 362e6]])
