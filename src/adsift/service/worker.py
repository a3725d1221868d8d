"""A worker: a process that holds the model and does one job after the other.

Jobs come on standard input and answers go to standard output, as frames.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from adsift.separator import Separator
from adsift.service.frames import pack_head, read_frame
from adsift.service.work import Job, do

READY = {"ready": True}
BEGUN = {"begun": True}
"""Says that a job has been read: who dies before has not died of it."""


def main() -> None:
    """Work until the server hangs up.

    The arguments are the folder where the model lies (:mod:`adsift.model.shared`) and the seconds
    after which a job is given up.
    """
    folder, patience = sys.argv[1:]
    run(load(Path(folder)), float(patience))


def load(folder: Path) -> Separator:
    """The model, ready for its first document."""
    from threadpoolctl import threadpool_limits

    from adsift.model.shared import load_shared

    # There is a worker a core, so each does its matrix products on one thread.
    threadpool_limits(1, user_api="blas")
    sift = Separator(load_shared(folder))
    # What is imported when it is first needed would make the first documents late.
    for source in ("Text.", "# Markdown", "<p>HTML</p>"):
        sift.strip(source)
    return sift


def run(sift: Separator, patience: float) -> None:
    """Answer the jobs on standard input."""
    # Ctrl-C, systemd and terminals signal the whole group. Only the server decides when a worker
    # ends.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    faulthandler.enable()
    jobs = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library might print must not come among the frames.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    answers.write(pack_head(READY, b""))
    answers.flush()
    while (frame := read_frame(jobs)) is not None:
        fields, body = frame
        answers.write(pack_head(BEGUN, b""))
        answers.flush()
        # The server kills a worker that hangs; this is for one whose server is gone.
        faulthandler.dump_traceback_later(patience, exit=True)
        answer = do(Job(body=body, **{**fields, "wanted": tuple(fields["wanted"])}), sift)
        faulthandler.cancel_dump_traceback_later()
        head = {**asdict(answer), "body": None}
        answers.write(pack_head(head, answer.body))
        answers.write(answer.body)
        answers.flush()


if __name__ == "__main__":
    main()
