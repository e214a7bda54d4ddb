"""Are the ledgers those that one works out by hand?"""

import json

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from reservoir import (
    MaskEnsembleClassifier,
    OscillatorNetwork,
    ReservoirClassifier,
    SynchronizationClassifier,
    datasets,
)
from reservoir.audio import AugmentedClassifier, Cochleagram, SpeechClassifier, at_speeds
from reservoir.devices import IdealSynapse
from reservoir.faults import ConverterBits, DeadInputs, DeadSynapses, with_faults
from reservoir.layers import (
    SpintronicClassifier,
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
    SpintronicRegressor,
)
from reservoir.ledger import Figures, Ledger, cost, operations_of
from reservoir.ledger.line import evaluate

GENERATOR = np.random.default_rng(0)
DIGITS = datasets.load_spoken_digits()
CLIPS, WORDS = DIGITS.data[::8], DIGITS.target[::8]
IMAGES, NAMES = load_digits(return_X_y=True)
IMAGES, NAMES = IMAGES[:300], NAMES[:300]
SECONDS, DEVICE = "nodes, one after the other", "device, direct current"


def words(n_frames, pooling="mean", **parameters):
    """Torrejon's geometry at a current of 6.5 mA, and words of so many frames."""
    X = GENERATOR.normal(size=(20, n_frames, 3))
    overdrive = 6.5 / 3.5
    model = ReservoirClassifier(
        n_nodes=400,
        node_time=100e-9,
        drive_range=(overdrive * (1 - 1e-12), overdrive * (1 + 1e-12)),
        pooling=pooling,
        pool_squares=False,
        context=(),
        random_state=0,
        **parameters,
    )
    return model.fit(X, np.arange(20) % 10), X


# ---------------------------------------------------------------------- hand calculations


@pytest.mark.parametrize(
    ("n_frames", "milliseconds", "device", "converter", "readout"),
    [(14, 0.56, 0.95e-6, 0.14e-6, 0.26e-6), (41, 1.64, 2.8e-6, 0.42e-6, 0.75e-6)],
)
def test_torrejons_word_is_what_was_worked_out_by_hand(
    n_frames, milliseconds, device, converter, readout
):
    ledger = cost(*words(n_frames))
    assert ledger[SECONDS].value == pytest.approx(400 * 100e-9 * n_frames, rel=1e-12)
    assert ledger[SECONDS].value == pytest.approx(milliseconds * 1e-3, rel=1e-12)
    watts = 40 * 6.5e-3**2  # 1.69 mW
    assert ledger[DEVICE].value == pytest.approx(watts * milliseconds * 1e-3, rel=1e-9)
    assert ledger[DEVICE].value == pytest.approx(device, rel=0.02)
    samples = 400 * n_frames * 25.6e-12
    assert ledger["converter in"].value == pytest.approx(samples, rel=1e-12)
    assert ledger["converter out"].value == pytest.approx(samples, rel=1e-12)
    assert ledger["converter out"].value == pytest.approx(converter, rel=0.04)
    assert ledger["readout, digital"].value == pytest.approx(400 * 10 * 4.6e-12, rel=1e-12)
    assert ledger["readout, analog"].value == pytest.approx(0.04e-9, rel=1e-12)
    voted = cost(*words(n_frames, "vote"))["readout, digital"]
    assert voted.value == pytest.approx(n_frames * 400 * 10 * 4.6e-12, rel=1e-12)
    assert voted.value == pytest.approx(readout, rel=0.02)


def test_romeras_vowel_is_a_few_milliwatts_of_each_for_the_dwell_time():
    network = OscillatorNetwork(settling_time=1e-6, measuring_time=2e-6)
    network.fit([[340e6, 360e6]])
    ledger = cost(network, figures=Figures(device_resistance=100))
    assert ledger.total("time").value == pytest.approx(3e-6)
    joules = 4 * 100 * (4e-3) ** 2 * 3e-6  # four times 1.6 mW
    assert ledger["devices, direct current"].value == pytest.approx(joules, rel=1e-12)
    assert 10e-9 < joules < 100e-9
    tuned = network.tune([340e6, 350e6, 360e6, 370e6])
    tuned.fit([[340e6, 360e6]])
    squares = float((100 * np.square(tuned.currents)).sum())
    found = cost(tuned, figures=Figures(device_resistance=100))["devices, direct current"]
    assert found.value == pytest.approx(squares * 3e-6, rel=1e-12)
    assert cost(network)["devices, direct current"].value is None


