"""A file appears whole or not at all, and what stands under its name is respected."""

import contextlib
import errno
import os
import stat
import subprocess
import sys
import threading
import time

import pytest

from reservoir import StorageError, _files
from reservoir._files import locked, read_file, replace_file

posix = pytest.mark.skipif(os.name != "posix", reason="links, pipes and modes of POSIX")


def test_content_and_name_appear_together_and_nothing_else(tmp_path):
    for content in (b"", b"first", b"second" * 10**6):
        replace_file(tmp_path / "a.bin", content)
        assert read_file(tmp_path / "a.bin") == content
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


@posix
def test_a_link_is_followed_and_stays(tmp_path):
    replace_file(tmp_path / "store.bin", b"old")
    (tmp_path / "latest.bin").symlink_to(tmp_path / "store.bin")
    replace_file(tmp_path / "latest.bin", b"new")
    assert (tmp_path / "latest.bin").is_symlink()
    assert (tmp_path / "store.bin").read_bytes() == b"new"
    (tmp_path / "later.bin").symlink_to(tmp_path / "made.bin")
    replace_file(tmp_path / "later.bin", b"new")
    assert (tmp_path / "made.bin").read_bytes() == b"new"


@posix
def test_what_is_no_file_is_neither_replaced_nor_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    for name, kind in (("pipe", "a pipe"), ("folder", "a folder"), ("circle", "circle")):
        with pytest.raises(OSError, match=rf"{name} is .*{kind}.*only a file is replaced"):
            replace_file(tmp_path / name, b"new")
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)
    assert (tmp_path / "folder").is_dir() and (tmp_path / "circle").is_symlink()
    for name, kind in (("pipe", "a pipe"), ("folder", "a folder")):
        with pytest.raises(StorageError, match=f"{name} is {kind}; name a file"):
            read_file(tmp_path / name)
    with pytest.raises(StorageError, match="circle cannot be read"):
        read_file(tmp_path / "circle")
    with pytest.raises(FileNotFoundError, match="There is no file"):
        read_file(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError, match="no folder .*missing.* make it"):
        replace_file(tmp_path / "missing" / "a.bin", b"")


@posix
def test_names_that_no_file_can_have_are_refused_in_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="no name of a file; give one without zero"):
        replace_file(tmp_path / "a\0b", b"")
    with pytest.raises(ValueError, match="no name of a file"):
        replace_file("", b"")
    with pytest.raises(OSError, match="name too long.; name another file.$"):
        replace_file(tmp_path / ("x" * 300), b"")
    for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", f"{tmp_path}/folder/"):
        with pytest.raises(OSError, match="name of a folder or of a stream"):
            replace_file(name, b"")
    for name in ("a\0b", "", "a\ud800b"):
        with pytest.raises(ValueError, match="no name of a file"):
            read_file(name)
    (tmp_path / "link").symlink_to(tmp_path / "missing" / "a")
    with pytest.raises(FileNotFoundError, match="no folder .*missing to write a into"):
        replace_file(tmp_path / "link", b"")
    replace_file(os.fsencode(tmp_path / "bytes"), b"a")
    assert read_file(os.fsencode(tmp_path / "bytes")) == b"a"


@posix
def test_permissions_are_kept_and_a_new_file_has_those_of_any_other(tmp_path):
    replace_file(tmp_path / "mine", b"a")
    (tmp_path / "other").write_text("")
    assert (tmp_path / "mine").stat().st_mode == (tmp_path / "other").stat().st_mode
    for mode in (0o600, 0o640, 0o755):
        (tmp_path / "mine").chmod(mode)
        replace_file(tmp_path / "mine", b"b")
        assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == mode


