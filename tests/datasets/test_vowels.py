"""Vowels: a file of our own in Hillenbrand's format, the real one, and the synthetic."""

import doctest
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reservoir.datasets import (
    DatasetError,
    cache,
    fetch_hillenbrand,
    hillenbrand,
    make_vowels,
)
from reservoir.datasets.hillenbrand import COLUMNS, FORMANTS, TALKERS, TOKENS, VOWELS
from reservoir.datasets.vowel_means import MEANS
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import StratifiedKFold, cross_val_score

DIFFERENCE = hillenbrand._difference
few = settings(derandomize=True, max_examples=25, database=None)
SEVEN = ["ae", "ah", "aw", "er", "ih", "iy", "uw"]
FIELDS = {"data", "feature_names", "target", "talkers", "kinds", "names", "DESCR"}
HEAD = ["(c) nobody", "", "character 1:  m=man, w=woman", "  1    2   3", ""]


def row(name):
    """A line of the file: the means of the vowel and kind, and made-up other columns."""
    kind, _, vowel = TOKENS[name]
    steady, moving = MEANS[kind][vowel][:3], MEANS[kind][vowel][3:]
    return " ".join(map(str, (name, 250, 150, *steady, steady[-1] + 900, *moving))) + " "


LINES = HEAD + [row(name) for name in TOKENS]


def write(folder, lines, end="\n"):
    path = folder / "vowdata.dat"
    path.write_bytes("".join(line + end for line in lines).encode())
    return path


def with_line(name, change):
    """The lines of the file with one token's line changed."""
    return [change(line) if line.startswith(name) else line for line in LINES]


@pytest.fixture(autouse=True)
def no_data_folder(monkeypatch, request):
    if "real" not in request.keywords:
        monkeypatch.delenv(cache.VARIABLE, raising=False)
        # Our own numbers are not the published ones.
        monkeypatch.setattr(hillenbrand, "_difference", lambda rows: None)


@pytest.fixture
def published(monkeypatch):
    """As if the numbers of `LINES` were the published ones."""
    rows = {line.split()[0]: [int(n) for n in line.split()[1:]] for line in LINES[5:]}
    text = "".join(" ".join([name, *map(str, rows[name])]) + "\n" for name in rows)
    sums = {
        "TALKERS": {name[:3]: 0 for name in rows},
        "VOWELS": {name[3:]: 0 for name in rows},
    }
    for name, row in rows.items():
        sums["TALKERS"][name[:3]] += sum(row)
        sums["VOWELS"][name[3:]] += sum(row)
    table = np.array(list(rows.values())).sum(axis=0).tolist()
    sums["COLUMNS"] = dict(zip(COLUMNS, table, strict=True))
    for name, values in sums.items():
        monkeypatch.setattr(hillenbrand.vowel_sums, name, values)
    digest = hashlib.sha256(text.encode()).hexdigest()
    monkeypatch.setattr(hillenbrand.vowel_sums, "DIGEST", digest)
    monkeypatch.setattr(hillenbrand, "_difference", DIFFERENCE)


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "dos"])
def test_a_complete_file_gives_every_token_with_its_group(end, tmp_path):
    tokens = fetch_hillenbrand(write(tmp_path, LINES, end))
    assert set(tokens) == FIELDS
    assert tokens.data.shape == (1668, 15) and tokens.data.dtype == np.float64
    assert tokens.feature_names == list(COLUMNS)
    assert len(set(tokens.talkers)) == 139 and set(tokens.target) == set(VOWELS)
    first = tokens.names.tolist().index("w07iy")
    assert (tokens.talkers[first], tokens.kinds[first], tokens.target[first]) == (
        "w07",
        "woman",
        "iy",
    )
    formants = [COLUMNS.index(name) for name in FORMANTS]
    assert tuple(tokens.data[first, formants]) == MEANS["woman"]["iy"]


