"""Is a downloaded archive unpacked whole or not at all, whatever a server sends?

The server is this process and listens on 127.0.0.1. "archives" and "answers" are archives
and answers made on purpose, "damaged" is random damage. After each try the recordings are
absent or complete, nothing lies outside of them, and what was refused was refused in a
sentence.
"""

import contextlib
import gzip
import io
import lzma
import os
import shutil
import socket
import struct
import tarfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from damages import damage
from harness import (
    OK,
    REFUSED,
    Outcome,
    Part,
    PeakMemory,
    generator,
    is_sentence,
    main,
    scratch,
    short,
    without_values,
)
from reservoir.datasets import DatasetError, fetch_fsdd
from reservoir.datasets.cache import digest_of
from reservoir.datasets.fsdd import Release

os.environ.pop("RESERVOIR_DATA", None)
FOLDER = scratch("archives")
SPEAKERS = ("ann", "bob")
MAX_GROWTH = 300 << 20  # bytes that an archive may cost beyond the recordings in it


def sound(seed: int) -> bytes:
    """A short WAVE file."""
    samples = np.random.default_rng(seed).integers(-3000, 3000, 200).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    size = struct.pack("<I", len(samples))
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + size + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


FILES = {
    f"{digit}_{speaker}_{i}.wav": sound(digit * 10 + i + len(speaker))
    for digit in range(10)
    for speaker in SPEAKERS
    for i in range(2)
}
DIGEST = digest_of(FILES)
FIRST = next(iter(FILES))
REST = {name: content for name, content in FILES.items() if name != FIRST}
WANTED = f"fsdd-1.0/recordings/{FIRST}"


def archive(files=FILES, first=(), last=(), root="fsdd-1.0/recordings") -> bytes:
    """A tar archive of files, with other members first and last: names, contents, types."""
    out = io.BytesIO()
    members = [
        (f"{root}/{name}", content, tarfile.REGTYPE) for name, content in files.items()
    ]
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content, kind in (*first, *members, *last):
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind == tarfile.REGTYPE:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            else:
                info.linkname = content
                tar.addfile(info)
    return out.getvalue()


GOOD = gzip.compress(archive(), mtime=0)


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """The head of a member alone."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf()


def bomb(kind: bytes, megabytes: int) -> bytes:
    """A member of so many megabytes of zeros, before a good archive."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9, mtime=0) as stream:
        stream.write(header("PaxHeader/x", megabytes << 20, kind))
        for _ in range(megabytes):
            stream.write(bytes(1 << 20))
        stream.write(archive())
    return out.getvalue()


def extended(record: bytes) -> bytes:
    """An extended header before a good archive."""
    head = header("PaxHeader/x", len(record), tarfile.XHDTYPE)
    return gzip.compress(head + record.ljust(512, b"\0") + archive())


def instead(content: str, kind: bytes) -> bytes:
    """A link or a device in the place of the first recording."""
    return gzip.compress(archive(REST, last=[(WANTED, content, kind)]))


def besides(name: str, content: bytes = b"x") -> bytes:
    """One more member."""
    return gzip.compress(archive(first=[(name, content, tarfile.REGTYPE)]))


# What is sent, and whether it must be taken (True), refused (False), or may be either (None).
ARCHIVES = {
    "good": (lambda: GOOD, True),
    "not compressed": (archive, True),
    "lzma": (lambda: lzma.compress(archive()), True),
    "two streams": (
        lambda: gzip.compress(archive()[:5000]) + gzip.compress(archive()[5000:]),
        True,
    ),
    "empty": (lambda: b"", False),
    "a page": (lambda: b"<html><body>Please sign in</body></html>", False),
    "zip": (lambda: b"PK\x03\x04" + bytes(200), False),
    "parent": (lambda: besides("fsdd-1.0/recordings/../../../evil.wav"), None),
    "absolute": (lambda: besides(f"{FOLDER}/evil.wav"), None),
    "backslash": (lambda: besides("fsdd\\..\\evil.wav"), None),
    "odd name": (lambda: besides("fsdd\n/x"), True),
    "link": (lambda: instead("/etc/passwd", tarfile.SYMTYPE), False),
    "hard link": (lambda: instead("/etc/passwd", tarfile.LNKTYPE), False),
    "device": (lambda: instead("", tarfile.CHRTYPE), False),
    "pipe": (lambda: instead("", tarfile.FIFOTYPE), False),
    "folder": (lambda: instead("", tarfile.DIRTYPE), False),
    "one missing": (lambda: gzip.compress(archive(REST)), False),
    "one altered": (lambda: gzip.compress(archive(FILES | {FIRST: sound(999)})), False),
    "one empty": (lambda: gzip.compress(archive(FILES | {FIRST: b""})), False),
    "one of 20 MB": (lambda: gzip.compress(archive(FILES | {FIRST: bytes(20 << 20)})), False),
    "other folder": (lambda: gzip.compress(archive(root="fsdd-1.0/other")), False),
    "claims a terabyte": (
        lambda: gzip.compress(header(WANTED, 1 << 40) + bytes(1024)),
        False,
    ),
    "extended header of 600 MB": (lambda: bomb(tarfile.XHDTYPE, 600), None),
    "global header of 600 MB": (lambda: bomb(tarfile.XGLTYPE, 600), None),
    "long name of 600 MB": (lambda: bomb(tarfile.GNUTYPE_LONGNAME, 600), None),
    "length in a header": (lambda: extended(b"99999999999999999999 path=x\n"), None),
    "size in a header": (lambda: extended(b"20 size=99999999999\n"), None),
    "word for a size": (lambda: extended(b"13 size=abcd\n"), None),
    "negative size": (lambda: extended(b"11 size=-5\n"), None),
    "wrong checksum": (lambda: GOOD[:-8] + b"\0\0\0\0" + GOOD[-4:], None),
    "more behind": (lambda: GOOD + b"garbage" * 50, None),
}
ANSWERS = {
    **dict.fromkeys(("404", "500", "403", "reset", "nothing", "cut chunks"), False),
    **dict.fromkeys(("too long", "circle", "to a file"), False),
    **dict.fromkeys(("chunks", "no length", "slow"), True),
    **dict.fromkeys(("too short", "negative length", "word for a length", "204"), None),
    **dict.fromkeys(("no number", "many headers", "endless"), None),
}
LENGTHS = {"too long": 100, "too short": -100, "negative length": -(10**9)}


