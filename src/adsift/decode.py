"""Bytes to text, as browsers do it (WHATWG Encoding Standard), and back."""

from __future__ import annotations

import codecs
import re

import webencodings

from adsift.compiled import compiled

_utf8 = compiled("utf8")

PRESCAN_BYTES = 1024
"""The HTML standard looks for ``<meta charset>`` in this many first bytes."""

HEAD_BYTES = 65_536
"""A declaration that comes later than that is obeyed up to here, if UTF-8 is ruled out."""

DETECTION_BYTES = 16_384
"""How much of an undeclared, non-UTF-8 document the detection reads."""

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# Kinds of file that people have beside their articles and that need not hold a NUL byte early.
_NO_TEXT = (
    (b"%PDF-", "a PDF file"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    *((b"BZh%d1AY" % level, "a bzip2 archive") for level in range(1, 10)),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    # Browsers know no such charset; the first mark begins as that of UTF-16.
    (b"\xff\xfe\0\0", "a file in UTF-32"),
    (b"\0\0\xfe\xff", "a file in UTF-32"),
)
_MAGIC = tuple(magic for magic, _ in _NO_TEXT)
# All others, a byte a character, leave ASCII as it is.
_OF_SEVERAL_BYTES = frozenset(
    {"utf-8", "utf-16le", "utf-16be", "gbk", "gb18030", "big5", "euc-jp", "euc-kr"}
    | {"iso-2022-jp", "shift_jis", "replacement"}
)

_NOT_BY_CHANCE = 3
"""So many different bytes that go on a character make valid UTF-8 for sure."""
_COMMENT_OR_META = re.compile(
    rb"""<!--.*?(?:-->|\Z) | <meta[\s/](?P<attributes>(?:[^>"'] | "[^"]*" | '[^']*')*)""",
    re.I | re.S | re.X,
)
_ATTRIBUTE = re.compile(
    rb"""(?P<name>[^\s=/"'>]+) (?:\s*=\s*(?: "([^"]*)" | '([^']*)' | ([^\s"'>]+)))?""", re.X
)
_CHARSET_IN_CONTENT = re.compile(rb"""charset\s*=\s*["']?\s*([^\s;"']+)""", re.I)
_MARK_UP = re.compile(rb"\s*<")
# A header, or what a script complains of, may stand before a page.
_PAGE = re.compile(rb"\s*<|.*?<(?:!doctype|html|head)\b", re.I | re.S)
_XML = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"'>]+)["']""")

# What browsers detect; the others that charset-normalizer knows are not found on the web.
_DETECTABLE = [
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp866"),
    *("cp874", "iso8859_2", "iso8859_5", "iso8859_7", "koi8_r", "koi8_u"),
    *("big5", "cp932", "cp949", "euc_jp", "gb18030"),
]
# charset-normalizer knows these languages better than it tells their encodings apart.
_IN_WINDOWS_1252 = frozenset(
    {"Danish", "Dutch", "English", "Finnish", "French", "German", "Indonesian", "Italian"}
    | {"Norwegian", "Portuguese", "Spanish", "Swedish"}
)


def decode(data: bytes, charset: str | None = None) -> str:
    """Decode a document; never fails, what has no meaning becomes U+FFFD.

    The first that applies decides: a byte order mark, the HTTP header's charset, UTF-16 whose
    every other byte is zero, the document's own declaration, UTF-8 if the bytes are valid
    UTF-8 but for a few, a late declaration, detection by charset-normalizer, windows-1252.

    A document declares something if its first character that is no white space is ``<``: a text
    or Markdown that mentions ``<meta charset>`` does not, as long as it is UTF-8. And where a
    document declares a charset of a byte a character, but is valid UTF-8, it is UTF-8. Browsers do
    obey that, but bytes of such charsets are hardly ever valid UTF-8 by chance, a template often
    has the wrong declaration, and what is read wrongly is written so for good.

    Args:
        data: the raw bytes.
        charset: what the HTTP ``Content-Type`` header said, if anything. Unknown names are ignored.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, "replace")
    encoding = _said(data, charset)
    if encoding is None:
        text = data.decode("utf-8", "replace")
        if _mostly_utf8(text):
            return text
        encoding = _known(_declared(data[:HEAD_BYTES], _PAGE))
    if encoding is None:
        return data.decode(_detected(data), "replace")
    return str(encoding.codec_info.decode(data, "replace")[0])


def as_utf8(data: bytes, charset: str | None = None) -> bytes | None:
    """The bytes of which :func:`decode` makes the text, if they are valid UTF-8 and this can be
    told for less than decoding costs.

    Returns:
        the document without a byte order mark: ``as_utf8(data).decode() == decode(data)``;
        ``None`` where only decoding helps.
    """
    if _utf8 is None:
        return None
    undeclared = False
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    elif is_marked(data):
        return None
    elif encoding := _said(data, charset):
        if encoding.name != "utf-8":
            return None
    else:
        undeclared = True
    # What is not declared is UTF-8 unless too much of it was lost earlier.
    return data if _utf8.is_utf8(data, undeclared) else None


def is_utf8(data: bytes) -> bool:
    """Whether bytes are valid UTF-8."""
    if _utf8 is not None:
        valid: bool = _utf8.is_utf8(data)
        return valid
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def utf8_text(data: bytes) -> str:
    """``data.decode()``, faster.

    Raises:
        UnicodeDecodeError: the bytes are not UTF-8.
    """
    if _utf8 is None:
        return data.decode()
    text: str = _utf8.decode(data)
    return text


def encode(text: str, marked: bool) -> bytes:
    """A document as UTF-8.

    It gets a byte order mark if it had one, or if it declares another charset, which the
    mark overrules for browsers.
    """
    data = text.encode("utf-8", "replace")
    return codecs.BOM_UTF8 + data if marked or _needs_mark(data, text) else data


def _needs_mark(data: bytes, text: str) -> bool:
    """Whether a text's UTF-8 would be taken for something else without a byte order mark, by
    browsers, which obey its declaration, or by :func:`decode`."""
    declared = None if data.isascii() else _known(_declared(data[:PRESCAN_BYTES]))
    return (declared is not None and declared.name != "utf-8") or decode(data) != text


def is_marked(data: bytes) -> bool:
    """Whether a document begins with a byte order mark."""
    return data.startswith(tuple(bom for bom, _ in _BOMS))


def not_text(data: bytes, charset: str | None = None) -> str | None:
    """What a file is that is no text, as messages say it (``a PDF file``); ``None`` for text.

    Args:
        data: the file, or its first 4096 bytes.
        charset: what is known of it from elsewhere; text in UTF-16 may have many NUL bytes.
    """
    if data.startswith(_MAGIC):
        return next(kind for magic, kind in _NO_TEXT if data.startswith(magic))
    encoding = _known(charset)
    if encoding is not None and encoding.name.startswith("utf-16"):
        return None
    return "binary" if looks_binary(data) else None


def looks_binary(data: bytes) -> bool:
    """Whether bytes are no text at all (an image, an archive): more NUL bytes than a stray
    one, that UTF-16 has not."""
    head = data[:4096]
    return (
        head.count(0) * 32 > len(head)
        and not head.startswith((b"\xff\xfe", b"\xfe\xff"))
        and _unmarked_utf16(data) is None
    )


def _known(label: str | None) -> webencodings.Encoding | None:
    return webencodings.lookup(label) if label else None


def _unmarked_utf16(data: bytes) -> str | None:
    head = data[:PRESCAN_BYTES]
    if 0 not in head:
        return None
    first, second = head[::2], head[1::2]
    for name, zeros, others in (("utf-16le", second, first), ("utf-16be", first, second)):
        if len(others) > 1 and zeros.count(0) * 2 > len(zeros) and 0 not in others:
            return name
    return None


def _declared(head: bytes, begins: re.Pattern[bytes] = _MARK_UP) -> str | None:
    if begins.match(head) is None:
        return None
    label = _meta_charset(head)
    if label is None and (xml := _XML.match(head)):
        label = xml[1]
    if label is None:
        return None
    name = label.decode("ascii", "replace").strip().lower()
    # A declaration that could be read cannot be in UTF-16: the standard takes it for UTF-8.
    if name.startswith("utf-16"):
        return "utf-8"
    return "windows-1252" if name == "x-user-defined" else name


def _meta_charset(head: bytes) -> bytes | None:
    for match in _COMMENT_OR_META.finditer(head):
        found = match["attributes"] or b""
        if b"charset" not in found.lower():  # so it is of most, whose attributes matter to nobody
            continue
        attributes: dict[bytes, bytes] = {}
        for name, *values in _ATTRIBUTE.findall(found):
            attributes.setdefault(name.lower(), b"".join(values))
        if b"charset" in attributes:
            return attributes[b"charset"]
        if attributes.get(b"http-equiv", b"").lower() == b"content-type":
            charset = _CHARSET_IN_CONTENT.search(attributes.get(b"content", b""))
            if charset:
                return charset[1]
    return None


def _said(data: bytes, charset: str | None) -> webencodings.Encoding | None:
    # What somebody says of the encoding, or the zeros of UTF-16 do.
    if encoding := _known(charset) or _known(_unmarked_utf16(data)):
        return encoding
    encoding = _known(_declared(data[:PRESCAN_BYTES]))
    if encoding is not None and encoding.name not in _OF_SEVERAL_BYTES and _is_rather_utf8(data):
        return webencodings.UTF8
    return encoding


def _is_rather_utf8(data: bytes) -> bool:
    """Whether bytes are valid UTF-8, and not by chance: two letters of another charset may well
    be one character of UTF-8, as in windows-1252 the last two of ``NESTLÉ®``."""
    if not is_utf8(data):
        return False
    others = {character for character in data.decode() if character > "\x7f"}
    # Western letters, and dashes and quotes: hardly anybody writes what their bytes are elsewhere.
    return sum(1 + (character > "\u07ff") for character in others) >= _NOT_BY_CHANCE or all(
        character < "\u0100" or "\u2000" <= character < "\u3000" for character in others
    )


def _mostly_utf8(decoded: str) -> bool:
    # A few broken bytes in a UTF-8 document must not turn all its other letters to noise.
    whole = decoded.replace("\ufffd", "")
    broken = len(decoded) - len(whole)
    if broken == 0:
        return True
    # Bytes that go on as UTF-8 demands are rarely found in other encodings.
    continuing = len(whole.encode()) - len(whole)
    return continuing > 2 * broken


def _detected(data: bytes) -> str:
    # Loaded when needed, because it takes longer than most documents.
    from charset_normalizer import from_bytes

    lines = b"\n".join(line for line in data.splitlines() if not line.isascii())
    sample = lines if len(lines) <= DETECTION_BYTES else lines[:DETECTION_BYTES].rsplit(None, 1)[0]
    # The usual threshold refuses East Asian text that has much Latin in it.
    best = from_bytes(sample, cp_isolation=_DETECTABLE, threshold=0.4).best()
    if best is None or best.language in _IN_WINDOWS_1252:
        return "windows-1252"
    return best.encoding
