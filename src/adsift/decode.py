"""Bytes to text, as browsers do it (WHATWG Encoding Standard)."""

from __future__ import annotations

import re

import webencodings

PRESCAN_BYTES = 1024
"""The HTML standard looks for ``<meta charset>`` in this many first bytes."""

DETECTION_BYTES = 16_384
"""How much of an undeclared, non-UTF-8 document the detection reads."""

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_META = re.compile(rb"""<meta[^>]{0,400}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I | re.ASCII)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""", re.ASCII)


def decode(data: bytes, charset: str | None = None) -> str:
    """Decode a document; never fails, what has no meaning becomes U+FFFD.

    The first that applies decides: a byte order mark, the HTTP header's charset, the
    document's own declaration, UTF-8 if the bytes are valid UTF-8, detection by
    charset-normalizer, windows-1252.

    Args:
        data: the raw bytes.
        charset: what the HTTP ``Content-Type`` header said, if anything. Unknown names are ignored.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, "replace")
    for label in (charset, _declared(data)):
        encoding = webencodings.lookup(label) if label else None
        if encoding is not None:
            return encoding.codec_info.decode(data, "replace")[0]
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(_detected(data), "replace")


def _declared(data: bytes) -> str | None:
    head = data[:PRESCAN_BYTES]
    found = _META.search(head) or _XML.search(head)
    if not found:
        return None
    label = found.group(1).decode("ascii", "replace").lower()
    # A declaration that could be read cannot be in UTF-16: the standard takes it for UTF-8.
    return "utf-8" if label.startswith("utf-16") else label


def _detected(data: bytes) -> str:
    from charset_normalizer import from_bytes

    if _mostly_utf8(data):
        return "utf-8"
    best = from_bytes(data[:DETECTION_BYTES]).best()
    return best.encoding if best else "windows-1252"


def _mostly_utf8(data: bytes) -> bool:
    # One broken byte in a long UTF-8 document must not turn all its other letters to noise.
    decoded = data.decode("utf-8", "replace")
    broken = decoded.count("\ufffd")
    beyond_ascii = sum(1 for byte in data[:DETECTION_BYTES] if byte >= 0x80)
    return broken * 20 < beyond_ascii


def looks_binary(data: bytes) -> bool:
    """Whether bytes are no text at all (an image, an archive): NUL bytes without UTF-16's mark."""
    head = data[:4096]
    return b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))
