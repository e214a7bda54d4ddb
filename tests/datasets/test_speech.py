"""Data sets: the shipped corpus, and the download against a server of our own."""

import gzip
import io
import os
import socket
import tarfile
import threading
import wave
import zlib
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from reservoir import datasets
from reservoir.datasets import DatasetError, cache, fetch_fsdd
from reservoir.datasets.fsdd import V1_0_10, Release

pytestmark = pytest.mark.slow

SMALL = Release(url="", speakers=("ann", "bob"), n_indices=2, digest="")


def recording(seed, channels=1, rate=8000):
    samples = np.random.default_rng(seed).integers(-3000, 3000, 200 * channels)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()


CONTENTS = {name: recording(i) for i, name in enumerate(SMALL.names())}


def tarball(contents, extra=()):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        members = [(f"fsdd-1/recordings/{n}", c) for n, c in contents.items()]
        for name, content in [*members, ("fsdd-1/README.md", b"hello"), *extra]:
            member = tarfile.TarInfo(name)
            if content is None:
                member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
                archive.addfile(member)
            else:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


class Server:
    """A loopback server that sends one body, or less, or an error."""

    def __init__(self, body, status=200, announce=None):
        outer = self
        self.n_requests = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.n_requests += 1
                self.send_response(status)
                self.send_header("Content-Length", str(announce or len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        port = self.server.server_port
        digest = cache.digest_of(CONTENTS)
        self.release = replace(SMALL, url=f"http://127.0.0.1:{port}/a.tgz", digest=digest)
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(autouse=True)
def no_data_folder(monkeypatch, request):
    if "real" not in request.keywords:
        monkeypatch.delenv(cache.VARIABLE, raising=False)


def test_a_download_is_checked_installed_and_used_again(tmp_path):
    with Server(tarball(CONTENTS)) as server:
        bunch = fetch_fsdd(tmp_path, release=server.release)
        again = fetch_fsdd(tmp_path, release=server.release)
        assert server.n_requests == 1
    assert len(bunch.data) == 40 and bunch.sample_rate == 8000
    assert bunch.target.tolist() == sorted(bunch.target.tolist())
    assert set(bunch.speakers) == {"ann", "bob"} and set(bunch.indices) == {0, 1}
    assert all(np.array_equal(a, b) for a, b in zip(bunch.data, again.data, strict=True))
    expected = np.frombuffer(CONTENTS["0_ann_0.wav"][44:], "<i2") / 32768
    assert np.array_equal(bunch.data[0], expected)
    assert [p.name for p in (tmp_path / "fsdd").iterdir()] == ["recordings"]


ALTERED = {**CONTENTS, "3_bob_1.wav": recording(99)}
MISSING = {k: v for k, v in CONTENTS.items() if k != "3_bob_1.wav"}
BAD_SERVERS = [
    (Server, (tarball(ALTERED),), "at least one was altered"),
    (Server, (tarball(MISSING),), "1 of 40 recordings are missing.*3_bob_1.wav"),
    (Server, (tarball(CONTENTS)[:500],), "archive is damaged"),
    (Server, (b"not an archive",), "archive is damaged"),
    (Server, (tarball(CONTENTS), 200, 10**6), "could not be downloaded|ended after"),
    (Server, (b"gone", 404), "could not be downloaded.*404.*unpack"),
    (Server, (tarball(CONTENTS, [("../evil.wav", b"x")]),), "climbs out"),
    (Server, (tarball(CONTENTS, [("/tmp/evil.wav", b"x")]),), "climbs out"),
    (
        Server,
        (tarball(MISSING, [("fsdd-1/recordings/3_bob_1.wav", None)]),),
        "not a plain file",
    ),
]


@pytest.mark.parametrize("make, arguments, message", BAD_SERVERS)
def test_a_bad_download_says_why_and_leaves_the_cache_as_it_was(
    make, arguments, message, tmp_path
):
    with make(*arguments) as server, pytest.raises(DatasetError, match=message):
        fetch_fsdd(tmp_path, release=server.release)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_unreachable_server_says_what_to_do_by_hand(tmp_path):
    release = replace(SMALL, url="http://127.0.0.1:9/a.tgz")
    with pytest.raises(DatasetError, match="Without network, download .* and unpack"):
        fetch_fsdd(tmp_path, release=release)
    with pytest.raises(DatasetError, match="not here"):
        fetch_fsdd(tmp_path, download_if_missing=False, release=release)


def test_an_interrupted_download_leaves_nothing(tmp_path):
    class Interrupted(str):
        def rpartition(self, separator):
            raise KeyboardInterrupt

    with Server(tarball(CONTENTS)) as server:
        release = replace(server.release, url=Interrupted(server.release.url))
        with pytest.raises(KeyboardInterrupt):
            fetch_fsdd(tmp_path, release=release)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_folder_of_the_variable_is_used_first(tmp_path, monkeypatch):
    folder = tmp_path / "mine" / "fsdd" / "recordings"
    folder.mkdir(parents=True)
    for name, content in CONTENTS.items():
        (folder / name).write_bytes(content)
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "mine"))
    release = replace(SMALL, digest=cache.digest_of(CONTENTS))
    assert len(fetch_fsdd(tmp_path / "cache", release=release).data) == 40
    (folder / "0_ann_0.wav").unlink()
    with pytest.raises(DatasetError, match="1 of 40 recordings are missing"):
        fetch_fsdd(tmp_path / "cache", release=release)


