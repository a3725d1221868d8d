# cython: boundscheck=False, wraparound=False
"""Whether a page that is written comes back as the tree that it was written from.

A page that has lost paragraphs is what its next reader will see, so it has to be parsed anew. That
can be left out for most pages: where every element stands where the HTML standard's parser would
put it, the written tags make the same tree again. What the rules below do not cover is parsed.

The rules follow "The rules for parsing tokens in HTML content" of the standard
(https://html.spec.whatwg.org/multipage/parsing.html), for pages all of whose elements have their
end tags: which start tags close what is open, what tables, selects and the head take, and how raw
text ends. Another release of lexbor may have others: :data:`PROBE`, a page with all that is covered,
has to come back as it was, or none of this is used. There is no pure module behind it: Python parses.
"""

from cpython.mem cimport PyMem_Free
from libc.string cimport memchr, memcmp

from adsift.compiled.arrays cimport make_room
from adsift.compiled.characters cimport is_ascii, is_blank
from adsift.compiled.lexbor_names cimport NO_END, RAW, TABLE, TEMPLATE, Names
from adsift.compiled.lexbor_nodes cimport (
    COMMENT, DOCTYPE, DOCUMENT, ELEMENT, TEXT, Bytes, CharacterData, Element, Node, Template,
)
from adsift.compiled.page_removal cimport Removals

cdef enum Kind:     # of an element
    UNASKED = 0
    ORDINARY
    WHOLE           # stands for the document
    HTML_ELEMENT    # this and the next two come once, in this order
    HEAD
    BODY
    METADATA        # void, also in the head
    EMPTY           # void
    TITLE
    TEXTAREA
    SCRIPT
    STYLE
    NOSCRIPT
    IFRAME
    PRE
    PARAGRAPH
    HEADING
    ANCHOR
    BUTTON
    FORM
    ITEM
    TERM
    TABLE_ELEMENT
    CAPTION
    COLUMNS
    COLUMN
    ROWS
    ROW
    CELL
    SELECT
    OPTIONS
    OPTION
    SVG
    TEMPLATE_ELEMENT
    FONT
    UNCOVERED

cdef enum Trait:    # of an element, beside its kind
    CLOSES_PARAGRAPH = 1
    ENDS_ITEMS = 2      # a start tag closes no list item beyond it

cdef enum Inside:   # what is open around a node, as far as a start tag may close or heed it
    IN_PARAGRAPH = 1
    IN_ANCHOR = 2
    IN_BUTTON = 4
    IN_FORM = 8
    IN_ITEM = 16
    IN_TERM = 32

cdef enum:
    KEPT = 4096         # elements that the stack has room for from page to page

_KINDS = {
    HTML_ELEMENT: "html", HEAD: "head", BODY: "body",
    METADATA: "base link meta",
    EMPTY: "area br embed hr img input param source track wbr",
    TITLE: "title", TEXTAREA: "textarea", SCRIPT: "script", STYLE: "style",
    NOSCRIPT: "noscript", IFRAME: "iframe", PRE: "pre",
    PARAGRAPH: "p", HEADING: "h1 h2 h3 h4 h5 h6", ANCHOR: "a", BUTTON: "button", FORM: "form",
    ITEM: "li", TERM: "dd dt",
    TABLE_ELEMENT: "table", CAPTION: "caption", COLUMNS: "colgroup", COLUMN: "col",
    ROWS: "thead tbody tfoot", ROW: "tr", CELL: "td th",
    SELECT: "select", OPTIONS: "optgroup", OPTION: "option", SVG: "svg", FONT: "font",
    TEMPLATE_ELEMENT: "template",
    UNCOVERED: "applet basefont bgsound frame frameset image isindex keygen listing marquee math"
    " menuitem nobr noembed noframes object plaintext rb rp rt rtc ruby selectedcontent xmp",
}
_CLOSE_PARAGRAPHS = (
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure"
    " footer header hgroup main menu nav ol p search section summary ul h1 h2 h3 h4 h5 h6 pre form"
    " li dd dt table hr"
)
# The standard's "special" elements but for address, div and p; those that are void or not covered
# hold nothing and are left out.
_END_ITEMS = (
    "article aside blockquote body button caption center col colgroup dd details dir dl dt fieldset"
    " figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup html iframe li main menu"
    " nav noscript ol pre script search section select style summary table tbody td textarea tfoot"
    " th thead title tr ul"
)

