"""Do videos of learning show what the networks did, forward only, and in every format?"""

import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone

from reservoir import OscillatorNetwork, SynchronizationClassifier, datasets
from reservoir.layers import SpintronicClassifier
from reservoir.plotting import LayersLearningVideo, OnlineLearningVideo, video
from reservoir.plotting.learning_stage import LearningStage

NAMES = ("ae", "iy", "uw")
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")


@pytest.fixture(scope="module")
def vowels():
    return datasets.make_vowels(12, NAMES, random_state=0)


@pytest.fixture(scope="module")
def classifier(vowels):
    network = OscillatorNetwork(frequencies=[337e6, 356e6, 362e6, 373e6])
    return SynchronizationClassifier(
        network, learning="online", n_starts=2, n_presentations=6, random_state=0
    ).fit(vowels.data, vowels.target)


@pytest.fixture(scope="module")
def learning(classifier, vowels):
    return OnlineLearningVideo.from_estimator(
        classifier, vowels.data, vowels.target, n_grid=9
    )


@pytest.fixture(scope="module")
def layers():
    X = np.random.default_rng(0).uniform(size=(80, 2))
    model = SpintronicClassifier((4,), max_iter=6, random_state=0)
    y = X[:, 0] > X[:, 1]
    return LayersLearningVideo.from_estimator(model, X[:60], y[:60], X[60:], y[60:])


def data_of(page):
    return json.loads(re.search(r"^const data = (.*);$", page, re.M).group(1))


def test_a_presentation_tells_the_sources_a_token_of_each_class(classifier, vowels):
    told = classifier.source_curve_
    sources = classifier.input_frequencies(vowels.data)
    assert told.shape == (7, 3, 2)
    for presentation in told:
        for code, frequencies in enumerate(presentation):
            mine = sources[vowels.target == NAMES[code]]
            assert (mine == frequencies).all(axis=1).any()


def test_who_locks_to_whom_is_what_the_network_of_the_presentation_does(classifier, learning):
    network = classifier.network_
    for step, number in enumerate(learning.numbers):
        tuned = network.tune(classifier.frequency_curve_[number])
        response = tuned.measure(classifier.source_curve_[number])
        np.testing.assert_array_equal(learning.locked[step], response.locked)
        np.testing.assert_allclose(learning.currents[step], tuned.currents)
    grid = np.linspace(*classifier.source_range_, 9)
    last = network.tune(classifier.frequency_curve_[-1]).set_params(dtype="float32")
    np.testing.assert_array_equal(
        learning.maps[-1].locked, last.synchronization_map(grid, grid)
    )


def test_an_answer_is_that_of_the_classifier_with_this_network(classifier, learning, vowels):
    X = vowels.data
    for step in range(len(learning.numbers)):
        then = clone(classifier)
        then.__dict__.update(vars(classifier))
        then.network_ = classifier.network_.tune(classifier.frequency_curve_[step])
        answers = then.predict(X)
        sources = classifier.input_frequencies(X)
        for code, told in enumerate(learning.sources[step]):
            row = np.flatnonzero((sources == told).all(axis=1))[0]
            assert learning.names[learning.answers[step, code]] == answers[row]


def test_the_video_runs_forward_and_shows_every_token(learning):
    moments = learning.moments()
    steps = [moment.step for moment in moments]
    assert steps == sorted(steps) and set(steps) == set(range(7))
    for step in range(7):
        tokens = [m.token for m in moments if m.step == step and m.token is not None]
        assert tokens == [0, 1, 2]
    assert moments[-1].last and not any(m.last for m in moments if m.step < 6)


def test_presentations_are_left_out_evenly(classifier, vowels):
    few = OnlineLearningVideo.from_estimator(
        classifier, vowels.data, vowels.target, n_grid=3, n_shown=3
    )
    assert few.numbers.tolist() == [0, 3, 6]


def test_the_end_says_what_is_kept_and_why(learning):
    curve, kept = learning.curve, learning.kept
    assert curve[kept] == curve.max() and (curve[:kept] < curve[kept]).all()
    if curve[-1] < curve[kept]:
        assert "ends below" in learning.ending()
    assert f"presentation {kept}" in learning.ending()
    assert f"{100 * curve[kept]:.1f} %" in learning.ending()


def test_each_way_to_end_has_its_sentence(learning):
    def ending(curve):
        values = {**vars(learning), "curve": np.array(curve), "kept": int(np.argmax(curve))}
        return OnlineLearningVideo(**values).ending()

    assert "the last one" in ending([0.5, 0.9])
    assert "None after it was better" in ending([0.5, 0.9, 0.9])
    assert "ends below, at 80.0 %" in ending([0.5, 0.9, 0.8])


def test_the_stage_puts_every_thing_where_the_video_says(learning):
    stage = LearningStage(learning)
    moment = next(m for m in learning.moments() if m.step == 2 and m.token == 1)
    stage.show(moment)
    for row, point in enumerate(stage._points):
        assert point.get_xdata()[0] == pytest.approx(learning.natural[2, row] / 1e6)
        locked = learning.locked[2, 1, row]
        ends = stage._locks[row].get_xdata()
        if locked < 0:
            assert len(ends) == 0
        else:
            assert ends[1] == pytest.approx(learning.sources[2, 1, locked] / 1e6)
    assert stage._token.get_xydata()[0] == pytest.approx(learning.sources[2, 1] / 1e6)
    assert "'iy'" in stage._words.get_text()
    assert len(stage._path.get_xdata()) == learning.numbers[2] + 1