def test_recordings_of_another_format_are_refused(tmp_path):
    stereo = {**CONTENTS, "0_ann_0.wav": recording(0, channels=2)}
    with Server(tarball(stereo)) as server:
        release = replace(server.release, digest=cache.digest_of(stereo))
        with pytest.raises(DatasetError, match="0_ann_0.wav has 2 channels"):
            fetch_fsdd(tmp_path, release=release)


def test_the_cache_folder_follows_the_platform(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert datasets.data_home() == tmp_path / "oscillator-reservoir"
    assert datasets.data_home(tmp_path / "x") == tmp_path / "x"


def test_the_shipped_corpus_is_balanced_synthetic_and_small():
    bunch = datasets.load_spoken_digits()
    assert "Synthetic" in bunch.DESCR and "NOT recordings of people" in bunch.DESCR
    table = set(zip(bunch.speakers, bunch.target, bunch.indices, strict=True))
    assert len(table) == len(bunch.data) == 600
    assert np.bincount(bunch.target).tolist() == [60] * 10
    assert all(0 < np.abs(clip).max() < 1 and clip.std() > 0.01 for clip in bunch.data)
    assert all(0.1 < len(clip) / bunch.sample_rate < 1.5 for clip in bunch.data)
    path = Path(datasets.__file__).parent / "data" / "spoken_digits.h5"
    assert path.stat().st_size < 3e6


@pytest.mark.real
@pytest.mark.skipif(
    "RESERVOIR_DATA" not in os.environ,
    reason="RESERVOIR_DATA does not name a folder with the real recordings",
)
def test_the_real_recordings_are_those_of_the_release():
    bunch = fetch_fsdd(download_if_missing=False)
    assert len(bunch.data) == len(V1_0_10.names()) == 3000
    for speaker in V1_0_10.speakers:
        assert (bunch.speakers == speaker).sum() == 500
    seconds = np.array([len(clip) for clip in bunch.data]) / 8000
    assert seconds.min() == pytest.approx(0.1435, abs=1e-4)
    assert seconds.max() == pytest.approx(2.28275, abs=1e-5)
    assert seconds.mean() == pytest.approx(0.43743, abs=1e-5)


def test_a_stream_broken_inside_a_member_is_an_error_of_the_data_set(tmp_path):
    packer = zlib.compressobj(wbits=31)
    plain = gzip.decompress(tarball(CONTENTS))
    broken = packer.compress(plain[:600]) + packer.flush(zlib.Z_FULL_FLUSH) + b"\xff" * 99
    (tmp_path / "a.tgz").write_bytes(broken)
    with pytest.raises(DatasetError, match="archive is damaged"):
        cache.unpack(tmp_path / "a.tgz", tmp_path, lambda path: True)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc",
        b"nonsense\r\n\r\n",
    ],
)
def test_an_answer_that_breaks_off_says_what_to_do_by_hand(answer, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/a.tgz"
        with pytest.raises(DatasetError, match="(?s)could not be downloaded.*By hand."):
            cache.download(url, tmp_path / "a.tgz", "By hand.")
        thread.join()
