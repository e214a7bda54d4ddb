"""Data sets: the shipped corpus, and the download against a server of our own."""

import bz2
import errno
import gzip
import hashlib
import io
import lzma
import os
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import tracemalloc
import wave
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from reservoir.datasets import DatasetError, cache, fetch_fsdd
from reservoir.datasets.companding import MU_LAW
from reservoir.datasets.fsdd import V1_0_10, Release
from reservoir.datasets.make_spoken_digits import companded, room

from reservoir import ReservoirClassifier, datasets
from reservoir.audio import Cochleagram
from reservoir.experiments import control

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

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
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
    assert len(table) == len(bunch.data) == 800
    assert np.bincount(bunch.target).tolist() == [80] * 10
    assert all(0 < np.abs(clip).max() < 1 and clip.std() > 0.01 for clip in bunch.data)
    assert all(0.1 < len(clip) / bunch.sample_rate < 1.5 for clip in bunch.data)
    path = Path(datasets.__file__).parent / "data" / "spoken_digits.h5"
    assert path.stat().st_size < 2.7e6


def loudness(clip):
    """Power of every 10 ms in dB."""
    pieces = clip[: len(clip) // 80 * 80].reshape(-1, 80)
    return 10 * np.log10((pieces**2).mean(axis=1) + 1e-9)


def test_shipped_voices_have_a_noise_and_silences_of_their_own():
    bunch = datasets.load_spoken_digits()
    ranges, leads = {}, {}
    for speaker in np.unique(bunch.speakers):
        powers = [loudness(bunch.data[i]) for i in np.flatnonzero(bunch.speakers == speaker)]
        ranges[speaker] = np.mean([np.ptp(np.percentile(db, (5, 95))) for db in powers])
        leads[speaker] = np.mean([np.argmax(db > db.max() - 15) for db in powers])
    # Of the six people of the Free Spoken Digit Dataset: 18 to 50 dB.
    assert min(ranges.values()) < 20 and max(ranges.values()) > 35
    assert min(leads.values()) < 4 and max(leads.values()) > 10


def test_the_shipped_corpus_is_written_with_the_nearest_byte_of_the_mu_law():
    samples = np.linspace(-0.97, 0.97, 4001)
    nearest = np.abs(MU_LAW - samples[:, None]).min(axis=1)
    assert np.allclose(np.abs(MU_LAW[companded(samples)] - samples), nearest, atol=1e-15)
    found = np.concatenate(datasets.load_spoken_digits().data)
    assert np.isin(found, MU_LAW).all()


def test_rooms_begin_with_the_direct_sound_and_die_away():
    echo = room(np.random.default_rng(0), 0.4, 6.0)
    assert echo[0] == 1 and len(echo) == 3200
    early, late = (echo[at : at + 800].std() for at in (200, 2400))
    # 60 dB in 3200 samples, so 41.25 dB in 2200.
    assert 20 * np.log10(early / late) == pytest.approx(41.25, abs=2)


def test_a_new_shipped_voice_is_better_recognised_with_the_oscillator_than_without():
    bunch = datasets.load_spoken_digits()
    chosen = np.flatnonzero(bunch.indices < 5)
    frames = Cochleagram(8000).fit_transform([bunch.data[i] for i in chosen])
    y, speakers = bunch.target[chosen], bunch.speakers[chosen]
    model = ReservoirClassifier(n_nodes=100, context=(4, 8), alpha=1e-2, random_state=0)
    plain, bare = (
        np.mean(
            [
                learner.fit(frames[known], y[known]).score(frames[~known], y[~known])
                for known in (speakers != new for new in np.unique(speakers))
            ]
        )
        for learner in (model, control(model))
    )
    assert plain > bare + 0.03 and 0.6 < bare < 0.85


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


# --- several at once, and disks that cannot be written ---------------------------------


def test_all_who_want_the_recordings_at_once_get_them_from_one_download(tmp_path):
    with Server(tarball(CONTENTS)) as server:
        with ThreadPoolExecutor(16) as pool:
            tasks = [
                pool.submit(fetch_fsdd, tmp_path, release=server.release) for _ in range(16)
            ]
            bunches = [task.result() for task in tasks]
        assert server.n_requests == 1
    for bunch in bunches:
        assert all(map(np.array_equal, bunch.data, bunches[0].data))
    assert [p.name for p in (tmp_path / "fsdd").iterdir()] == ["recordings"]


FETCH = """
import hashlib, sys
from concurrent.futures import ThreadPoolExecutor
from reservoir.datasets import fetch_fsdd
from reservoir.datasets.fsdd import Release
release = Release(sys.argv[2], ("ann", "bob"), 2, sys.argv[3])

def fetch(_):
    clips = fetch_fsdd(sys.argv[1], release=release).data
    return hashlib.sha256(b"".join(clip.tobytes() for clip in clips)).hexdigest()

with ThreadPoolExecutor(16) as pool:
    print(*set(pool.map(fetch, range(16))))
"""


def fetching(folder, release):
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, str(folder), release.url, release.digest],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_all_processes_that_want_the_recordings_at_once_get_them(tmp_path):
    with Server(tarball(CONTENTS)) as server:
        processes = [fetching(tmp_path, server.release) for _ in range(4)]
        answers = [process.communicate(timeout=120) for process in processes]
        assert server.n_requests == 1
    samples = (np.frombuffer(CONTENTS[n][44:], "<i2") / 32768 for n in sorted(CONTENTS))
    digest = hashlib.sha256(b"".join(clip.tobytes() for clip in samples)).hexdigest()
    assert [answer for answer, _ in answers] == [f"{digest}\n"] * 4, answers
    assert [p.name for p in (tmp_path / "fsdd").iterdir()] == ["recordings"]


