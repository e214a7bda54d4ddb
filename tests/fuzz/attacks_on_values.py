"""Attacks on what is in a model file: classes, names and values that fit nothing."""

import h5py
import numpy as np
from attacks import COEFFICIENTS, alteration, attack, put, put_text

# ---------------------------------------------------------------------- kinds and classes


@attack
def references_to_objects(f):
    put(f, COEFFICIENTS, data=np.array([[f["params"].ref]], dtype=h5py.ref_dtype))


@attack
def references_to_regions(f):
    found = np.array([f[COEFFICIENTS].regionref[:1]], dtype=h5py.regionref_dtype)
    put(f, "fitted/note", data=found)


@attack
def texts_of_any_length(f):
    put(f, "fitted/seed_", "json", data=np.array(["12"], dtype=h5py.string_dtype()))


@attack
def compound_numbers(f):
    put(f, COEFFICIENTS, data=np.zeros((6, 2), dtype=[("a", "f8"), ("b", "i4")]))


@attack
def a_space_without_data(f):
    put(f, COEFFICIENTS, data=h5py.Empty("f8"))


@attack
def thirty_two_dimensions(f):
    put(f, COEFFICIENTS, data=np.zeros((1,) * 32))


@attack
def a_type_in_place_of_a_value(f):
    f["fitted/type"] = np.dtype("f8")


@attack
def kind_that_is_an_array(f):
    f[COEFFICIENTS].attrs["kind"] = np.arange(3)


@attack
def kind_of_bytes(f):
    f[COEFFICIENTS].attrs["kind"] = np.bytes_(b"array")


@attack
def class_of_another_module(f):
    f.attrs["class"] = "os.system"


@attack
def kind_of_another_module(f):
    f["fitted/oscillator_"].attrs["kind"] = "os.system"


@attack
def part_in_place_of_an_estimator(f):
    f.attrs["class"] = "Drive"


@alteration
def texts_of_objects(f):
    f["fitted/classes_"].attrs["dtype"] = "|O"


@attack
def labels_cut_by_their_type(f):
    f["fitted/classes_"].attrs["dtype"] = "<U1"


# ---------------------------------------------------------------------- names


@attack
def method_shadowed_by_a_text(f):
    put_text(f, "fitted/predict", b'"x"')


@attack
def method_shadowed_by_a_readout(f):
    f.copy("fitted/readout_", "fitted/decision_function")


@attack
def method_shadowed_by_a_parameter(f):
    put_text(f, "params/score", b"1")


@attack
def dictionary_of_the_object(f):
    f.create_group("fitted/__dict__").attrs["kind"] = "dict"


@attack
def class_of_the_object(f):
    put_text(f, "fitted/__class__", b'"x"')


@attack
def parameter_among_what_was_learned(f):
    put_text(f, "fitted/n_segments", b"3")


@attack
def unknown_parameter(f):
    put_text(f, "params/new_option", b"1")


@attack
def missing_parameter(f):
    del f["params/n_segments"]


@attack
def missing_learned_value(f):
    del f["fitted/readout_noise_"]


@attack
def nothing_learned(f):
    for name in list(f["fitted"]):
        del f[f"fitted/{name}"]


@attack
def version_of_zero(f):
    f.attrs["version"] = 0


@attack
def version_of_text(f):
    f.attrs["version"] = "1"


@attack
def version_of_two_numbers(f):
    f.attrs["version"] = np.array([1, 1])


@attack
def version_of_the_next_century(f):
    f.attrs["version"] = 100


@attack
def version_missing(f):
    del f.attrs["version"]


@attack
def format_of_bytes(f):
    f.attrs["format"] = np.bytes_(b"oscillator-reservoir model")


# ---------------------------------------------------------------------- values


@attack
def more_drives_than_the_kernel_knows(f):
    n = 65
    coupling = np.full((n, n), 1e3 + 0j) * (1 - np.eye(n))
    put(f, "fitted/ensemble_/coupling", data=coupling)
    put(f, "fitted/ensemble_/detuning", data=np.zeros(n))
    put_text(f, "fitted/ensemble_/n_drives", b"65")
    put(f, "fitted/drive_/mask", data=np.random.default_rng(0).normal(size=(3, n * 6)))


@alteration
def another_number_of_nodes(f):
    put_text(f, "params/n_nodes", b"7")


@alteration
def a_million_million_segments(f):
    put_text(f, "params/n_segments", b"1000000000000")


@alteration
def ten_million_segments(f):
    put_text(f, "params/n_segments", b"10000000")


@alteration
def a_delay_of_a_thousand_million_nodes(f):
    put_text(f, "fitted/drive_/delays", b"[1000000000]", "tuple")
    put_text(f, "fitted/drive_/feedback", b"0.001")


@alteration
def gain_of_zero(f):
    put_text(f, "fitted/drive_/gain", b"0.0")


@alteration
def negative_power(f):
    put_text(f, "fitted/drive_/initial_power", b"-1.0")


@alteration
def complex_mask(f):
    put(f, "fitted/drive_/mask", data=f["fitted/drive_/mask"][()] * (1 + 1j))


@alteration
def mask_of_half_precision(f):
    put(f, "fitted/drive_/mask", data=f["fitted/drive_/mask"][()].astype("f2"))


@attack
def mask_of_the_other_byte_order(f):
    put(f, "fitted/drive_/mask", data=f["fitted/drive_/mask"][()].astype(">f8"))


@attack
def coefficients_of_the_other_byte_order(f):
    put(f, COEFFICIENTS, data=f[COEFFICIENTS][()].astype(">f8"))


@alteration
def coefficients_of_single_precision(f):
    put(f, COEFFICIENTS, data=f[COEFFICIENTS][()].astype("f4"))


@attack
def coefficients_of_extended_precision(f):
    put(f, COEFFICIENTS, data=f[COEFFICIENTS][()].astype(np.longdouble))


@alteration
def coefficients_that_are_no_numbers(f):
    put(f, COEFFICIENTS, data=f[COEFFICIENTS][()] * np.nan)


@alteration
def one_bit_of_a_coefficient(f):
    data = f[COEFFICIENTS][()]
    data.view("u8").reshape(-1)[0] ^= 1
    f[COEFFICIENTS][...] = data


@alteration
def coefficients_through_a_lossy_filter(f):
    data = f[COEFFICIENTS][()]
    put(f, COEFFICIENTS, data=data, chunks=data.shape, scaleoffset=3)


@attack
def coefficients_compressed(f):
    data = f[COEFFICIENTS][()]
    put(f, COEFFICIENTS, data=data, chunks=data.shape, compression="gzip", fletcher32=True)