PROBE = """<!doctype html><!--[if a]><!--><html lang=a><head><base href=/><title>a &lt;</title><meta a=b>
<script>if (a < b) c = "<!--"</script><style>a > b</style><link rel=a><noscript><p></noscript></head>
<!-- a --> <body class=a>a<nav><ul><li>b<ul><li>c</ul><div><p>d</div><li><a href=b>e<h1>f</h1></a></ul>
</nav><svg viewbox="0 0"><title>g</title><a><path d=m></path></a><style>h</style><image></image></svg>
<p>i<b><b><b><b>j</b></b></b></b><br>k<button>l<p>m<a href=n>n</a></button><img><input><iframe>&</iframe>
<p>o<hr><a href=p>q<table><caption>r<p>s</caption><colgroup><col></colgroup><thead><tr><th>t<a href=u>v
</a></thead><tbody><tr><td><p>w<table><tr><td>x</table><button>y</button><script>z</script></table></a>
<form><fieldset><legend>a</legend><select><option>b<optgroup><option>c</optgroup></select><textarea>d
</textarea><datalist><option>e</datalist></fieldset></form><dl><dt>f<dd>g<div><dl><dd>h</dl></div></dl>
<pre>i
</pre><x-y z="&amp;&quot;'\xa0">j<section><address>k</address></section></x-y><details><summary>l</summary>
<dialog open>m</dialog></details><template>q<link><p>r<a href=s>t</a><button>u</button></template>
<div hidden>n</div><font color=a>o</font><video><source><track></video>
</body><!-- b --></html><!-- c -->"""
"""With what the parser implies written out once it is written."""

KINDS = {name: kind for kind, names in _KINDS.items() for name in names.split()}
TRAITS = {
    name: (CLOSES_PARAGRAPH * (name in _CLOSE_PARAGRAPHS.split()))
    | (ENDS_ITEMS * (name in _END_ITEMS.split()))
    for name in {*_CLOSE_PARAGRAPHS.split(), *_END_ITEMS.split()}
}