def test_zero_means_missing_and_complete_leaves_such_tokens_out(tmp_path):
    def without(position):
        def change(line):
            fields = line.split()
            fields[position] = "0"
            return " ".join(fields)

        return change

    fourth = 1 + COLUMNS.index("F4")
    late = 1 + COLUMNS.index("F2_80")
    lines = with_line("m02ae", without(fourth))
    lines[lines.index(row("b03uw"))] = without(late)(row("b03uw"))
    path = write(tmp_path, lines)
    tokens = fetch_hillenbrand(path)
    missing = np.argwhere(np.isnan(tokens.data))
    assert [(tokens.names[i], COLUMNS[j]) for i, j in missing] == [
        ("m02ae", "F4"),
        ("b03uw", "F2_80"),
    ]
    formants = fetch_hillenbrand(path, columns="formants", complete=True)
    assert set(TOKENS) - set(formants.names) == {"b03uw"}
    assert formants.data.shape == (1667, 12) and np.isfinite(formants.data).all()
    assert fetch_hillenbrand(path, complete=True).data.shape == (1667, 15)


@pytest.mark.slow
@few
@given(
    st.sets(st.sampled_from(VOWELS), min_size=1),
    st.sets(st.sampled_from(sorted(TALKERS)), min_size=1),
)
def test_a_choice_of_vowels_and_kinds_keeps_exactly_those(tmp_path_factory, vowels, kinds):
    path = write(tmp_path_factory.mktemp("vowels"), LINES)
    tokens = fetch_hillenbrand(path, vowels=list(vowels), kinds=list(kinds))
    expected = [
        name for name, (kind, _, vowel) in TOKENS.items() if kind in kinds and vowel in vowels
    ]
    assert tokens.names.tolist() == expected
    assert len(tokens.data) == len(tokens.target) == len(tokens.talkers) == len(expected)


DAMAGED = [
    (with_line("m03ae", lambda line: line[:-9]), "line 8: 'm03ae' has 15 columns; .* 16"),
    (with_line("m03ae", lambda line: line[:3]), "line 8: 'm03' is not the name of a token"),
    (
        with_line("w44iy", lambda line: line.replace("2761", "27b1")),
        "'w44iy' has F2 '27b1'; it must be a whole number",
    ),
    (
        with_line("w44iy", lambda line: line.replace("2761", "-2761")),
        "'w44iy' has F2 '-2761'; it must be a whole number",
    ),
    (
        with_line("w44iy", lambda line: line.replace("2761", "276")),
        "'w44iy' has F1, F2, F3, F4 in another order",
    ),
    (
        with_line("m03ae", lambda line: line.replace("ae", "ey")),
        "line 8: 'm03ey' is not the name of a token.*vowel of ae, ah, aw, eh, ei",
    ),
    (with_line("m03ae", lambda line: "x" + line[1:]), "'x03ae' is not the name of a token"),
    (with_line("m03ae", lambda line: "m05" + line[3:]), "'m05ae' is not the name"),
    (with_line("m03ae", lambda line: row("m02ae")), "line 8: 'm02ae' is there twice"),
    (with_line("m01ae", lambda line: ""), "1 of 1668 tokens are missing.*first is m01ae"),
    (LINES[: len(HEAD) + 100], "1568 of 1668 tokens are missing.*first is b09ae"),
    (HEAD, "1668 of 1668 tokens are missing"),
    ([], "1668 of 1668 tokens are missing"),
]


@pytest.mark.parametrize("lines, message", DAMAGED)
def test_a_damaged_file_is_refused_and_the_line_is_named(lines, message, tmp_path):
    path = write(tmp_path, lines)
    with pytest.raises(DatasetError, match=message) as error:
        fetch_hillenbrand(path)
    assert str(path) in str(error.value)
    assert "use another copy of vowdata.dat" in str(error.value)


def test_an_altered_number_is_refused_and_named_with_its_value(published, tmp_path):
    lines = with_line("w44iy", lambda line: line.replace("2761", "2762"))
    with pytest.raises(DatasetError, match="the F2 of 'w44iy' is 2762; it must be 2761"):
        fetch_hillenbrand(write(tmp_path, lines))
    lines = [line.replace(" 250 ", " 251 ") for line in LINES]
    with pytest.raises(
        DatasetError, match="139 talkers, 12 vowels, 1 columns .* m01, ae, du"
    ):
        fetch_hillenbrand(write(tmp_path, lines))


