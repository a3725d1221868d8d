"""A folder of pages: one compressed file a page, named by its id, each known by its hash."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from pathlib import Path

from adsift.cli.output import AtomicFile
from adsift.errors import LabelledDataError
from labels import LabelledPage

MAX_BYTES = 64 * 2**20
"""No page is nearly as large, and a few bytes can decompress to more than fits in memory."""


class MissingPageError(LabelledDataError):
    """A page is not where it was looked for."""


class WrongPageError(LabelledDataError):
    """What stands in a page's place is not the page that was labelled."""


def decompress(data: bytes) -> bytes:
    """What gzip has compressed, if it is not too much to be a page.

    Raises:
        WrongPageError: it is not from gzip, damaged, or longer than :data:`MAX_BYTES`.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            page = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise WrongPageError(f"cannot be decompressed: {error}") from None
    if len(page) > MAX_BYTES:
        raise WrongPageError(f"decompresses to more than {MAX_BYTES:,} bytes")
    return page


def verify(data: bytes, page: LabelledPage) -> bytes:
    """The page's bytes, if these are they.

    Raises:
        WrongPageError: they hash to something else.
    """
    digest = hashlib.sha256(data).hexdigest()
    if digest != page.sha256:
        raise WrongPageError(f"SHA-256 is {digest}, but {page.sha256} was labelled")
    return data


def read_page(folder: Path, page: LabelledPage) -> bytes:
    """The bytes of a page from a folder of pages.

    Raises:
        MissingPageError: it is not there, or cannot be read.
        WrongPageError: the file holds something else.
    """
    path = folder / page.file_name
    try:
        compressed = path.read_bytes()
    except FileNotFoundError:
        raise MissingPageError(f"{path} does not exist") from None
    except OSError as error:
        raise MissingPageError(f"{path} cannot be read: {error.strerror}") from None
    try:
        return verify(decompress(compressed), page)
    except WrongPageError as error:
        raise WrongPageError(f"{path}: {error}") from None


def write_page(folder: Path, page: LabelledPage, data: bytes) -> None:
    """Put a page into a folder of pages; it appears there only when it is whole."""
    file = AtomicFile(folder / page.file_name)
    try:
        file.write(data)
    except BaseException:
        file.discard()
        raise
    file.commit()