def test_where_folders_cannot_be_locked_the_quicker_one_wins(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    good = tarball(CONTENTS)
    with Server(good) as server:
        release = server.release

        class Late(str):
            def rpartition(self, separator):
                # Another one is quicker, after this one has found nothing.
                if not (tmp_path / "fsdd" / "recordings").exists():
                    fetch_fsdd(tmp_path, release=release)
                return super().rpartition(separator)

        late = replace(release, url=Late(release.url))
        assert len(fetch_fsdd(tmp_path, release=late).data) == 40
        assert server.n_requests == 2
    assert [p.name for p in (tmp_path / "fsdd").iterdir()] == ["recordings"]


@pytest.mark.skipif(os.name != "posix", reason="kills a process")
def test_what_a_killed_download_left_is_removed_by_the_next_one(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/a.tgz"
        killed = fetching(tmp_path, replace(SMALL, url=url))
        connection, _ = silent.accept()
        killed.kill()
        killed.communicate()
        connection.close()
    left = [p.name for p in (tmp_path / "fsdd").iterdir()]
    assert len(left) == 1 and left[0].startswith(".recordings-")
    with Server(tarball(CONTENTS)) as server:
        assert len(fetch_fsdd(tmp_path, release=server.release).data) == 40
    assert [p.name for p in (tmp_path / "fsdd").iterdir()] == ["recordings"]


def test_without_a_lock_only_what_is_old_is_removed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    old, young = (tmp_path / "fsdd" / f".recordings-{name}" for name in ("old", "young"))
    old.mkdir(parents=True)
    young.mkdir()
    os.utime(old, (0, 0))
    with Server(tarball(CONTENTS)) as server:
        fetch_fsdd(tmp_path, release=server.release)
    assert not old.exists() and young.exists()


@pytest.mark.parametrize("step", ["mkdir", "mkdtemp", "replace", "write_bytes", "open"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_a_disk_that_cannot_be_written_is_named_with_the_reason_and_the_cure(
    step, number, tmp_path, monkeypatch
):
    def refuse(*arguments, **options):
        raise OSError(number, os.strerror(number))

    class Full(io.BytesIO):
        write = refuse

    owners = {"mkdir": Path, "write_bytes": Path, "mkdtemp": tempfile, "replace": os}
    with Server(tarball(CONTENTS)) as server:
        if step == "open":
            monkeypatch.setattr(cache, "open", lambda *_: Full(), raising=False)
        else:
            monkeypatch.setattr(owners[step], step, refuse)
        with pytest.raises(DatasetError, match="cannot be written") as error:
            fetch_fsdd(tmp_path / "home", release=server.release)
        monkeypatch.undo()
    text = str(error.value)
    assert os.strerror(number) in text and str(tmp_path / "home" / "fsdd") in text
    assert "data_home=" in text and cache.VARIABLE in text and "damaged" not in text
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_home_that_is_a_file_or_is_not_there_is_named_with_the_cure(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    release = replace(SMALL, url="http://127.0.0.1:9/a.tgz")
    for home in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(DatasetError, match="file.*cannot be written .*data_home="):
            fetch_fsdd(home, release=release)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(DatasetError, match="file.*cannot be written .*data_home="):
        fetch_fsdd(release=release)
    for fetch in (datasets.fetch_hillenbrand, datasets.fetch_santa_fe, datasets.load_ti46):
        with pytest.raises(DatasetError, match="not here.*path="):
            fetch()


def test_without_a_home_folder_the_cure_is_named(monkeypatch, tmp_path):
    def nowhere(path):
        return path

    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", nowhere)
    fetches = (fetch_fsdd, datasets.fetch_hillenbrand, datasets.fetch_santa_fe)
    for fetch in (*fetches, datasets.load_ti46, datasets.data_home):
        with pytest.raises(
            DatasetError, match="no such home folder.*data_home=.*RESERVOIR_D"
        ):
            fetch()
    # With RESERVOIR_DATA set, no home is needed.
    folder = tmp_path / "santa_fe"
    folder.mkdir()
    (folder / "santafe_laser.txt").write_text("86\n141\n")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    with pytest.raises(DatasetError, match="has 2 values"):
        datasets.fetch_santa_fe()


def test_a_tilde_stands_for_the_home_folder_wherever_a_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    folder = tmp_path / "data" / "fsdd" / "recordings"
    folder.mkdir(parents=True)
    for name, content in CONTENTS.items():
        (folder / name).write_bytes(content)
    release = replace(SMALL, digest=cache.digest_of(CONTENTS))
    choice = {"download_if_missing": False, "release": release}
    assert len(fetch_fsdd("~/data", **choice).data) == 40
    assert len(datasets.load_recordings("~/data/fsdd/recordings").data) == 40
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "~/data")
    assert datasets.data_home() == tmp_path / "data" / "oscillator-reservoir"
    monkeypatch.setenv(cache.VARIABLE, "~/data")
    assert len(fetch_fsdd(**choice).data) == 40


@pytest.mark.parametrize("value", ["~/nothing", "nothing", "~nobody-of-this-name/data"])
def test_a_variable_that_names_no_folder_is_said(value, monkeypatch):
    monkeypatch.setenv(cache.VARIABLE, value)
    fetches = (fetch_fsdd, datasets.fetch_hillenbrand, datasets.fetch_santa_fe)
    for fetch in (*fetches, datasets.load_ti46):
        with pytest.raises(DatasetError, match=f"{value}.*no (such home )?folder"):
            fetch()


def test_files_that_cannot_be_read_are_named(tmp_path, monkeypatch):
    folder = tmp_path / "fsdd" / "recordings"
    folder.mkdir(parents=True)
    for name, content in CONTENTS.items():
        (folder / name).write_bytes(content)
    for place in ("hillenbrand/vowdata.dat", "santa_fe/santafe_laser.txt"):
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).write_text("")

    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    for fetch in (fetch_fsdd, datasets.fetch_hillenbrand, datasets.fetch_santa_fe):
        options = {"release": SMALL} if fetch is fetch_fsdd else {}
        with pytest.raises(DatasetError, match="cannot be read .Permission denied.*or use"):
            fetch(data_home=tmp_path, **options)


# --- archives that are larger than they look --------------------------------------------


def head(name, size, kind):
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf()


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
def test_a_head_of_a_hundred_megabytes_takes_no_memory(kind, tmp_path):
    size = 100 << 20
    with gzip.open(tmp_path / "a.tgz", "wb", compresslevel=1) as file:
        file.write(head("PaxHeader/x", size, kind))
        for _ in range(100):
            file.write(bytes(1 << 20))
        file.write(gzip.decompress(tarball(CONTENTS)))
    assert (tmp_path / "a.tgz").stat().st_size < 1 << 20
    tracemalloc.start()
    with pytest.raises(DatasetError, match="archive is damaged .a head claims 1048"):
        cache.unpack(tmp_path / "a.tgz", tmp_path, lambda path: True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 << 20


def test_what_nobody_wants_is_not_unpacked_for_ever(tmp_path):
    size = 200 << 20
    with gzip.open(tmp_path / "a.tgz", "wb", compresslevel=1) as file:
        file.write(head("fsdd-1/film.mp4", size, tarfile.REGTYPE))
        for _ in range(200):
            file.write(bytes(1 << 20))
        file.write(gzip.decompress(tarball(CONTENTS)))
    with pytest.raises(DatasetError, match="archive is damaged .it unpacks to more than"):
        cache.unpack(tmp_path / "a.tgz", tmp_path, lambda path: path.name in CONTENTS)
    assert not list(tmp_path.glob("*.wav"))


def test_very_many_members_take_no_memory(tmp_path):
    one = head("x", 0, tarfile.REGTYPE)
    with gzip.open(tmp_path / "a.tgz", "wb", compresslevel=1) as file:
        file.write(one * 20_000 + gzip.decompress(tarball(CONTENTS)))
    tracemalloc.start()
    cache.unpack(tmp_path / "a.tgz", tmp_path, lambda path: path.name in CONTENTS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
    assert {p.name: p.read_bytes() for p in tmp_path.glob("*.wav")} == CONTENTS


def test_heads_that_follow_each_other_for_ever_are_damage(tmp_path):
    one = head("x", 10, b"x") + b"10 path=y\n".ljust(512, b"\0")
    with gzip.open(tmp_path / "a.tgz", "wb", compresslevel=1) as file:
        file.write(one * 20_000)
    with pytest.raises(DatasetError, match="archive is damaged"):
        cache.unpack(tmp_path / "a.tgz", tmp_path, lambda path: True)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, bytes])
def test_an_archive_may_be_compressed_in_any_usual_way(pack, tmp_path):
    (tmp_path / "a").write_bytes(pack(gzip.decompress(tarball(CONTENTS))))
    cache.unpack(tmp_path / "a", tmp_path, lambda path: path.name in CONTENTS)
    assert {p.name: p.read_bytes() for p in tmp_path.glob("*.wav")} == CONTENTS
