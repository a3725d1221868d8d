"""Gets the labelled pages from the public repositories that the labels file names.

    python training/fetch_pages.py --output training/pages
    python training/fetch_pages.py --mirror ../shared/data/pages

Every page is fetched at its pinned commit, and kept only if its SHA-256 is that of the page that
was labelled. What is there already is not fetched again, so a run that was broken off can be
repeated. The pages' texts belong to their authors; the folder is not part of the repository.
Exit codes: 0 all pages are there, 1 some are not, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from adsift.errors import AdsiftError
from labels import LABELS, LabelledPage, read_labels
from page_files import (
    MAX_BYTES,
    MissingPageError,
    WrongPageError,
    decompress,
    read_page,
    verify,
    write_page,
)

PAGES = Path(__file__).parent / "pages"
BASE_URL = "https://raw.githubusercontent.com"
WORKERS = 4
ATTEMPTS = 4
PAUSE = 1.0
"""Seconds before the second attempt; each further pause is twice as long."""

LONGEST_PAUSE = 60.0
TIMEOUT = 30.0
HOPELESS = 8
"""After so many pages in a row that no server answered for, the host counts as out of reach."""

GZIP_MAGIC = b"\x1f\x8b"
_WORTH_REPEATING = {408, 425, 429, 500, 502, 503, 504}

Source = Callable[[LabelledPage], bytes]
"""Gives the bytes of a page, verified; raises MissingPageError or WrongPageError."""


class Outcome(StrEnum):
    """What became of a page."""

    KEPT = "already there"
    FETCHED = "fetched"
    MISSING = "missing"
    DIFFERS = "hash differs"


@dataclass
class Account:
    """What became of all pages.

    Attributes:
        counts: of every outcome.
        failures: id, outcome and reason of the pages that are not there, in order of the labels.
    """

    counts: Counter[Outcome] = field(default_factory=Counter)
    failures: list[tuple[str, Outcome, str]] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{id}: {outcome}: {reason}" for id, outcome, reason in self.failures]
        lines.append(", ".join(f"{self.counts[outcome]:,} {outcome}" for outcome in Outcome))
        return "\n".join(lines)


@dataclass(frozen=True)
class Mirror:
    """A folder that holds the pages, each under its id."""

    folder: Path

    def __call__(self, page: LabelledPage) -> bytes:
        """The page from the folder."""
        return read_page(self.folder, page)


class CodeHost:
    """A server that gives raw files by ``/owner/name/commit/path``.

    Args:
        base_url: address of the server.
        attempts: how often a page is asked for while the server is busy or does not answer.
        pause: seconds before the second attempt.
    """

    def __init__(
        self, base_url: str = BASE_URL, attempts: int = ATTEMPTS, pause: float = PAUSE
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._attempts = attempts
        self._pause = pause
        self._lock = threading.Lock()
        self._silent = 0

    def __call__(self, page: LabelledPage) -> bytes:
        """The page from the server; a file that is compressed in its repository is unpacked."""
        data = self._download(self.address(page))
        try:
            return verify(data, page)
        except WrongPageError:
            if not data.startswith(GZIP_MAGIC):
                raise
            return verify(decompress(data), page)

    def address(self, page: LabelledPage) -> str:
        """Where the page's file is."""
        return "/".join([self._base_url, page.repository, page.commit, quote(page.path)])

    def _download(self, address: str) -> bytes:
        pause = self._pause
        attempt = 1
        while True:
            if self._silent >= HOPELESS:
                raise MissingPageError(f"not asked for, because {self._base_url} does not answer")
            try:
                data = self._get(address)
                self._silent = 0
                return data
            except HTTPError as error:
                self._silent = 0
                reason = f"{address}: {error.code} {error.reason}"
                if error.code not in _WORTH_REPEATING or attempt == self._attempts:
                    raise MissingPageError(reason) from None
                wait = max(pause, _asked_pause(error))
            except (OSError, HTTPException) as error:
                if attempt == self._attempts:
                    with self._lock:
                        self._silent += 1
                    raise MissingPageError(f"{address}: {error or type(error).__name__}") from None
                wait = pause
            time.sleep(min(wait, LONGEST_PAUSE))
            pause *= 2
            attempt += 1

    def _get(self, address: str) -> bytes:
        request = Request(address, headers={"User-Agent": "adsift-training"})
        with urlopen(request, timeout=TIMEOUT) as response:
            data: bytes = response.read(MAX_BYTES + 1)
            # A connection that breaks off raises only when all is asked for at once.
            length = response.headers.get("Content-Length")
        if len(data) > MAX_BYTES:
            raise WrongPageError(f"{address}: more than {MAX_BYTES:,} bytes")
        if length is not None and length.isdecimal() and len(data) < int(length):
            raise ConnectionError(f"broke off after {len(data):,} of {int(length):,} bytes")
        return data


