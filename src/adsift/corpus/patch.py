"""Patches: what was, told by what is. A restored file is the output plus its patches.

A patch is the original, compressed by Zstandard with the output as its dictionary, so it holds
little more than what was removed. It works for every format alike, since it knows of bytes only.
"""

from __future__ import annotations

import hashlib

from adsift.errors import DocumentError

_DIGEST = 8
_LEVEL = 1  # with a dictionary so alike, a higher one gains a tenth and takes twice as long
# log2 of the window's bytes that share an entry of the hash table. With 3 patches become up to
# three hundredths smaller and take up to twice as long; with 5 up to nine times as large.
_TABLE = 4
_MAX_WINDOW = 31  # log2 of bytes; what a 64-bit decoder can be told to allow


def make_patch(original: bytes, now: bytes) -> bytes:
    """Tell how to get from what is now to what was.

    Returns:
        The patch: empty if nothing has changed.
    """
    if original == now:
        return b""
    import zstandard

    window = min(max(len(original) + len(now), 1 << 10).bit_length(), _MAX_WINDOW)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, window_log=window, hash_log=max(window - _TABLE, 10), write_checksum=True
    )
    basis = zstandard.ZstdCompressionDict(now, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    compressor = zstandard.ZstdCompressor(
        compression_params=parameters, dict_data=basis if now else None
    )
    return _digest(now) + compressor.compress(original)


def apply_patch(patch: bytes, now: bytes) -> bytes:
    """What was.

    Raises:
        DocumentError: this is not what the patch was made for, or the patch is damaged.
    """
    if not patch:
        return now
    if patch[:_DIGEST] != _digest(now):
        raise DocumentError("the output is not what the run wrote, so it cannot be restored")
    import zstandard

    basis = zstandard.ZstdCompressionDict(now, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    decompressor = zstandard.ZstdDecompressor(
        dict_data=basis if now else None, max_window_size=1 << _MAX_WINDOW
    )
    try:
        return decompressor.decompress(patch[_DIGEST:])
    except zstandard.ZstdError as error:
        raise DocumentError(f"the patch is damaged: {error}") from None


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:_DIGEST]