@pytest.mark.slow
@settings(few, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_altered_is_refused_or_gives_the_same_tokens(
    published, tmp_path_factory, data
):
    text = "\n".join(LINES)
    place = data.draw(st.integers(0, len(text) - 1))
    removed = data.draw(st.integers(0, 3))
    inserted = data.draw(st.text("0123456789 \n\tmwae", max_size=3))
    changed = text[:place] + inserted + text[place + removed :]
    path = tmp_path_factory.mktemp("vowels") / "vowdata.dat"
    path.write_text(changed)
    try:
        tokens = fetch_hillenbrand(path)
    except DatasetError:
        return
    assert list(tokens.names) == list(TOKENS)
    expected = [[float(number) for number in row(name).split()[1:]] for name in TOKENS]
    assert np.array_equal(tokens.data, expected)


def test_the_order_of_the_lines_and_their_blanks_do_not_matter(published, tmp_path):
    lines = [line.replace(" ", "\t  ") for line in reversed(LINES[5:])]
    tokens = fetch_hillenbrand(write(tmp_path, ["another head", "", *lines]))
    assert tokens.names.tolist() == list(TOKENS)
    expected = fetch_hillenbrand(write(tmp_path, LINES))
    assert np.array_equal(tokens.data, expected.data)


def test_swapped_numbers_of_two_tokens_are_refused(published, tmp_path):
    one, other = row("m01ae").split(), row("m01ah").split()
    one[2], other[2] = "151", "149"
    lines = [
        {"m01ae": " ".join(one), "m01ah": " ".join(other)}.get(line[:5], line)
        for line in LINES
    ]
    with pytest.raises(DatasetError, match="0 talkers, 2 vowels, 0 columns differ"):
        fetch_hillenbrand(write(tmp_path, lines))


def test_an_empty_file_or_one_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "vowdata.dat"
    for content in (b"", bytes(range(256)) * 20):
        path.write_bytes(content)
        with pytest.raises(DatasetError, match="1668 of 1668 tokens are missing"):
            fetch_hillenbrand(path)


def test_the_given_path_comes_first_then_the_variable_then_the_cache(tmp_path, monkeypatch):
    places = {}
    for seconds, place in enumerate(["given", "variable/hillenbrand", "cache/hillenbrand"]):
        folder = tmp_path / place
        folder.mkdir(parents=True)
        places[place] = write(
            folder, [line.replace(" 250 ", f" {seconds} ") for line in LINES]
        )
    cached = tmp_path / "cache"
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "variable"))

    def duration(*arguments):
        return np.nan_to_num(fetch_hillenbrand(*arguments).data[0, 0])

    assert duration(tmp_path / "given", cached) == duration(places["given"], cached) == 0
    assert duration(None, cached) == 1
    places["variable/hillenbrand"].unlink()
    assert duration(None, cached) == 2


def test_a_missing_file_says_that_there_is_no_download_and_what_to_do(tmp_path):
    with pytest.raises(DatasetError, match="cannot be downloaded.*no longer exists") as error:
        fetch_hillenbrand(data_home=tmp_path)
    message = str(error.value)
    assert f"put it into the folder {tmp_path / 'hillenbrand'}, or pass path=" in message
    assert "$RESERVOIR_DATA/hillenbrand/vowdata.dat" in message
    assert list(tmp_path.iterdir()) == []


def test_a_path_without_the_file_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "vowdata.dat"):
        with pytest.raises(DatasetError, match="There is no file .*vowdata.dat; path must"):
            fetch_hillenbrand(path)


