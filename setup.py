"""Build the compiled core: most kernel files become one extension per instruction set.

`_core/processor.pyx` asks the processor what it can do, and `_core/__init__.py` loads
the fastest build that it can run, so that one x86-64 wheel runs everywhere.

Cython finds a `.pxd` by folder, not through `package-dir`, so the sources are first laid
out in `build/cython/reservoir/_core`, as Python will see them.
"""

import os
import platform
import shutil
import sys
import sysconfig
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

CORE = Path("_core")
TREE = Path("build/cython")
SHARED = "reservoir._core.shared"  # what every kernel needs of memoryviews, compiled once
# One build for all machines: the file that chooses, and kernels that gain nothing from wider
# vectors (`ONE_BUILD` in `_core/__init__.py`).
ONCE = {"processor", "adam", "delay_node", "readout", "relaxation"}

# The library must not depend on how NaN is handled, so no -ffast-math: these three only
# say that nobody reads errno, floating-point traps or the sign of a zero. Python's own flags
# ask for debugging symbols, which would be nine tenths of a wheel: -g0 takes them away.
COMMON_FLAGS = {
    "unix": ["-O3", "-g0", "-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros"],
    "msvc": ["/O2"],
}
X86_FLAGS = {
    "unix": {
        "baseline": [],
        "avx2": ["-mavx2", "-mfma"],
        "avx512": [
            "-mavx2",
            "-mfma",
            *("-mavx512" + part for part in ("f", "bw", "dq", "vl")),
            "-mprefer-vector-width=512",
        ],
    },
    "msvc": {"baseline": [], "avx2": ["/arch:AVX2"], "avx512": ["/arch:AVX512"]},
}
ON_X86 = platform.machine().lower() in {"x86_64", "amd64"}
CHECKED = os.environ.get("RESERVOIR_CHECKED_CORE", "0") == "1"
SANITIZER = os.environ.get("RESERVOIR_SANITIZE", "")  # "address" or another of the compiler's
# Python's stable interface: one build serves version 3.11 and every later one, and costs a
# quarter of a microsecond a call. A Python without the global lock has no such interface.
ANY_PYTHON = not sysconfig.get_config_var("Py_GIL_DISABLED")
STABLE = {
    "py_limited_api": ANY_PYTHON,
    "define_macros": [("Py_LIMITED_API", "0x030B0000")] if ANY_PYTHON else [],
}
SANITIZER_FLAGS = [f"-fsanitize={SANITIZER}", "-fno-omit-frame-pointer", "-g", "-O1"]


def lay_out():
    """Copy the sources to the tree, keeping time stamps, and list the extensions."""
    folder = TREE / "reservoir" / "_core"
    folder.mkdir(parents=True, exist_ok=True)
    (TREE / "reservoir" / "__init__.py").touch()
    for path in [CORE / "__init__.py", *CORE.glob("*.pxd")]:
        shutil.copy2(path, folder)
    extensions = [Extension(SHARED, [(folder / "shared.c").as_posix()], **STABLE)]
    for path in sorted(CORE.glob("*.pyx")):
        several = ON_X86 and path.stem not in ONCE
        builds = X86_FLAGS["unix"] if several else ["baseline"]
        for build in builds:
            name = path.stem if path.stem in ONCE else f"{path.stem}_{build}"
            copy = folder / f"{name}.pyx"
            shutil.copy2(path, copy)
            extensions.append(
                Extension(f"reservoir._core.{name}", [copy.as_posix()], **STABLE)
            )
    return extensions


class BuildKernels(build_ext):
    """Build side by side, each with the flags of the instruction set in its name."""

    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def build_extension(self, ext):
        compiler = "msvc" if self.compiler.compiler_type == "msvc" else "unix"
        build = ext.name.rpartition("_")[2]
        flags = X86_FLAGS[compiler].get(build, []) if ON_X86 else []
        ext.extra_compile_args = COMMON_FLAGS[compiler] + flags
        if ext.name == SHARED and compiler == "unix":
            ext.extra_compile_args += ["-Os"]  # no loop of a kernel is in there
        if sys.platform == "linux":
            ext.extra_link_args = ["-Wl,-s"]  # no table of symbols either
        if SANITIZER:
            ext.extra_compile_args += SANITIZER_FLAGS
            ext.extra_link_args = SANITIZER_FLAGS[:1]
        super().build_extension(ext)


setup(
    ext_modules=cythonize(
        lay_out(),
        include_path=[str(TREE)],
        shared_utility_qualified_name=SHARED,
        compiler_directives={
            "language_level": 3,
            "boundscheck": CHECKED,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": False,
        },
        force=CHECKED or bool(SANITIZER),
    ),
    cmdclass={"build_ext": BuildKernels},
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if ANY_PYTHON else {},
)