@pytest.mark.parametrize(
    ("hidden", "picojoules"), [((32,), 26.88), ((64,), 53.76), ((128,), 107.52)]
)
def test_a_layered_network_is_what_was_worked_out_by_hand(hidden, picojoules):
    network = SpintronicClassifier(hidden, max_iter=1, random_state=0).fit(IMAGES, NAMES)
    ledger = cost(network)
    n = hidden[0]
    assert ledger["synapses"].value == pytest.approx((64 * n + n * 10) * 10e-15, rel=1e-12)
    assert ledger["neurons"].value == pytest.approx(n * 100e-15, rel=1e-12)
    total = ledger.total("energy")
    assert total.value == pytest.approx(picojoules * 1e-12, rel=1e-9)
    assert total.n_unknown == 5 and str(total).startswith("at least ")
    inputs = ledger["inputs, if they are oscillators too"].value
    assert inputs == pytest.approx(6.4e-12)
    digital = ledger["the same network in digital"].value
    assert digital == pytest.approx((64 * n + n * 10) * 4.6e-12, rel=1e-12)


def test_the_published_network_of_drones_is_a_few_milliwatts():
    X = np.abs(GENERATOR.normal(size=(60, 256)))
    network = SpintronicClassifier((128,), max_iter=1, random_state=0)
    ledger = cost(network.fit(X, np.arange(60) % 10))
    assert ledger["Synaptic Operations, Dense"].value == 34048
    energy = ledger.total("energy").value
    assert energy == pytest.approx(353e-12, rel=2e-3)
    assert 3e-3 < energy / 100e-9 < 4e-3  # W, if it takes 100 ns
    assert ledger["the same network in digital"].value == pytest.approx(157e-9, rel=3e-3)


def test_neurons_are_paid_for_their_currents_as_long_as_the_layers_settle():
    network = SpintronicClassifier((8, 6), max_iter=1, random_state=0).fit(IMAGES, NAMES)
    ledger = cost(network, IMAGES)
    rate = 2 * np.pi * 0.01 * 100e6
    seconds = 2 * 5 / (2 * rate * 0.5)  # two layers, five relaxation times at z = 1.5
    assert ledger.total("time").value == pytest.approx(seconds, rel=1e-12)
    clamped = [np.clip(each, -10e-6, 40e-6) for each in network.currents(IMAGES)]
    joules = 1e3 * sum(float((each**2).sum()) for each in clamped) / 300 * seconds
    found = ledger["neurons, direct current at their own speed"]
    assert found.value == pytest.approx(joules, rel=1e-6)  # single precision
    assert cost(network)[found.name].value == pytest.approx(1e3 * 14 * 15e-6**2 * seconds)


# ---------------------------------------------------------------------- counts


def test_layered_counts_are_those_of_a_loop_over_all_synapses():
    network = SpintronicClassifier((8,), max_iter=1, random_state=0).fit(IMAGES, NAMES)
    ledger = cost(network, IMAGES[:20])
    n_effective = n_zero = n_states = 0
    for powers, layer in zip(network.powers(IMAGES[:20]), network.layers_, strict=True):
        for row in powers:
            n_states += len(row)
            n_zero += int((row == 0).sum())
            for chain in layer.strengths:
                n_effective += sum(
                    1 for p, s in zip(row, chain, strict=True) if p != 0 and s != 0
                )
    found = ledger["Synaptic Operations, Effective_MACs"]
    assert found.value == n_effective / 20
    assert ledger["Activation Sparsity"].value == n_zero / n_states > 0
    assert ledger["Parameter Count"].value == 64 * 8 + 8 * 10 + 8 + 10
    assert ledger["Footprint"].value == 4 * ledger["Parameter Count"].value