@posix
def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path, monkeypatch):
    replace_file(tmp_path / "a", b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everything
    with pytest.raises(PermissionError, match="may not be written"):
        replace_file(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"


FAILURES = {
    "full when written": ("_write_all", errno.ENOSPC, "No space left"),
    "full when flushed": ("fsync", errno.EDQUOT, "quota"),
    "other bytes": ("_check_written", errno.EIO, "gives back other bytes"),
    "interrupted": ("_check_written", None, ""),
}


@pytest.mark.parametrize("kind", FAILURES)
def test_a_disk_that_fails_leaves_the_earlier_file(kind, tmp_path, monkeypatch):
    name, code, reason = FAILURES[kind]
    replace_file(tmp_path / "a", b"old")

    def fail(*arguments):
        if code is None:
            raise KeyboardInterrupt
        text = "the disk gives back other bytes" if code == errno.EIO else os.strerror(code)
        raise OSError(code, text)

    monkeypatch.setattr(os if name == "fsync" else _files, name, fail)
    if code is None:
        with pytest.raises(KeyboardInterrupt):
            replace_file(tmp_path / "a", b"new")
    else:
        with pytest.raises(
            OSError, match=f"(?i){reason}.*earlier file is as it was"
        ) as caught:
            replace_file(tmp_path / "a", b"new")
        assert caught.value.errno == code
    assert (tmp_path / "a").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_bytes_that_the_disk_changed_are_noticed(tmp_path, monkeypatch):
    replace_file(tmp_path / "a", b"old")
    monkeypatch.setattr(_files, "_write_all", lambda file, content: file.write(b"neW"))
    with pytest.raises(OSError, match="other bytes than were written"):
        replace_file(tmp_path / "a", b"new")
    monkeypatch.setattr(_files, "_write_all", lambda file, content: file.write(b"ne"))
    with pytest.raises(OSError, match="other bytes than were written"):
        replace_file(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"


@posix
def test_a_disk_without_nameless_files_gets_the_same(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    replace_file(tmp_path / "a", b"old")
    replace_file(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@posix
def test_what_a_killed_program_left_is_taken_away_by_the_next(tmp_path, monkeypatch):
    if not hasattr(os, "O_TMPFILE"):
        pytest.skip("this system has no files without a name")

    def killed(*arguments):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        with pytest.raises(SystemExit):
            replace_file(tmp_path / "a", b"old")
    assert [path.name for path in tmp_path.iterdir()] == [".a.part"]
    replace_file(tmp_path / "a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"new"
    replace_file(tmp_path / ("x" * 255), b"long")
    assert (tmp_path / ("x" * 255)).read_bytes() == b"long"


def test_writers_of_one_file_leave_the_whole_file_of_one(tmp_path):
    contents = [bytes([number]) * 200_000 for number in range(8)]

    def work(content):
        for _ in range(10):
            replace_file(tmp_path / "a", content)

    threads = [threading.Thread(target=work, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        with contextlib.suppress(FileNotFoundError):
            assert read_file(tmp_path / "a") in contents
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@posix
@pytest.mark.slow
def test_a_full_disk_in_truth(tmp_path):
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        replace_file(tmp_path / "a", b"old")
        with pytest.raises(OSError, match="No space left.*earlier file is as it was"):
            replace_file(tmp_path / "a", b"x" * 100_000)
        assert (tmp_path / "a").read_bytes() == b"old"
        assert [path.name for path in tmp_path.iterdir()] == ["a"]
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@posix
@pytest.mark.slow
def test_a_program_killed_while_it_writes_leaves_one_whole_file(tmp_path):
    path = tmp_path / "a"
    code = (
        "import sys; from reservoir._files import replace_file\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    for byte in b'ab': replace_file(sys.argv[1], bytes([byte]) * 3_000_000)\n"
    )
    for wait in (0.0, 0.003, 0.011, 0.04, 0.07):
        command = [sys.executable, "-c", code, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
            assert program.stdout.readline() == b"ready\n"
            time.sleep(wait)
            program.kill()
        if path.exists():
            content = path.read_bytes()
            assert content in (b"a" * 3_000_000, b"b" * 3_000_000)
    assert {entry.name for entry in tmp_path.iterdir()} <= {"a", ".a.part"}


@posix
def test_one_at_a_time_holds_the_lock(tmp_path):
    inside, most = [], []

    def work():
        for _ in range(20):
            with locked(tmp_path / "a"):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.0005)
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 160 and max(most) == 1
    assert list(tmp_path.iterdir()) == []


@posix
def test_a_lock_that_never_comes_is_an_error_and_a_dead_program_holds_none(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(_files, "LOCK_TIMEOUT", 0.05)
    code = (
        "import sys; from reservoir._files import locked\n"
        "with locked(sys.argv[1]): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "a")],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
    ) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(TimeoutError, match="has held the lock"), locked(tmp_path / "a"):
            pass
        other.kill()
        other.wait()
        with contextlib.suppress(BrokenPipeError):
            other.stdin.close()
    with locked(tmp_path / "a"):
        pass
    with pytest.raises(FileNotFoundError, match="make it first"):
        with locked(tmp_path / "missing" / "a"):
            pass
