"""Front matter: the YAML between ``---`` lines or the TOML between ``+++`` lines that may stand
at the top of a Markdown file."""

from __future__ import annotations

import re

_OPENING = re.compile(r"(?P<fence>---|\+\+\+)[ \t]*(?=[\r\n])")
_CLOSING = {
    "---": re.compile(r"[\r\n]---[ \t]*(?=[\r\n]|\Z)"),
    "+++": re.compile(r"[\r\n]\+\+\+[ \t]*(?=[\r\n]|\Z)"),
}
_YAML_KEY = re.compile(r"""["']?[\w.-]+["']?[ \t]*:""")


def front_matter_end(source: str, start: int = 0) -> int:
    """Where front matter that begins at ``start`` ends; ``start`` itself if there is none."""
    opening = _OPENING.match(source, start)
    if not opening:
        return start
    closing = _CLOSING[opening["fence"]].search(source, opening.end())
    if not closing:
        return start
    if opening["fence"] == "---" and not _is_yaml(source[opening.end() : closing.start()]):
        return start  # a text between two thematic breaks
    return closing.end()


def _is_yaml(text: str) -> bool:
    for match in re.finditer(r"[^\r\n]+", text):
        line = match.group().strip()
        if line and not line.startswith("#"):
            return _YAML_KEY.match(line) is not None
    return False