def test_counts_of_a_reservoir_are_those_of_a_loop_over_all_products():
    X = [np.round(GENERATOR.normal(size=(n, 3))) for n in (5, 8)] * 3
    model = ReservoirClassifier(
        n_nodes=6, node_time=1e-7, mask="sparse", context=(2,), pooling="mean", random_state=0
    )
    model.fit(X, [0, 1] * 3)
    model.drive_.center[:] = 0.0  # so that rounded values are exactly 0
    ledger = cost(model, X)
    mask, n_products, n_effective = model.drive_.mask, 0, 0
    for frames in X:
        for time in range(len(frames)):
            inputs = np.concatenate([frames[time], frames[max(time - 2, 0)]])
            for node in range(6):
                for weight, value in zip(mask[:, node], inputs, strict=True):
                    n_products += weight != 0
                    n_effective += weight != 0 and value != 0
    n_readout = model.readout_.coefficients.size
    n_alive = np.count_nonzero(model.readout_.coefficients)
    assert ledger["mask"].inputs["n_sums"][0] == n_products / 6
    assert ledger["mask"].inputs["n_products"][0] == 0  # signs alone
    effective = ledger["Synaptic Operations, Effective_MACs"].value
    assert effective == pytest.approx(n_effective / 6 + n_alive)
    dense = ledger["Synaptic Operations, Dense"].value
    assert dense == pytest.approx(6.5 * mask.size + n_readout)
    n_zero = (mask == 0).sum() + n_readout - n_alive
    sparsity = n_zero / (mask.size + n_readout)
    assert ledger["Connection Sparsity"].value == pytest.approx(sparsity)
    assert ledger["Activation Sparsity"].value == 0


def test_a_convolution_is_counted_position_by_position():
    X = IMAGES.reshape(-1, 8, 8)
    network = SpintronicConvolutionalClassifier(4, max_iter=1, random_state=0)
    ledger = cost(network.fit(X, NAMES), X)
    n_last = 3 * 3 * 4 * 10
    assert ledger["synapses"].value == pytest.approx((36 * 4 * 9 + n_last) * 10e-15)
    assert ledger["neurons"].value == pytest.approx(36 * 4 * 100e-15)
    shared = ledger["time, if one set of filters hears all patches"].value
    assert shared == pytest.approx(36 * ledger.total("time").value)
    built = network.n_devices((8, 8))["built"]
    assert ledger["synapses, filters built"].value == built["synapses"]
    assert cost(network)["synapses"].value is None


def ones_and_zeros(*shape):
    return (GENERATOR.uniform(size=shape) < 0.6).astype(float)


def test_the_activity_of_a_convolution_is_that_of_a_loop_over_patches_and_synapses():
    X = [ones_and_zeros(n, 5) for n in (4, 6, 5)] * 4
    network = SpintronicConvolutionalClassifier(
        3, segments=(2, 1), max_iter=1, random_state=0
    )
    network = with_faults(network.fit(X, [0, 1, 2] * 4), DeadSynapses(0.2), random_state=0)
    filters, last = network.layers_
    n_effective = n_zero = n_states = 0
    for frames in X[:3]:
        for time in range(len(frames) - 2):
            for place in range(3):
                patch = frames[time : time + 3, place : place + 3].ravel()
                n_states, n_zero = n_states + 9, n_zero + int((patch == 0).sum())
                n_effective += int(((filters.strengths != 0) & (patch != 0)).sum())
    # The means of neurons that always emit are never 0: two segments of three filters.
    n_states += 3 * 6
    n_effective += 3 * np.count_nonzero(last.strengths)
    ledger = cost(network, X[:3])
    assert ledger["Activation Sparsity"].value == pytest.approx(n_zero / n_states)
    found = ledger["Synaptic Operations, Effective_MACs"].value
    assert found == pytest.approx(n_effective / 3)
    assert found < ledger["Synaptic Operations, Dense"].value


