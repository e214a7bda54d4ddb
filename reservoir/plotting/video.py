"""How do moments become a video? Frames to GIF or MP4, or a page that draws them itself."""

import contextlib
import io
import itertools
import json
import subprocess
import tempfile
from collections.abc import Hashable, Iterable, Iterator, Sequence
from importlib import resources
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from reservoir._files import check_place, replace_file
from reservoir._progress import Progress, no_progress
from reservoir._types import Array
from reservoir.plotting.style import figure_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".gif", ".mp4", ".html")
N_COLORS = 255  # of a GIF, beside the one that stands for "as before"
DPI = 120  # of frames


def check_video(path: str | PathLike[str]) -> str:
    """Refuse a video that cannot be written, before the work that would fill it.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    str
        The suffix: ".gif", ".mp4" or ".html".

    Raises
    ------
    ValueError
        If the suffix is another one, or if MP4 is wanted where there is no ffmpeg.
    OSError
        If the file cannot be written.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(
            f"{path} does not end in .gif, .mp4 or .html, the three kinds of video that are "
            "written; choose one of them."
        )
    check_place(path)
    if suffix == ".mp4" and _ffmpeg() is None:
        raise ValueError(
            f"{path} needs the program ffmpeg, which is not found; install it (Debian: apt "
            "install ffmpeg; conda: conda install ffmpeg), set matplotlib's "
            'rcParams["animation.ffmpeg_path"] to it, or write .gif or .html instead.'
        )
    return suffix


class Video:
    """What moves, and how it is written to a file.

    Notes
    -----
    A subclass says the moments, a stage that shows them, and what the page is made of.

    Attributes
    ----------
    rate : int
        Moments in a second.
    title, drawing : str
        Of the page, and the script that draws it.
    """

    rate: ClassVar[int]
    title: ClassVar[str]
    drawing: ClassVar[str]

    def moments(self) -> Sequence[Hashable]:
        """All moments, in their order."""
        raise NotImplementedError

    def _stage(self) -> "Stage":
        """A figure that shows a moment."""
        raise NotImplementedError

    def _data(self) -> dict[str, Any]:
        """What the page draws."""
        raise NotImplementedError

    def save(self, path: str | PathLike[str], *, progress: Progress = no_progress) -> None:
        """Write the video; the suffix says how.

        Parameters
        ----------
        path : str or path-like
            .gif; .mp4, which needs ffmpeg; or .html, a page with play, pause and a slider
            that needs no network.
        progress : callable
            Wraps the iterator of frames, e.g. in a tqdm bar.

        Raises
        ------
        ValueError
            If the suffix is another one, or if MP4 is wanted where there is no ffmpeg.
        OSError
            If the file cannot be written; an earlier file is then as it was.
        """
        if check_video(path) == ".html":
            save_page(path, title=self.title, drawing=self.drawing, data=self._data())
            return
        with figure_style():
            save_frames(
                self._stage(), self.moments(), path, rate=self.rate, progress=progress
            )


class Stage(Protocol):
    """A figure in which artists move from moment to moment.

    Attributes
    ----------
    figure : matplotlib figure
    slow : list of artists
        What changes with the scene only, in the order in which it is drawn.
    moving : list of artists
        What may change with every moment; it is drawn over the slow ones.
    """

    figure: "Figure"
    slow: list[Any]
    moving: list[Any]

    def show(self, moment: Any) -> None:
        """Move everything to a moment."""

    def scene(self, moment: Any) -> Hashable:
        """What two moments have in common in which the slow artists look the same."""


def save_frames(
    stage: Stage,
    moments: Sequence[Any],
    path: str | PathLike[str],
    *,
    rate: int,
    progress: Progress = no_progress,
) -> None:
    """Draw moment after moment into a GIF or MP4 file that appears when it is complete.

    What stays is drawn once, what is slow once for each scene, and a moment that equals the
    one before is not drawn again.

    Parameters
    ----------
    stage : Stage
    moments : sequence
        One for each frame.
    path : str or path-like
        Ends in .gif or .mp4.
    rate : int
        Frames in a second.
    progress : callable
        Wraps the iterator of frames, e.g. in a tqdm bar.

    Raises
    ------
    ValueError, OSError
        As for `check_video`; an earlier file is then as it was.
    """
    suffix = check_video(path)
    drawn = progress(_frames(stage, moments), len(moments))
    replace_file(path, _gif(drawn, rate) if suffix == ".gif" else _mp4(drawn, rate))


def save_page(
    path: str | PathLike[str], *, title: str, drawing: str, data: dict[str, Any]
) -> None:
    """Write a page that plays a video by itself, with play, pause and a slider.

    It holds data and script, and needs no network.

    Parameters
    ----------
    path : str or path-like
        Ends in .html.
    title : str
    drawing : str
        Name of the script in `reservoir/plotting/pages` that draws a moment.
    data : dict
        What the script draws, as JSON can hold it.

    Raises
    ------
    ValueError, OSError
        As for `check_video`.
    """
    check_video(path)
    parts = {
        "TITLE": title.replace("&", "&amp;").replace("<", "&lt;"),
        # A name of a class may hold the end of a script.
        "DATA": json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
        "DRAWING": _script("drawing.js") + _script(drawing),
        "PLAYER": _script("player.js"),
    }
    before, *rest = _script("page.html").split("{{")
    filled = [before]
    for piece in rest:  # in one pass, so that no part is searched for the names of others
        name, after = piece.split("}}", 1)
        filled.append(parts[name] + after)
    replace_file(path, "".join(filled).encode())


def picture_url(image: Array) -> str:
    """A picture inside a page.

    Parameters
    ----------
    image : ndarray of shape (n_rows, n_columns, 3)
        Red, green and blue from 0 to 1; the first row is on top.

    Returns
    -------
    str
        A PNG with a palette, as a data URL.
    """
    from base64 import b64encode

    from PIL import Image

    content = io.BytesIO()
    shades = (255 * np.asarray(image)).round().astype(np.uint8)
    Image.fromarray(shades).quantize(64, dither=Image.Dither.NONE).save(content, "png")
    return "data:image/png;base64," + b64encode(content.getvalue()).decode()


def _script(name: str) -> str:
    """A part of a page, from the files of the package."""
    part = resources.files("reservoir.plotting") / "pages" / name
    return part.read_text(encoding="utf-8")


def _ffmpeg() -> str | None:
    """The path of ffmpeg, as matplotlib knows it; None if there is none."""
    from matplotlib.animation import FFMpegWriter

    return str(FFMpegWriter.bin_path()) if FFMpegWriter.isAvailable() else None


def _frames(stage: Stage, moments: Sequence[Any]) -> Iterator[Array]:
    """Red, green and blue of every frame; an even number of rows and columns."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = stage.figure
    figure.set_dpi(DPI)
    canvas: Any = FigureCanvasAgg(figure)
    stage.show(moments[-1])
    canvas.draw()  # with everything, so that the layout leaves room for all
    figure.set_layout_engine("none")
    for artist in (*stage.slow, *stage.moving):
        artist.set_animated(True)
    canvas.draw()
    still = scenery = canvas.copy_from_bbox(figure.bbox)
    scene: Hashable = None
    before: Any = None
    for moment in moments:
        if moment != before:
            stage.show(moment)
            if scene is None or stage.scene(moment) != scene:
                scene = stage.scene(moment)
                canvas.restore_region(still)
                for artist in stage.slow:
                    figure.draw_artist(artist)
                scenery = canvas.copy_from_bbox(figure.bbox)
            canvas.restore_region(scenery)
            for artist in stage.moving:
                figure.draw_artist(artist)
            shades = np.asarray(canvas.buffer_rgba())[..., :3]
            n_rows, n_columns = shades.shape[0] // 2 * 2, shades.shape[1] // 2 * 2
            frame = np.ascontiguousarray(shades[:n_rows, :n_columns])
            before = moment
        yield frame


