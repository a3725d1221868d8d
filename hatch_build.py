"""Compiles ``src/adsift/compiled`` while a wheel or an editable install is built.

Where there is no compiler, or ``ADSIFT_COMPILED=0`` says so, the result is adsift in pure Python:
the same predictions, many times slower (``docs/decisions/compiled-core.md``). With
``ADSIFT_COMPILED=1`` a compiler that fails is an error, as it is for wheels and in CI.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path("src/adsift/compiled")
FLAGS = (
    ["/O2"] if sys.platform == "win32" else ["-O3", "-g0", "-ffp-contract=off", "-fno-math-errno"]
)
"""Without contraction: a fused multiply-add rounds once where Python rounds twice, and both must
give the same numbers. Without debugging symbols, which Python's own flags ask for: they are four
fifths of an extension, and name the folder that it was built in."""


class CompileHook(BuildHookInterface[Any]):
    """Makes the extensions and adds them to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Called by hatchling before it builds; ``version`` is ``standard`` or ``editable``."""
        wanted = os.environ.get("ADSIFT_COMPILED", "")
        if self.target_name != "wheel" or wanted == "0":
            return
        try:
            built = compile_extensions(Path(self.root))
        except Exception as error:  # a compiler can fail in any way; none is worth an install
            if wanted == "1":
                raise
            self.app.display_warning(f"adsift will run in pure Python, many times slower: {error}")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["artifacts"] += [path.as_posix() for path in built]


def compile_extensions(root: Path) -> list[Path]:
    """Compile every ``.pyx`` in place; the paths of the extensions, from the root."""
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    root, before = root.resolve(), Path.cwd()
    os.chdir(root)
    try:
        extensions = [
            Extension(
                f"adsift.compiled.{path.stem}",
                [str(path)],
                include_dirs=[str(SOURCES)],
                extra_compile_args=FLAGS,
            )
            for path in sorted(SOURCES.glob("*.pyx"))
        ]
        with tempfile.TemporaryDirectory() as scratch:
            distribution = Distribution(
                {
                    "ext_modules": cythonize(
                        extensions, build_dir=scratch, language_level=3, quiet=True
                    ),
                    "package_dir": {"": "src"},
                }
            )
            command = build_ext(distribution)
            command.inplace = True
            command.build_temp = scratch
            command.ensure_finalized()
            command.run()
            return [
                Path(command.get_ext_fullpath(e.name)).resolve().relative_to(root)
                for e in extensions
            ]
    finally:
        os.chdir(before)


if __name__ == "__main__":
    for made in compile_extensions(Path(__file__).parent):
        print(made)