def test_the_activity_of_a_recurrent_network_is_that_of_a_loop_over_frames_and_synapses():
    X = [ones_and_zeros(n, 4) for n in (4, 6, 5)] * 4
    network = SpintronicRecurrentClassifier((3, 2), max_iter=1, random_state=0)
    network = with_faults(network.fit(X, [0, 1, 2] * 4), DeadInputs(0.25), random_state=0)
    first, second, last = network.layers_
    dead = first.line_gains == 0
    assert dead.sum() == 1
    n_effective = n_zero = n_states = 0
    for frames in X[:3]:
        for powers in np.where(dead, 0, frames):
            n_zero += int((powers == 0).sum())
            # Neurons always emit; their own layer hears them too, and the next one above.
            n_states += 4 + 3 + 3 + 2
            n_effective += 3 * int((powers != 0).sum()) + 3 * 2 + 3 * 3 + 2 * 2
        n_states += 2
        n_effective += last.settings.size
    ledger = cost(network, X[:3])
    assert ledger["Activation Sparsity"].value == pytest.approx(n_zero / n_states)
    found = ledger["Synaptic Operations, Effective_MACs"].value
    assert found == pytest.approx(n_effective / 3)
    for name in ("Activation Sparsity", "Synaptic Operations, Effective_MACs"):
        assert cost(network)[name].value is None


@pytest.mark.slow
def test_a_recurrent_network_is_counted_frame_by_frame():
    X = IMAGES.reshape(-1, 8, 8)
    network = SpintronicRecurrentClassifier((6, 5), max_iter=5, random_state=0).fit(X, NAMES)
    ledger = cost(network, X)
    each = 8 * 6 + 6 * 6 + 6 * 5 + 5 * 5
    assert ledger["synapses"].value == pytest.approx((8 * each + 5 * 10) * 10e-15)
    assert ledger["neurons"].value == pytest.approx(8 * 11 * 100e-15)
    hold = 5 / (2 * 2 * np.pi * 0.01 * 100e6)
    assert ledger.total("time").value == pytest.approx(8 * hold)
    assert cost(network).total("time").value is None


# ---------------------------------------------------------------------- several plays


def summed(ledgers, name):
    return sum(ledger[name].value for ledger in ledgers)


def test_several_masks_take_what_each_takes_by_itself():
    X = [GENERATOR.normal(size=(n, 3)) for n in (5, 8, 6, 7)]
    one = ReservoirClassifier(n_nodes=10, node_time=1e-7, context=())
    model = MaskEnsembleClassifier(one, 3, random_state=0).fit(X, [0, 1, 0, 1])
    together, apart = cost(model, X), [cost(each, X) for each in model.classifiers_]
    for name in (SECONDS, DEVICE, "converter out", "mask", "readout, digital"):
        assert together[name].value == pytest.approx(summed(apart, name), rel=1e-12)
    assert together["plays of a sequence"].value == 3


@pytest.mark.parametrize("pooling", ["mean", "vote"])
def test_each_mask_solves_for_a_readout_of_its_own(pooling):
    X = [GENERATOR.normal(size=(n, 3)) for n in (5, 8, 6, 7)]
    one = ReservoirClassifier(n_nodes=10, node_time=1e-7, context=(), pooling=pooling)
    model = MaskEnsembleClassifier(one, 3, random_state=0).fit(X, [0, 1, 0, 1])
    together = cost(model, X, n_trained=7)
    apart = [cost(each, X, n_trained=7) for each in model.classifiers_]
    for name in ("solving for the readout, digital", "playing, time", "playing, device"):
        assert together[name].value == pytest.approx(summed(apart, name), rel=1e-12)


def test_a_speech_classifier_pays_for_each_copy_and_each_mask():
    model = SpeechClassifier(DIGITS.sample_rate, n_nodes=10, n_masks=2, random_state=0)
    model.fit(CLIPS, WORDS)
    few = CLIPS[:4]
    ledger = cost(model, few)
    members = model.classifier_.classifiers_
    apart = [cost(each, frames) for frames in model._copies(few) for each in members]
    for name in (SECONDS, DEVICE, "mask", "readout, digital"):
        assert ledger[name].value == pytest.approx(summed(apart, name), rel=1e-12)
    assert ledger["plays of a sequence"].value == model.n_plays == 6
    assert ledger["front end"].value > 0


def test_copies_that_are_asked_are_heard_and_played():
    ear = Cochleagram(DIGITS.sample_rate, n_channels=5)
    one = ReservoirClassifier(n_nodes=10, node_time=1e-7, random_state=0)
    model = AugmentedClassifier(one, at_speeds(ear, (1.0, 1.25))).fit(CLIPS, WORDS)
    plain = make_pipeline(ear, one).fit(CLIPS, WORDS)
    ledger, alone = cost(model, CLIPS[:3]), cost(plain, CLIPS[:3])
    assert ledger["plays of a sequence"].value == 2
    ratio = ledger["front end"].value / alone["front end"].value
    assert 1.8 < ratio < 2.1
    total = sum((operations_of(ear, len(clip)).total for clip in CLIPS[:3]), 0.0) / 3
    inputs = alone["front end"].inputs
    functions = alone["front end, logarithms and roots"].inputs["n_functions"][0]
    counted = inputs["n_multiplications"][0] + inputs["n_additions"][0] + functions
    assert counted == pytest.approx(total)


