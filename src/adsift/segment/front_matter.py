"""Front matter: the YAML between ``---`` lines (or up to a ``...`` line), the TOML between ``+++``
lines or the JSON object that may stand at the top of a Markdown file."""

from __future__ import annotations

import json
import re

_OPENING = re.compile(r"(?P<fence>---|\+\+\+)[ \t]*(?=[\r\n])")
_CLOSING = {
    "---": re.compile(r"[\r\n](?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)"),
    "+++": re.compile(r"[\r\n]\+\+\+[ \t]*(?=[\r\n]|\Z)"),
}
_JSON = json.JSONDecoder()
_LINE_END = re.compile(r"[ \t]*(?=[\r\n]|\Z)")
_YAML_KEY = re.compile(r"""["']?[\w.-]+["']?[ \t]*:""")
_YAML_KEY_OF_WORDS = re.compile(r"[\w.-]+(?:[ ][\w.-]+){0,3}:(?=\s|\Z)")


def front_matter_end(source: str, start: int = 0) -> int:
    """Where front matter that begins at ``start`` ends; ``start`` itself if there is none."""
    opening = _OPENING.match(source, start)
    if not opening:
        return _object_end(source, start) if source.startswith("{", start) else start
    closing = _CLOSING[opening["fence"]].search(source, opening.end())
    if not closing:
        return start
    if opening["fence"] == "---" and not _is_yaml(source[opening.end() : closing.start()]):
        return start  # a text between two thematic breaks
    return closing.end()


def _object_end(source: str, start: int) -> int:
    try:
        value, end = _JSON.raw_decode(source, start)
    except (ValueError, RecursionError):  # braces of something else
        return start
    return end if value and _LINE_END.match(source, end) else start


def _is_yaml(text: str) -> bool:
    lines = [line for line in re.findall(r"[^\r\n]+", text) if line.strip()]
    lines = [line for line in lines if not line.lstrip().startswith("#")]
    if not lines:
        return False
    if _YAML_KEY.match(lines[0].strip()):
        return True
    # A sentence may have a colon after its first words too; of YAML each line has one.
    keys = [line for line in lines if not line.startswith((" ", "\t", "- "))]
    return len(keys) > 1 and lines[0] == keys[0] and all(map(_YAML_KEY_OF_WORDS.match, keys))