def _gif(frames: Iterable[Array], rate: int) -> bytes:
    """The content of a GIF file, with the colours of its first frame for all."""
    from PIL import Image

    content = io.BytesIO()
    stream = iter(frames)
    first = Image.fromarray(next(stream)).quantize(N_COLORS, dither=Image.Dither.NONE)
    rest = (
        Image.fromarray(frame).quantize(palette=first, dither=Image.Dither.NONE)
        for frame in stream
    )
    first.save(
        content,
        "gif",
        save_all=True,
        append_images=rest,
        duration=round(1000 / rate),
        loop=0,
        optimize=False,
    )
    return content.getvalue()


def _mp4(frames: Iterable[Array], rate: int) -> bytes:
    """The content of an MP4 file: H.264, which every browser and lecture program plays."""
    stream = iter(frames)
    first = next(stream)
    n_rows, n_columns = first.shape[:2]
    # ffmpeg goes back in a file when it ends, so it needs one, in a folder that vanishes.
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "video.mp4"
        command = [
            *(str(_ffmpeg()), "-loglevel", "error", "-f", "rawvideo"),
            *("-pix_fmt", "rgb24", "-s", f"{n_columns}x{n_rows}", "-r", str(rate)),
            *("-i", "pipe:0", "-c:v", "libx264", "-pix_fmt", "yuv420p"),
            *("-movflags", "+faststart", str(written)),
        ]
        with tempfile.TemporaryFile() as complaints:
            # A pipe breaks if ffmpeg has ended, and its complaint says why.
            with (
                contextlib.suppress(BrokenPipeError),
                subprocess.Popen(
                    command, stdin=subprocess.PIPE, stderr=complaints
                ) as program,
            ):
                for frame in itertools.chain([first], stream):
                    program.stdin.write(frame.tobytes())  # type: ignore[union-attr]
            if program.returncode != 0:
                complaints.seek(0)
                reason = complaints.read().decode(errors="replace").strip()
                raise OSError(f"ffmpeg could not write the video: {reason or 'no reason'}.")
        return written.read_bytes()