def test_a_step_that_nobody_counted_is_unknown_and_the_rest_is_known():
    network = SpintronicClassifier((8,), max_iter=1, random_state=0)
    model = make_pipeline(MinMaxScaler(clip=True), network).fit(IMAGES, NAMES)
    ledger = cost(model, IMAGES)
    assert ledger["front end"].value is None
    assert ledger["synapses"].value == pytest.approx(592 * 10e-15)


def test_a_converter_that_became_coarser_takes_less():
    X = [GENERATOR.normal(size=(n, 3)) for n in (5, 8, 6, 7)]
    model = ReservoirClassifier(n_nodes=10, node_time=1e-7, bits=8, random_state=0)
    model.fit(X, [0, 1, 0, 1])
    clean, worse = (cost(each, X) for each in (model, with_faults(model, ConverterBits(3))))
    ratio = clean["converter out"].value / worse["converter out"].value
    assert ratio == pytest.approx(2**5) and worse["converter in"] == clean["converter in"]


# ---------------------------------------------------------------------- what is unknown


def fitted():
    X = [GENERATOR.normal(size=(n, 3)) for n in (5, 8, 6, 7)]
    square, y = IMAGES.reshape(-1, 8, 8), [0, 1, 0, 1]
    vowels = datasets.make_vowels(20, ("ae", "iy"), random_state=0)
    small = {"max_iter": 1, "random_state": 0}
    return {
        "reservoir": (ReservoirClassifier(n_nodes=10, random_state=0).fit(X, y), X),
        "masks": (
            MaskEnsembleClassifier(ReservoirClassifier(n_nodes=10), random_state=0).fit(X, y),
            X,
        ),
        "vowels": (
            SynchronizationClassifier(learning="search", n_starts=2, random_state=0).fit(
                vowels.data, vowels.target
            ),
            vowels.data,
        ),
        "online": (
            SynchronizationClassifier(
                learning="online", n_starts=2, n_presentations=3, random_state=0
            ).fit(vowels.data, vowels.target),
            vowels.data,
        ),
        "linear": (
            SynchronizationClassifier(
                learning="search", readout="linear", n_starts=2, random_state=0
            ).fit(vowels.data, vowels.target),
            vowels.data,
        ),
        "slopes": (
            SynchronizationClassifier(n_starts=1, random_state=0).fit(
                vowels.data, vowels.target
            ),
            vowels.data,
        ),
        "network": (OscillatorNetwork().fit([[340e6, 360e6]]), [[340e6, 360e6]]),
        "layers": (SpintronicClassifier((8,), **small).fit(IMAGES, NAMES), IMAGES),
        "ideal": (
            SpintronicClassifier((8,), synapse=IdealSynapse(), **small).fit(IMAGES, NAMES),
            IMAGES,
        ),
        "regressor": (
            SpintronicRegressor((8,), **small).fit(IMAGES, IMAGES[:, 20] + 0.1),
            IMAGES,
        ),
        "filters": (SpintronicConvolutionalClassifier(4, **small).fit(square, NAMES), square),
        "frames": (SpintronicRecurrentClassifier((4,), **small).fit(square, NAMES), square),
    }


@pytest.fixture(scope="module")
def estimators():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they learn next to nothing
        return fitted()


@pytest.mark.slow
def test_every_line_of_every_ledger_is_what_its_formula_makes_of_its_inputs(estimators):
    for name, (estimator, X) in estimators.items():
        for data in (X, None):
            ledger = cost(estimator, data, n_trained=4 if data is X else None)
            for line in ledger:
                values = {key: value for key, (value, _) in line.inputs.items()}
                if None in values.values():
                    assert line.value is None and line.standing == "unknown", (name, line)
                else:
                    assert line.value == pytest.approx(evaluate(line.formula, values))
            assert Ledger.from_json(ledger.to_json()) == ledger
            json.loads(ledger.to_json(), parse_constant=pytest.fail)
            assert len(ledger.arrays()["value"]) == len(ledger)


