"""Where a measurement was made."""

from __future__ import annotations

import platform
from pathlib import Path

import adsift
import adsift.compiled as package
from adsift.compiled import compiled
from processes import Job, usable_cores


def describe_machine() -> Job:
    """Processor, system and versions, as far as the results depend on them."""
    return {
        "processor": processor(),
        "cores": len(usable_cores()),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        "adsift": adsift.__version__,
        "compiled": is_compiled(),
    }


def is_compiled() -> bool:
    """Whether all of adsift's compiled core was built and is not turned off."""
    sources = [path for folder in package.__path__ for path in Path(folder).glob("*.pyx")]
    return bool(sources) and all(compiled(path.stem) is not None for path in sources)


def processor() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
