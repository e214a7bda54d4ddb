"""Which sound is it, if none that is read? Names of codecs and containers, and the cure.

A file of this kind is whole: to call it damaged would send its owner to copy it anew, which
never helps.
"""

import shlex

# Codec by its tag in the format of a WAVE file.
CODECS = {
    0x0002: "Microsoft ADPCM",
    0x0010: "OKI ADPCM",
    0x0011: "IMA ADPCM",
    0x0014: "G.723 ADPCM",
    0x0017: "Dialogic OKI ADPCM",
    0x0020: "Yamaha ADPCM",
    0x0022: "TrueSpeech",
    0x0028: "LPC",
    0x0031: "GSM 6.10",
    0x0040: "G.721 ADPCM",
    0x0041: "G.728 CELP",
    0x0042: "G.723.1",
    0x0045: "G.726 ADPCM",
    0x0050: "MPEG layer 1 or 2",
    0x0055: "MP3",
    0x0057: "AMR",
    0x0058: "AMR wideband",
    0x0061: "DK4 ADPCM",
    0x0062: "DK3 ADPCM",
    0x0064: "G.726 ADPCM",
    0x0065: "G.722 ADPCM",
    0x0069: "IMA ADPCM (Xbox)",
    0x0083: "G.729",
    0x00FF: "AAC",
    0x0130: "Sipro ACELP",
    0x0160: "Windows Media Audio 1",
    0x0161: "Windows Media Audio 2",
    0x0162: "Windows Media Audio Professional",
    0x0163: "Windows Media Audio Lossless",
    0x0200: "Creative ADPCM",
    0x0270: "ATRAC3",
    0x028E: "G.722.1",
    0x1600: "AAC",
    0x1602: "AAC",
    0x1610: "AAC",
    0x2000: "AC-3",
    0x2001: "DTS",
    0x2002: "RealAudio",
    0x674F: "Vorbis",
    0x6750: "Vorbis",
    0x6751: "Vorbis",
    0x676F: "Vorbis",
    0x6770: "Vorbis",
    0x6771: "Vorbis",
    0x704F: "Opus",
    0xA106: "AAC",
    0xA109: "Speex",
    0xA112: "G.722",
    0xA123: "G.729",
    0xF1AC: "FLAC",
}

# Sound in other containers, by the bytes at a place of the file.
AUDIO = (
    (0, b"ID3", "MP3 audio"),
    (4, b"ftyp", "MPEG-4 audio (M4A, MP4 or 3GP)"),
    (0, b"\x1a\x45\xdf\xa3", "WebM or Matroska"),
    (0, b"caff", "Apple's Core Audio Format (CAF)"),
    (0, b"#!AMR", "AMR audio"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media Audio (WMA)"),
    (0, b".snd", "Sun audio (AU)"),
    (0, b"dns.", "Sun audio (AU)"),
    (0, b"riff\x2e\x91\xcf\x11", "Sony Wave64"),
    (0, b"RIFX", "WAVE with the high byte first (RIFX)"),
    (0, b"\x0b\x77", "AC-3 audio"),
    (0, b"wvpk", "WavPack audio"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"MPCK", "Musepack audio"),
    (0, b"MP+", "Musepack audio"),
    (0, b"TTA1", "True Audio"),
    (0, b".RMF", "RealAudio"),
    (0, b".ra\xfd", "RealAudio"),
    (0, b"DSD ", "DSD audio"),
    (0, b"FRM8", "DSD audio"),
    (0, b"Creative Voice File", "Creative Voice"),
)
# What takes the place of a clip when files are moved, by the first bytes.
NO_AUDIO = (
    (b"version https://git-lfs", "a pointer of Git LFS, not the clip. Run git lfs pull."),
    (b"\x00\x05\x16\x07", "what macOS keeps beside a file (AppleDouble). Leave it out."),
    (b"<!DOCTYPE", "a page of a web site. Download the clip itself."),
    (b"<!doctype", "a page of a web site. Download the clip itself."),
    (b"<html", "a page of a web site. Download the clip itself."),
    (b"PK\x03\x04", "a ZIP archive. Unpack it."),
    (b"\x1f\x8b", "compressed by gzip. Unpack it."),
)
AIFF_KINDS = (b"AIFF", b"AIFC")  # of all that begin with FORM, these are read
RIFF_KINDS = {b"AVI ": "AVI video", b"RMID": "MIDI, which holds notes and no sound"}


def foreign_kind(content: bytes, name: str) -> str | None:
    """A sentence on a file that is whole and of a kind that is not read.

    Parameters
    ----------
    content : bytes
    name : str
        Name of the file, for the message.

    Returns
    -------
    str or None
        None if the kind is not known.
    """
    for beginning, what in NO_AUDIO:
        if content.startswith(beginning):
            return f"{name} is {what}"
    kind = None
    for place, magic, what in AUDIO:
        if content[place : place + len(magic)] == magic:
            kind = what
    if content[:4] == b"RIFF":
        kind = RIFF_KINDS.get(content[8:12])
    if content[:4] == b"FORM" and len(content) >= 12 and content[8:12] not in AIFF_KINDS:
        kind = f"IFF of the kind {content[8:12]!r} (not AIFF)"
    if kind is None and len(content) > 2 and content[0] == 0xFF:
        kind = _of_mpeg(content[1])
    return (
        None if kind is None else f"{name} is {kind}, which is not read. {conversion(name)}"
    )


def _of_mpeg(second: int) -> str | None:
    """Kind of a stream of MPEG frames, from the byte after the first, 0xFF."""
    if second == 0xFE:  # with 0xFF before it, the beginning of a text in UTF-16
        return None
    if second & 0xF6 == 0xF0:  # twelve bits of a frame's mark, then layer 0
        return "AAC audio"
    if second & 0xE0 == 0xE0 and second & 0x18 != 0x08 and second & 0x06 != 0x00:
        return "MP3 audio" if second & 0x06 == 0x02 else "MPEG audio"
    return None


def conversion(name: str) -> str:
    """The cure: how a file that is whole becomes one that is read."""
    command = f"ffmpeg -i {shlex.quote(name)} -ac 1 -c:a pcm_s16le OUT.wav"
    return f"Convert it, e.g. {command} to get a WAVE file."