def test_a_page_holds_the_data_and_asks_no_network(learning, layers, tmp_path):
    for shown in (learning, layers):
        path = tmp_path / "page.html"
        shown.save(path)
        page = path.read_text()
        assert set(re.findall(r"https?://[^\"]*", page)) == {"http://www.w3.org/2000/svg"}
        assert "{{" not in page and 'id="slider"' in page and 'id="play"' in page
        assert not re.search(r"<(link|script src|img src)", page)
    data = data_of(page)
    np.testing.assert_allclose(
        data["resonances"][-1], layers.resonances[-1].resonances / 1e6, atol=1e-3
    )
    assert len(data["trained"]) == 7


def test_a_name_of_a_class_cannot_end_the_script(learning, tmp_path):
    names = ("</script>", "a&b", "'")
    other = OnlineLearningVideo(**{**vars(learning), "names": names, "maps": learning.maps})
    for display in other.maps:
        display.labels = np.array([])
        display.sources = np.empty((0, 2))
    other.save(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert page.count("</script>") == 1 and data_of(page)["names"] == list(names)


NODE = """
const made = [];
function element() {
  const known = {};
  return {style: {}, dataset: {}, children: [], setAttribute(k, v) {
      if (String(v).includes("NaN") || v === undefined) throw new Error(k + " is " + v);
      known[k] = v; }, getAttribute: (k) => known[k], appendChild() {}, known};
}
const named = {};
globalThis.location = {hash: ""};
globalThis.requestAnimationFrame = () => {};
globalThis.document = {getElementById: (id) => named[id] ??= element(),
  createElementNS: () => element()};
"""
NODE_END = """
for (let t = 0; t < nMoments; t += 0.25) moveTo(t);
setPlaying(true);
process.stdout.write(JSON.stringify([nMoments, named.words.textContent,
  named.caption.textContent]));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_script_of_a_page_draws_every_moment(learning, layers, tmp_path):
    for shown, n_moments, start in ((learning, 28, "Presentation 0"), (layers, 7, "After 0")):
        shown.save(tmp_path / "page.html")
        page = (tmp_path / "page.html").read_text()
        script = re.search(r"<script>(.*)</script>", page, re.S).group(1)
        (tmp_path / "page.js").write_text(
            f"{NODE}{script.replace('const ', 'var ')}{NODE_END}"
        )
        run = subprocess.run(
            ["node", tmp_path / "page.js"], capture_output=True, text=True, timeout=60
        )
        assert run.returncode == 0, run.stderr
        count, words, caption = json.loads(run.stdout)
        assert count == n_moments and words.startswith(start) and caption


@pytest.mark.slow
def test_a_gif_has_one_size_and_lasts_as_long_as_its_moments(learning, layers, tmp_path):
    for shown, rate in ((learning, 10), (layers, 12)):
        shown.save(tmp_path / "video.gif")
        seconds = len(shown.moments()) / rate
        with Image.open(tmp_path / "video.gif") as image:
            lengths = []
            for number in range(image.n_frames):
                image.seek(number)
                lengths.append(image.info["duration"] / 1000)
            assert image.n_frames > len(shown.moments()) / 4
        assert sum(lengths) == pytest.approx(seconds, rel=0.05)


@needs_ffmpeg
def test_ffmpeg_writes_a_frame_for_each_moment(layers, tmp_path):
    path = tmp_path / "video.mp4"
    counted = []

    def count(frames, total):
        for frame in frames:
            counted.append(total)
            yield frame

    layers.save(path, progress=count)
    assert path.read_bytes()[4:8] == b"ftyp"
    assert counted == len(layers.moments()) * [len(layers.moments())]


def test_mp4_without_ffmpeg_is_refused_before_the_work(layers, tmp_path, monkeypatch):
    monkeypatch.setattr(video, "_ffmpeg", lambda: None)
    with pytest.raises(ValueError, match="apt install ffmpeg.*or write .gif or .html"):
        layers.save(tmp_path / "video.mp4")
    assert not list(tmp_path.iterdir())


def test_a_complaint_of_ffmpeg_is_told_and_leaves_no_file(layers, tmp_path, monkeypatch):
    monkeypatch.setattr(video, "_ffmpeg", lambda: shutil.which("false") or "false")
    with pytest.raises(OSError, match="ffmpeg could not write the video"):
        layers.save(tmp_path / "video.mp4")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["video.avi", "video", "video.png"])
def test_another_suffix_is_refused_with_the_list(layers, tmp_path, name):
    with pytest.raises(ValueError, match=r"\.gif, \.mp4 or \.html"):
        layers.save(tmp_path / name)


def test_a_classifier_that_remembers_no_presentations_is_refused(vowels):
    searched = SynchronizationClassifier(learning="search", n_starts=2, random_state=0)
    searched.fit(vowels.data, vowels.target)
    with pytest.raises(ValueError, match='learning="online"'):
        OnlineLearningVideo.from_estimator(searched, vowels.data, vowels.target)


def test_layers_are_shown_as_they_are_made_and_as_they_learn(layers):
    assert layers.passes.tolist() == [0, 1, 2, 3, 4, 5, 6]
    moments = layers.moments()
    assert list(moments) == sorted(moments) and moments[-1] == 6
    half = layers.at(2.5)[1]
    both = layers.resonances[2].resonances + layers.resonances[3].resonances
    np.testing.assert_allclose(half, both / 2e6)
    X = np.random.default_rng(0).uniform(size=(80, 2))
    y = X[:, 0] > X[:, 1]
    start = SpintronicClassifier((4,), learning_rate_init=1e-12, random_state=0)
    start.partial_fit(X[:60], y[:60], classes=[False, True])
    np.testing.assert_array_equal(layers.resonances[0].resonances, start.resonances_[-1])
    assert layers.tested[0] == start.score(X[60:], y[60:])
    moved = layers.resonances[-1].resonances - layers.resonances[0].resonances
    assert np.abs(moved).max() > 1e3
