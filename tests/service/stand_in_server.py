"""``adsift serve`` with the stand-in for a worker."""

from __future__ import annotations

import sys
from pathlib import Path

from adsift.cli import main
from adsift.service import service

if __name__ == "__main__":
    service.WORKER = (sys.executable, str(Path(__file__).with_name("stand_in_worker.py")))
    main()