@pytest.mark.parametrize("function", [fetch_hillenbrand, make_vowels])
@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"vowels": ["ae", "ey"]}, r"vowels is \['ae', 'ey'\]; .* some of ae, ah, aw"),
        ({"vowels": "ae"}, "vowels is 'ae'; it must be None or a list"),
        ({"vowels": []}, r"vowels is \[\]"),
        ({"kinds": ["women"]}, r"kinds is \['women'\]; .* man, woman, boy, girl"),
    ],
)
def test_an_unknown_vowel_or_kind_is_refused_by_name(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(**arguments)


def test_unknown_columns_are_refused(tmp_path):
    with pytest.raises(
        ValueError, match="columns is 'F1'; it must be one of 'all', 'formants'"
    ):
        fetch_hillenbrand(write(tmp_path, LINES), columns="F1")


def test_synthetic_tokens_have_the_fields_and_columns_of_the_file(tmp_path):
    path = write(tmp_path, LINES)
    read = fetch_hillenbrand(path, columns="formants", complete=True)
    drawn = make_vowels(random_state=0)
    assert set(drawn) == set(read) == FIELDS
    assert drawn.feature_names == read.feature_names
    assert drawn.data.shape == (50 * 12, 12) and drawn.data.dtype == read.data.dtype
    for field in ("target", "talkers", "kinds", "names"):
        assert drawn[field].shape == (600,) and drawn[field].dtype.kind == "U"
        assert read[field].dtype.kind == "U"
    assert set(drawn.kinds) == set(read.kinds) and set(drawn.target) == set(read.target)
    assert "NOT measurements of people" in drawn.DESCR
    assert "Synthetic" in drawn.DESCR and "Synthetic" in make_vowels.__doc__


@few
@given(
    st.integers(1, 30),
    st.sets(st.sampled_from(VOWELS), min_size=1),
    st.sets(st.sampled_from(sorted(TALKERS)), min_size=1),
    st.integers(0, 99),
)
def test_every_speaker_says_each_vowel_once_with_formants_from_low_to_high(
    n_speakers, vowels, kinds, seed
):
    tokens = make_vowels(n_speakers, list(vowels), seed, kinds=list(kinds))
    assert len(tokens.data) == len(set(tokens.names)) == n_speakers * len(vowels)
    assert set(tokens.target) == vowels and set(tokens.kinds) <= kinds
    assert len(set(tokens.talkers)) == n_speakers
    said = zip(tokens.talkers, tokens.target, strict=True)
    assert tokens.names.tolist() == [talker + vowel for talker, vowel in said]
    assert [name[0] for name in tokens.talkers] == [kind[0] for kind in tokens.kinds]
    assert (tokens.data > 0).all()
    assert (np.diff(tokens.data.reshape(-1, 4, 3), axis=2) > 0).all()


def test_equal_seeds_give_equal_tokens_and_others_differ():
    first, again, other = (make_vowels(8, random_state=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.data, again.data)
    assert not np.array_equal(first.data, other.data)
    generator = np.random.default_rng(3)
    assert np.array_equal(first.data, make_vowels(8, random_state=generator).data)
    state, same = np.random.RandomState(3), np.random.RandomState(3)
    drawn = make_vowels(8, random_state=state).data
    assert np.array_equal(drawn, make_vowels(8, random_state=same).data)
    assert not np.array_equal(drawn, make_vowels(8, random_state=state).data)


def test_without_scatter_a_token_is_the_mean_of_its_vowel_and_kind():
    tokens = make_vowels(8, random_state=0, length_scatter=0, token_scatter=0)
    for formants, kind, vowel in zip(tokens.data, tokens.kinds, tokens.target, strict=True):
        assert tuple(formants) == MEANS[kind][vowel]


def test_vocal_tract_length_scales_all_formants_of_a_speaker_alike():
    means = make_vowels(400, random_state=0, length_scatter=0, token_scatter=0)
    tokens = make_vowels(400, random_state=0, length_scatter=0.05, token_scatter=0)
    ratio = tokens.data / means.data
    lengths = []
    for talker in set(tokens.talkers):
        of_talker = ratio[tokens.talkers == talker]
        assert np.ptp(of_talker) < 1e-12
        lengths.append(-np.log(of_talker[0, 0]))
    # The standard error of a standard deviation of 400 speakers is 3.5 %.
    assert np.std(lengths) == pytest.approx(0.05, rel=0.15)


def test_a_tokens_scatter_is_as_stated_and_common_to_its_moments():
    # Far enough apart that the scatter does not reorder the formants.
    scatter = 0.02
    means = make_vowels(400, random_state=0, length_scatter=0, token_scatter=0)
    tokens = make_vowels(400, random_state=0, length_scatter=0, token_scatter=scatter)
    deviation = np.log(tokens.data / means.data).reshape(-1, 4, 3)
    # 4800 tokens: the standard errors are 1 % of a scatter, 0.006 of a correlation.
    sizes = deviation.std(axis=0) / scatter
    assert sizes == pytest.approx(np.tile([1, 1, 0.6], (4, 1)), rel=0.05)
    for formant in range(3):
        correlation = np.corrcoef(deviation[:, :, formant].T)
        assert correlation[~np.eye(4, dtype=bool)] == pytest.approx(0.75, abs=0.03)
    assert np.corrcoef(deviation[:, 0].T)[0, 1] == pytest.approx(0, abs=0.08)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"n_speakers": 0}, "n_speakers is 0; it must be an integer of at least 1"),
        ({"n_speakers": 2.5}, "n_speakers is 2.5; it must be an integer"),
        (
            {"length_scatter": -0.1},
            "length_scatter is -0.1; it must be a finite number from 0",
        ),
        (
            {"token_scatter": np.nan},
            "token_scatter is nan; it must be a finite number from 0",
        ),
        (
            {"token_scatter": "much"},
            "token_scatter is 'much'; it must be a finite number from 0",
        ),
        ({"token_scatter": True}, "token_scatter is True; it must be a finite number"),
    ],
)
def test_an_impossible_number_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_vowels(**arguments)


