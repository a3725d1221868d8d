"""Asks the service on this machine whether it answers: the health check of its container.

``python -m adsift.service.probe``; the port is that of ``ADSIFT_PORT``. It ends with 0 or 1.
"""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException

from adsift.service.port import PORT, listening_port


def answers(port: int) -> bool:
    """Whether a service answers there."""
    # No proxy of the environment comes into it, as one would with urllib.
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not answers(listening_port(os.environ.get("ADSIFT_PORT", str(PORT)))))