cdef class Stability:
    """Judges pages; knows the elements of lexbor's table that it has met."""

    def __cinit__(self, Names names):
        self.names = names

    def __dealloc__(self):
        PyMem_Free(self.stack)

    cdef bint holds(self, Node *document, Removals removals, bytes written) except -1:
        """Whether parsing makes the same tree again, but that texts side by side become one.

        Args:
            removals: what is left out of the tree; a gap (``<br><br>``) may stand in its place.
            written: the page.
        """
        cdef const char *data = written
        # References alone can put these into a tree, and the parser would change or drop them.
        if memchr(data, c'\r', len(written)) != NULL or memchr(data, 0, len(written)) != NULL:
            return False
        self.doctype = self.in_template = False
        self.following = HTML_ELEMENT
        self.depth = 0
        self._push(WHOLE, 0, 0)
        fits = (
            document.type == DOCUMENT
            and self._walk(document, removals)
            and self.following > BODY
        )
        if self.room > KEPT:    # of a page that nests deeply
            PyMem_Free(self.stack)
            self.stack, self.room = NULL, 0
        return fits

    cdef int _push(self, int kind, int inside, size_t ns) except -1:
        self.stack = <Around *> make_room(
            self.stack, &self.room, self.depth + 1, sizeof(Around)
        )
        self.stack[self.depth] = Around(kind, inside, ns, False, NULL)
        self.depth += 1
        return 0

    cdef bint _walk(self, Node *document, Removals removals) except -1:
        cdef Node *node = document.first_child
        cdef Py_ssize_t removed = 0
        while node != NULL:
            if removed < removals.count and removals.found[removed].node == node:
                if removals.found[removed].parts:
                    if not self._takes_breaks():
                        return False
                    self.stack[self.depth - 1].begun = True
                    self.stack[self.depth - 1].text = NULL
                removed += 1
            else:
                if not (self._fits(node) and self._follows(node)):
                    return False
                self.stack[self.depth - 1].begun = True
                if not self._content_fits(node):
                    return False
                if node.type == ELEMENT and node.first_child != NULL:
                    if not self._enter(node):
                        return False
                    node = node.first_child
                    continue
            while node.next == NULL:
                node = node.parent
                self.depth -= 1
                if node == document:
                    return True
            node = node.next
        return True

    cdef bint _content_fits(self, Node *node) except -1:
        """Whether what is in a template is read as it was, if the node is one.

        Its first element makes it be parsed as a body is, and nothing outside is in scope.
        """
        cdef Node *content
        if (
            node.type != ELEMENT
            or node.ns != self.names.html
            or self._kind(node) != TEMPLATE_ELEMENT
        ):
            return True
        content = (<Template *> node).content
        if content == NULL or content.first_child == NULL:
            return True
        if self.in_template:
            return False
        self.in_template = True
        self._push(ORDINARY, 0, node.ns)
        if not self._walk(content, Removals()):
            return False
        self.in_template = False
        return True

    cdef bint _takes_breaks(self) noexcept:
        """Whether a ``br`` that is written here stays here."""
        cdef Around *around = &self.stack[self.depth - 1]
        return around.ns == self.names.html and self._takes(around.kind, EMPTY)

    cdef bint _fits(self, Node *node) except -1:
        """Whether the parser leaves a node where it is."""
        cdef Around *around = &self.stack[self.depth - 1]
        cdef const Bytes *data = &(<const CharacterData *> node).data
        if node.type == ELEMENT:
            return self._element_fits(node, around)
        if node.type == TEXT:
            return self._text_fits(data, around)
        if node.type == COMMENT:
            return around.kind not in (TITLE, TEXTAREA, SCRIPT, STYLE, NOSCRIPT, IFRAME) and (
                is_plain_comment(data)
            )
        if node.type == DOCTYPE:
            if around.kind != WHOLE or self.doctype or self.following > HTML_ELEMENT:
                return False
            self.doctype = True
            return True
        return False

    cdef bint _follows(self, const Node *node) except -1:
        """Whether it is read as it was if it is a text behind another, with which it becomes one.

        A text without anything to see is passed over, but not the zero-width characters of one
        with anything: they count.
        """
        cdef Around *around = &self.stack[self.depth - 1]
        cdef const Bytes *before = around.text
        cdef const Bytes *data = NULL
        if node.type == TEXT:
            data = &(<const CharacterData *> node).data
        around.text = data
        return data == NULL or before == NULL or not (has_unseen(before) or has_unseen(data))

    cdef bint _text_fits(self, const Bytes *data, Around *around) noexcept:
        if around.kind == WHOLE:
            return False
        if around.kind == HTML_ELEMENT:
            return self.following == BODY and is_space(data)
        if around.kind in (HEAD, TABLE_ELEMENT, COLUMNS, ROWS, ROW):
            return is_space(data)
        if around.kind in (PRE, TEXTAREA):
            # A line break that follows the start tag is dropped.
            return around.begun or data.length == 0 or data.data[0] != c'\n'
        if around.ns != self.names.html and (
            around.kind in (SCRIPT, STYLE, NOSCRIPT, IFRAME, UNCOVERED)
        ):
            # It may be written as it is, and is read as any text.
            return memchr(data.data, c'<', data.length) == NULL and (
                memchr(data.data, c'&', data.length) == NULL
            )
        return around.kind != SCRIPT or not is_escaped_script(data)

    cdef bint _element_fits(self, Node *node, Around *around) except -1:
        cdef int kind = self._kind(node)
        if node.ns != self.names.html:
            if around.ns == node.ns:
                return kind != FONT
            return kind == SVG and around.ns == self.names.html and self._takes(around.kind, SVG)
        if kind in (HTML_ELEMENT, HEAD, BODY):
            if kind != self.following:
                return False
            self.following += 1
            return around.kind == (WHOLE if kind == HTML_ELEMENT else HTML_ELEMENT)
        if kind == UNCOVERED or around.ns != node.ns:
            return False
        return self._takes(around.kind, kind) and self._closes_nothing(node, kind, around)

    cdef bint _takes(self, int around, int kind) noexcept:
        """Whether an element of one kind may stand in one of another, by what that takes."""
        if around in (WHOLE, HTML_ELEMENT):
            return False
        if around == HEAD:
            return kind in (METADATA, TITLE, SCRIPT, STYLE, NOSCRIPT, TEMPLATE_ELEMENT)
        if around == TABLE_ELEMENT:
            return kind in (CAPTION, COLUMNS, ROWS, SCRIPT, STYLE)
        if around == ROWS:
            return kind in (ROW, SCRIPT, STYLE)
        if around == ROW:
            return kind in (CELL, SCRIPT, STYLE)
        if around == COLUMNS:
            return kind == COLUMN
        if around == SELECT:
            return kind in (OPTIONS, OPTION)
        if around == OPTIONS:
            return kind == OPTION
        if around in (OPTION, TITLE, TEXTAREA, SCRIPT, STYLE, NOSCRIPT, IFRAME):
            return False
        # What is left takes any element but parts of tables and selects; an option may stand alone.
        return kind not in (CAPTION, COLUMNS, COLUMN, ROWS, ROW, CELL, OPTIONS)

    cdef bint _closes_nothing(self, Node *node, int kind, Around *around) noexcept:
        """Whether a start tag leaves open all that is."""
        cdef int inside = around.inside
        if inside & IN_PARAGRAPH and self._traits(node) & CLOSES_PARAGRAPH:
            return False
        if kind == HEADING:
            return around.kind != HEADING
        if kind == ANCHOR:
            return not inside & IN_ANCHOR
        if kind == BUTTON:
            return not inside & IN_BUTTON
        if kind == FORM:
            return not inside & IN_FORM
        if kind == ITEM:
            return not inside & IN_ITEM
        if kind == TERM:
            return not inside & IN_TERM
        return True

    cdef bint _enter(self, Node *node) except -1:
        """Go into an element that fits; false if the parser would see no child in it."""
        cdef int kind = self._kind(node)
        cdef int inside = self.stack[self.depth - 1].inside
        if node.ns == self.names.html:
            if kind in (METADATA, EMPTY, COLUMN, TEMPLATE_ELEMENT):
                return False
            if self._traits(node) & ENDS_ITEMS:
                inside &= ~(IN_ITEM | IN_TERM)
            if kind == PARAGRAPH:
                inside |= IN_PARAGRAPH
            elif kind == ANCHOR:
                inside |= IN_ANCHOR
            elif kind == FORM:
                inside |= IN_FORM
            elif kind == ITEM:
                inside |= IN_ITEM
            elif kind == TERM:
                inside |= IN_TERM
            elif kind == BUTTON:
                inside = inside & ~IN_PARAGRAPH | IN_BUTTON
            elif kind in (CELL, CAPTION):
                inside &= ~(IN_PARAGRAPH | IN_ANCHOR | IN_BUTTON)
        self._push(kind, inside, node.ns)
        return True

    # -------------------------------------------------------------------------- elements

    cdef int _kind(self, const Node *node) except -1:
        """What an element is called, and whether lexbor writes it as that is read."""
        cdef int kind, meaning
        cdef bint is_void, is_raw
        if node.local_name >= TABLE:
            return ORDINARY
        if self.kinds[node.local_name] == UNASKED:
            if self.names.tags[node.local_name].text == NULL:
                return UNCOVERED
            name = <str> self.names.tags[node.local_name].text
            meaning = self.names.tags[node.local_name].meaning
            kind = KINDS.get(name, ORDINARY)
            is_void = kind in (METADATA, EMPTY, COLUMN)
            is_raw = kind in (SCRIPT, STYLE, IFRAME)
            if is_void != (meaning & NO_END != 0):
                kind = UNCOVERED
            # What is in a noscript is read as it is, and ends at the same tag however it is written.
            if is_raw != (meaning & RAW != 0) and kind != NOSCRIPT:
                kind = UNCOVERED
            if (kind == TEMPLATE_ELEMENT) != (meaning & TEMPLATE != 0):
                kind = UNCOVERED
            self.kinds[node.local_name] = kind
            self.traits[node.local_name] = TRAITS.get(name, 0)
        return self.kinds[node.local_name]

    cdef int _traits(self, const Node *node) noexcept:
        """Of an element whose kind was asked for."""
        return self.traits[node.local_name] if node.local_name < TABLE else 0


