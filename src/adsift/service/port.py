"""The port that a service listens on, as its environment says it."""

from __future__ import annotations

PORT = 8000


def listening_port(text: str) -> int:
    """The port of a value of ``ADSIFT_PORT``.

    Kubernetes, and the links of Docker, set a variable of that name in the containers beside a
    service that is called ``adsift``, to its address: ``tcp://10.0.0.1:8000``. Nobody means that.

    Raises:
        ValueError: it is no number.
    """
    return PORT if text.startswith(("tcp://", "udp://", "sctp://")) else int(text)