def test_no_supply_is_ever_zero_by_default(estimators):
    supplies = ("magnetic field", "temperature control", "amplifiers", "detectors")
    for name, (estimator, X) in estimators.items():
        ledger = cost(estimator, X)
        for supply in supplies:
            assert ledger[supply].value is None, name
        assert ledger.total("energy").n_unknown >= len(supplies)
        assert "unknown)" in str(ledger.total("energy"))


def test_what_depends_on_the_data_is_unknown_without_them(estimators):
    ledger = cost(estimators["reservoir"][0])
    for name in (SECONDS, DEVICE, "converter in", "mask", "Activation Sparsity"):
        assert ledger[name].value is None
    assert ledger["Parameter Count"].value > 0


def test_training_is_unknown_until_one_says_how_many_were_learned(estimators):
    model, X = estimators["reservoir"]
    assert cost(model, X)["playing, device"].value is None
    ledger = cost(model, X, n_trained=7)
    assert ledger["playing, device"].value == pytest.approx(7 * ledger[DEVICE].value)
    n_features, n_outputs = model.readout_.coefficients.shape
    solved = (7 * n_features * (n_features + n_outputs) + n_features**3 / 3) * 4.6e-12
    assert ledger["solving for the readout, digital"].value == pytest.approx(solved)
    online = cost(estimators["online"][0], figures=Figures(device_resistance=100))
    once = online["devices, direct current"].value
    assert online["presenting, devices"].value == pytest.approx(3 * 2 * once)
    layered = cost(estimators["layers"][0], n_trained=300)
    forward = layered["passes forward, synapses and neurons"].value
    assert forward == pytest.approx(300 * layered.total("energy").value)


def test_each_oscillator_has_an_amplifier_and_a_detector():
    X = [GENERATOR.normal(size=(n, 3)) for n in (5, 8, 6, 7)]
    model = ReservoirClassifier(
        n_nodes=10, node_time=1e-7, n_oscillators=3, own_masks=True, random_state=0
    )
    figures = Figures(amplifier_power=0.1, detector_power=0.2)
    ledger = cost(model.fit(X, [0, 1, 0, 1]), X, figures=figures)
    seconds = ledger.total("time").value
    assert ledger["amplifiers"].value == pytest.approx(3 * 0.1 * seconds)
    assert ledger["detectors"].value == pytest.approx(3 * 0.2 * seconds)


@pytest.mark.filterwarnings("ignore")
def test_layers_learn_from_each_sample_as_often_as_they_were_shown_it():
    network = SpintronicClassifier((8,), max_iter=3, random_state=0).fit(IMAGES, NAMES)
    assert network.n_iter_ == 3
    ledger, n_synapses = cost(network, n_trained=300), 64 * 8 + 8 * 10
    forward = 3 * 300 * (n_synapses * 10e-15 + 8 * 100e-15)
    assert ledger["passes forward, synapses and neurons"].value == pytest.approx(forward)
    # One product for the slope of each weight, and one to carry the error down.
    derivatives = 3 * 300 * 2 * n_synapses * 4.6e-12
    assert ledger["derivatives, digital"].value == pytest.approx(derivatives)


def test_supplies_run_as_long_as_the_inference(estimators):
    model, X = estimators["reservoir"]
    figures = Figures(magnet_power=30, amplifier_power=0.1, generator_power=5)
    ledger = cost(model, X, figures=figures)
    seconds = ledger.total("time").value
    assert ledger["magnetic field"].value == pytest.approx(30 * seconds)
    assert ledger["generator"].value == pytest.approx(5 * seconds)
    assert ledger["amplifiers"].value == pytest.approx(0.1 * seconds)
    network = estimators["vowels"][0]
    found = cost(network, figures=Figures(source_power=2))["microwave sources"]
    assert found.value == pytest.approx(2 * 2 * 4.5e-6)