real = pytest.mark.skipif(
    "RESERVOIR_DATA" not in os.environ,
    reason="RESERVOIR_DATA does not name a folder with the real vowels",
)


@pytest.mark.real
@real
def test_the_real_file_has_the_known_counts():
    tokens = fetch_hillenbrand()
    assert tokens.data.shape == (1668, 15) and tokens.names[0] == "m01ae"
    assert tokens.data[0].tolist() == (
        [323, 174, 663, 2012, 2659, 3691, 669, 2008, 2671, 671, 1992, 2659, 685, 1773, 2680]
    )
    talkers = {kind: len(set(tokens.talkers[tokens.kinds == kind])) for kind in TALKERS}
    assert talkers == {"man": 45, "woman": 48, "boy": 27, "girl": 19}
    assert np.isnan(tokens.data).any(axis=1).sum() == 1668 - 1373
    assert len(fetch_hillenbrand(complete=True).data) == 1597


@pytest.mark.real
@real
def test_no_digit_of_the_real_file_can_be_altered_unnoticed(tmp_path):
    content = (
        Path(os.environ["RESERVOIR_DATA"]) / "hillenbrand" / "vowdata.dat"
    ).read_bytes()
    begin = content.index(b"m01ae")
    path = tmp_path / "vowdata.dat"
    for place in np.random.default_rng(0).integers(begin, len(content), 60):
        digit = content[place : place + 1]
        if digit.isdigit():
            other = b"%d" % ((int(digit) + 1) % 10)
            path.write_bytes(content[:place] + other + content[place + 1 :])
            with pytest.raises(DatasetError):
                fetch_hillenbrand(path)
    path.write_bytes(content.replace(b"2826 4005", b"2926 4005", 1))
    with pytest.raises(DatasetError, match="the F3.* is 2926; it must be 2826"):
        fetch_hillenbrand(path)
    path.write_bytes(content.replace(b"\r\n", b"\n"))
    assert np.array_equal(
        fetch_hillenbrand(path).data, fetch_hillenbrand().data, equal_nan=True
    )


@pytest.mark.real
@real
def test_seven_real_vowels_of_women_are_told_apart_as_well_as_is_known():
    women = fetch_hillenbrand(
        vowels=SEVEN, kinds=["woman"], columns="formants", complete=True
    )
    assert women.data.shape == (316, 12) and len(set(women.talkers)) == 48
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    scores = cross_val_score(LinearDiscriminantAnalysis(), women.data, women.target, cv=folds)
    # Over shufflings: 96.0 %, standard deviation 0.6 %.
    assert scores.mean() == pytest.approx(0.96, abs=0.02)


@pytest.mark.real
@real
def test_the_table_of_means_is_what_its_script_computes():
    from reservoir.datasets.make_vowel_means import mean_formants

    assert mean_formants() == MEANS


@pytest.mark.real
@real
def test_the_example_of_the_reader_is_true():
    text = fetch_hillenbrand.__doc__.replace("# doctest: +SKIP", "")
    example = doctest.DocTestParser().get_doctest(text, {}, "fetch_hillenbrand", None, None)
    assert len(example.examples) == 3
    assert doctest.DocTestRunner().run(example).failed == 0


def test_seven_synthetic_vowels_are_about_as_hard_as_real_ones():
    scores = []
    for seed in range(3):
        tokens = make_vowels(48, SEVEN, seed, kinds=["woman"])
        folds = StratifiedKFold(5, shuffle=True, random_state=0)
        model = LinearDiscriminantAnalysis()
        scores.append(cross_val_score(model, tokens.data, tokens.target, cv=folds).mean())
    assert 0.94 < np.mean(scores) < 0.995