def _asked_pause(error: HTTPError) -> float:
    """Seconds that the server wants us to wait, if it says so."""
    asked = error.headers.get("Retry-After", "") if error.headers else ""
    return float(asked) if asked.isascii() and asked.isdigit() else 0.0


def fetch_pages(
    pages: Sequence[LabelledPage],
    output: Path,
    source: Source,
    workers: int = WORKERS,
    say: Callable[[str], None] = lambda _: None,
) -> Account:
    """Bring all pages into a folder.

    Args:
        pages: what to get.
        output: the folder; made if it is not there.
        source: where pages come from.
        workers: pages at a time.
        say: told of the progress, every so often.

    Raises:
        OSError: the folder cannot be written.
    """
    output.mkdir(parents=True, exist_ok=True)
    account = Account()
    failed: dict[str, tuple[Outcome, str]] = {}
    every = max(1, len(pages) // 20)
    with ThreadPoolExecutor(workers) as pool:
        running = {pool.submit(_fetch, page, output, source): page for page in pages}
        try:
            for done, future in enumerate(as_completed(running), start=1):
                outcome, reason = future.result()
                account.counts[outcome] += 1
                if reason:
                    failed[running[future].id] = outcome, reason
                if done % every == 0:
                    say(f"{done:,} of {len(pages):,} pages, {len(failed):,} of them not there")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    account.failures = [(page.id, *failed[page.id]) for page in pages if page.id in failed]
    return account


def _fetch(page: LabelledPage, output: Path, source: Source) -> tuple[Outcome, str]:
    try:
        read_page(output, page)
        return Outcome.KEPT, ""
    except (MissingPageError, WrongPageError):
        pass  # what is damaged is fetched anew
    try:
        data = source(page)
    except MissingPageError as error:
        return Outcome.MISSING, str(error)
    except WrongPageError as error:
        return Outcome.DIFFERS, str(error)
    write_page(output, page, data)
    return Outcome.FETCHED, ""


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _address(text: str) -> str:
    if urlsplit(text).scheme not in ("http", "https"):
        raise ValueError
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=PAGES, help="folder for the pages")
    parser.add_argument("--labels", type=Path, default=LABELS)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--mirror", type=Path, help="folder to copy the pages from")
    where.add_argument(
        "--base-url", type=_address, default=BASE_URL, help="server of raw files (%(default)s)"
    )
    parser.add_argument("--workers", type=_positive, default=WORKERS, help="pages at a time")
    parser.add_argument("--attempts", type=_positive, default=ATTEMPTS, help="for each page")
    parser.add_argument(
        "--allow-missing", action="store_true", help="exit with 0 if only some pages are not there"
    )
    args = parser.parse_args(arguments)
    if args.mirror and not args.mirror.is_dir():
        parser.error(f"--mirror {args.mirror}: no such folder")
    source = Mirror(args.mirror) if args.mirror else CodeHost(args.base_url, args.attempts)
    try:
        pages = read_labels(args.labels)
        account = fetch_pages(pages, args.output, source, args.workers, _say)
    except AdsiftError as error:
        _say(str(error))
        return 1
    except OSError as error:
        _say(f"{args.output} cannot be written: {error.strerror or error}")
        return 1
    except KeyboardInterrupt:
        _say("interrupted; run it again to get the rest")
        return 130
    _say(str(account))
    nothing = len(account.failures) == len(pages)
    return 1 if nothing or (account.failures and not args.allow_missing) else 0


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