def test_a_pump_is_a_source_that_runs_as_well():
    with_pump, without = (
        cost(OscillatorNetwork(pumping=rate).fit([[341e6, 362e6]]), figures=figures)
        for rate in (5e6, 0.0)
        for figures in [Figures(source_power=2)]
    )
    name = "microwave sources"
    assert with_pump[name].value == pytest.approx(1.5 * without[name].value)


def test_the_bits_of_the_estimator_are_those_of_its_converter():
    X = [GENERATOR.normal(size=(5, 3)) for _ in range(4)]
    model = ReservoirClassifier(n_nodes=10, bits=4, random_state=0).fit(X, [0, 1, 0, 1])
    ledger = cost(model, X)
    assert ledger["converter out"].value == pytest.approx(50 * 100e-15 * 2**4)
    assert ledger["converter in"].value == pytest.approx(50 * 100e-15 * 2**8)


def test_an_analog_readout_takes_the_place_of_the_digital_one(estimators):
    model, X = estimators["reservoir"]
    digital, analog = cost(model, X), cost(model, X, readout="analog")
    saved = digital["readout, digital"].value - digital["readout, analog"].value
    change = digital.total("energy").value - analog.total("energy").value
    assert change == pytest.approx(saved, rel=1e-6)


def test_ideal_synapses_are_paid_as_products_of_a_digital_circuit(estimators):
    ledger = cost(estimators["ideal"][0])
    assert ledger["synapses"].value == pytest.approx(592 * 4.6e-12)


# ---------------------------------------------------------------------- beside


def test_time_on_this_processor_is_measured_and_its_power_assumed(estimators):
    model, X = estimators["reservoir"]
    assert all(line.standing != "measured" for line in cost(model, X))
    ledger = cost(model, X, figures=Figures(processor_power=10), measure=True)
    time, energy = ledger["time on this processor"], ledger["this processor"]
    assert time.standing == "measured" and energy.standing == "assumed"
    assert energy.value == pytest.approx(10 * time.value)
    assert energy.inputs["processor_power"] == (10.0, "W")


def test_gpu_and_brain_are_operations_times_the_usual_figures(estimators):
    ledger = cost(estimators["layers"][0])
    half, single = (
        ledger[f"GPU at its peak, {name} precision"].value for name in ("half", "single")
    )
    assert half == pytest.approx(2 * 592 * 0.463e-12, rel=1e-3)
    assert single == pytest.approx(2 * 592 * 6.86e-12, rel=1e-3)
    brain = ledger["brain, as many synaptic events"]
    assert brain.value == pytest.approx(592 * 20e-15) and brain.standing == "assumed"


def test_without_the_device_the_digital_parts_stay():
    ledger = cost(*words(14))
    parts = ledger["mask"].value + ledger["readout, digital"].value
    found = ledger["without the device: digital parts alone"].value
    assert found == pytest.approx(parts, rel=1e-12)
    echo = ledger["echo-state network of as many nodes"].value
    assert echo == pytest.approx((14 * (400**2 + 3 * 400) + 4000) * 4.6e-12, rel=1e-12)


# ---------------------------------------------------------------------- refusals


def test_what_is_not_fitted_is_refused():
    for estimator in (ReservoirClassifier(), SpintronicClassifier(), OscillatorNetwork()):
        with pytest.raises(NotFittedError):
            cost(estimator)


def test_an_estimator_without_a_ledger_is_refused_with_those_that_have_one():
    with pytest.raises(TypeError, match="no ledger of a LogisticRegression; give a fitted"):
        cost(LogisticRegression())
    model = make_pipeline(Cochleagram(DIGITS.sample_rate), LogisticRegression())
    with pytest.raises((TypeError, NotFittedError)):
        cost(model)
    scaled = make_pipeline(MinMaxScaler(), LogisticRegression()).fit(IMAGES, NAMES)
    with pytest.raises(TypeError, match="front end before a LogisticRegression"):
        cost(scaled, IMAGES)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"n_trained": 0}, "n_trained is 0"),
        ({"n_trained": 2.5}, "n_trained is 2.5"),
        ({"readout": "optical"}, "readout is 'optical'"),
        ({"measure": 1}, "measure is 1"),
    ],
)
def test_wrong_arguments_are_refused(arguments, words):
    network = OscillatorNetwork().fit([[340e6, 360e6]])
    with pytest.raises(ValueError, match=words):
        cost(network, **arguments)
