"""Random documents of each format."""

from __future__ import annotations

from hypothesis import strategies as st
from seed_articles import SENTENCES

from adsift.document import Format

LINES = st.sampled_from(SENTENCES)
TEXT = st.lists(
    LINES | st.sampled_from(["  • Tickets from $12", "1. Read the rules", "\u2028", "\t", "Ünïté"]),
    max_size=12,
).flatmap(
    lambda lines: st.sampled_from(["\n\n", "\n", "\r\n\r\n", "\n \n\n"]).map(
        lambda gap: gap.join(lines)
    )
)
MARKDOWN_BLOCKS = st.one_of(
    LINES,
    LINES.map("## {}".format),
    LINES.map("- {}\n- [A lamp, $39](https://amzn.to/x)".format),
    LINES.map("> {}\n>\n> **Sponsored**".format),
    LINES.map("| Lamp | Price |\n|---|---|\n| {} | $39 |".format),
    LINES.map("1. {}\n\n   More on this [here](/more).".format),
    st.just("---"),
    st.just("```sh\nbuy --now\n```"),
    st.just('<div class="promo">Buy now</div>'),
)
MARKDOWN = st.lists(MARKDOWN_BLOCKS, max_size=8).map("\n\n".join)
HTML_PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<div class=promo>", "</div>", "<ul>", "<li>", "</ul>", "<br><br>", "<b>"),
        *("</b>", "<table><tr><td>", "<td>", "</table>", "<a href=https://amzn.to/x>", "</a>"),
        *("<h2>", "</h2>", "<pre>", "</pre>", "<button>", "<script>x</script>", "&nbsp;", "<img>"),
        *(
            "<template>",
            "<select><option>",
            "<svg><title>",
            "<!-- -->",
            "<noscript>",
            "</noscript>",
        ),
    ]
)
HTML = st.lists(LINES | HTML_PIECES, max_size=25).map("".join)
SOURCES: dict[Format, st.SearchStrategy[str]] = {
    "text": TEXT,
    "markdown": MARKDOWN,
    "html": HTML,
}
SOURCE_AND_FORMAT = st.one_of(
    [source.map(lambda text, form=form: (text, form)) for form, source in SOURCES.items()]
)