class Handler(BaseHTTPRequestHandler):
    """Answers as the server was told to."""

    def log_message(self, *_):
        """Say nothing."""

    def do_GET(self):
        """Send the archive, in a way that may be wrong."""
        how, body = self.server.how, self.server.body
        if how in ("404", "500", "403"):
            return self.send_error(int(how))
        if how in ("reset", "nothing"):
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            return self.connection.close()
        if how == "no number":
            return self.wfile.write(b"HTTP/1.0 abc nonsense\r\n\r\n" + body)
        self.send_response({"204": 204, "circle": 301, "to a file": 301}.get(how, 200))
        if how in ("circle", "to a file"):
            self.send_header(
                "Location", self.path if how == "circle" else "file:///etc/passwd"
            )
            return self.end_headers()
        for number in range(500 if how == "many headers" else 0):
            self.send_header(f"X-{number}", "y")
        if "chunks" in how:
            self.send_header("Transfer-Encoding", "chunked")
        elif how == "word for a length":
            self.send_header("Content-Length", "many")
        elif how not in ("no length", "endless"):
            self.send_header("Content-Length", str(len(body) + LENGTHS.get(how, 0)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.send_body(how, body)

    def send_body(self, how: str, body: bytes) -> None:
        """The archive itself."""
        step = 1000 if "chunks" in how else max(len(body) // 10, 1)
        for place in range(0, len(body), step):
            part = body[place : place + step]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part) if "chunks" in how else part)
            if how == "slow":
                time.sleep(0.05)
            if how == "cut chunks" and place > 2000:
                return
        if how == "chunks":
            self.wfile.write(b"0\r\n\r\n")
        for _ in range(30 if how == "endless" else 0):
            self.wfile.write(os.urandom(1 << 20))


class Server(ThreadingHTTPServer):
    """Threads that end with the process, and no complaints."""

    daemon_threads = True

    def handle_error(self, *_):
        """Say nothing."""


def fetch(how: str, body: bytes, expected: bool | None, kind: str) -> Outcome:
    """Serve a body, fetch it, and look at what is there."""
    home = FOLDER / f"home-{os.getpid()}"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    server = Server(("127.0.0.1", 0), Handler)
    server.how, server.body = how, body
    threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/fsdd.tar.gz"
    error = None
    try:
        with PeakMemory() as peak:
            try:
                fetch_fsdd(home, release=Release(url, SPEAKERS, 2, DIGEST))
            except Exception as caught:
                error = caught
    finally:
        server.shutdown()
        server.server_close()
    payload = body if len(body) < 1 << 20 else b""
    if peak.grown > MAX_GROWTH:
        note = f"{peak.grown >> 20} MB for {len(body) >> 10} kB"
        return Outcome("memory", kind, note, payload, "bin")
    wrong = objection(home, error, expected)
    if wrong:
        note = short(error) if error else ""
        return Outcome("wrong", f"{kind}: {wrong}", note, payload, "bin")
    if error is None:
        return OK
    if isinstance(error, DatasetError) and is_sentence(error):
        return REFUSED
    return Outcome(
        "unclear", f"{kind}: {without_values(short(error))}", short(error), payload, "bin"
    )


def objection(home, error, expected) -> str:
    """What is wrong with the folder after a try; nothing if it is as it should be."""
    target = home / "fsdd" / "recordings"
    inside = (
        {path.name: path.read_bytes() for path in target.iterdir()} if target.exists() else {}
    )
    known = {home / "fsdd", target, *(target / name for name in inside)}
    if set(home.rglob("*")) - known or (FOLDER / "evil.wav").exists():
        return "something lies outside of the recordings"
    if inside and inside != FILES:
        return "the recordings are not complete"
    if error is None and (expected is False or not inside):
        return "it is taken"
    return "it is refused" if error is not None and expected is True else ""


def archives(_: int, number: int) -> Outcome:
    """An archive made on purpose."""
    name = list(ARCHIVES)[number]
    make, expected = ARCHIVES[name]
    return fetch("good", make(), expected, name)


def answers(_: int, number: int) -> Outcome:
    """An answer made on purpose."""
    how = list(ANSWERS)[number]
    return fetch(how, GOOD, ANSWERS[how], how)


def damaged(seed: int, number: int) -> Outcome:
    """Random damage."""
    rng = generator(seed, "damaged", number)
    what, body = damage(rng, GOOD if rng.random() < 0.5 else archive())
    return fetch("good", body, None, f"damaged: {what}")


if __name__ == "__main__":
    parts = {
        "answers": Part(answers, n_cases=len(ANSWERS), case_seconds=60),
        "damaged": Part(damaged, case_seconds=30),
        "archives": Part(
            archives, n_cases=len(ARCHIVES), case_seconds=60, alone=True, least_seconds=8
        ),
    }
    main(__file__, parts)