cdef bint has_unseen(const Bytes *data) except -1:
    """Whether there is nothing to see, but more than white space of ASCII."""
    return not is_ascii(data.data, data.length) and is_blank(data.data, data.length)


cdef bint is_space(const Bytes *data) noexcept:
    """Whether there is white space alone, as the standard has it for tables."""
    cdef size_t i
    for i in range(data.length):
        if data.data[i] not in (c' ', c'\t', c'\n', c'\f'):
            return False
    return True


cdef bint is_plain_comment(const Bytes *data) noexcept:
    """Whether a comment has nothing that would end it early, by the standard's rules for writers."""
    cdef const unsigned char *at = data.data
    cdef const unsigned char *end = at + data.length
    if data.length and at[0] == c'>' or data.length > 1 and memcmp(at, b"->", 2) == 0:
        return False
    if data.length > 2 and memcmp(end - 3, b"<!-", 3) == 0:
        return False
    while True:
        at = <const unsigned char *> memchr(at, c'>', end - at)
        if at == NULL:
            return True
        if at - data.data > 1 and memcmp(at - 2, b"--", 2) == 0:
            return False
        if at - data.data > 2 and memcmp(at - 3, b"--!", 3) == 0:
            return False
        at += 1


cdef bint is_escaped_script(const Bytes *data) noexcept:
    """Whether a script may have a script in it that is no script's end."""
    cdef const unsigned char *at = data.data
    cdef const unsigned char *end = at + data.length
    cdef bint comment = False
    cdef size_t i
    cdef const char *name = b"script"
    while True:
        at = <const unsigned char *> memchr(at, c'<', end - at)
        if at == NULL:
            return False
        at += 1
        if end - at >= 3 and memcmp(at, b"!--", 3) == 0:
            comment = True
        elif comment and end - at >= 6:
            for i in range(6):
                if (at[i] | 32) != name[i]:
                    break
            else:
                return True
