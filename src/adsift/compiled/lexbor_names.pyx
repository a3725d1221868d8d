# cython: boundscheck=False, wraparound=False
"""The names that lexbor's nodes have numbers for, and the proof that its nodes can be read.

There is no pure module behind this: it lets :mod:`adsift.compiled.page` read a tree where it lies
in memory, which Python cannot. What is believed of that memory is written in ``lexbor_nodes.pxd``.
It holds for the releases that it was written for and may not for the next, so that
:func:`learn_names` compares it with what selectolax's own properties say of a page that has every
kind of node. It reads in a way in which a wrong address is an error and not a crash, and the
tables of names are filled on the same way, so that no number of lexbor's stands in our code.
"""

from libc.string cimport memcmp, memcpy

from adsift.compiled.lexbor_nodes cimport (
    COMMENT, DOCTYPE, DOCUMENT, ELEMENT, FRAGMENT, INSTRUCTION, SHORT_NAME, TEXT,
    Attribute, Bytes, CharacterData, Doctype, Element, Instruction, LongName, Node, Template,
    name_text,
)

from adsift.segment import elements
from adsift.segment.guarded_memory import GuardedMemory

# Every kind of node, names of lexbor's tables and names of our own, of the lengths that it stores
# in one way and in the other, and attributes of all namespaces.
PROBE = """<!doctype html><!-- c --><?php x ?><html lang=en id=i><head><title>t &lt;</title>
<style>a > b</style><script>x < y && "z"</script><noscript><p>&</p></noscript></head>
<body class="c d" style='color: red' open rel="x y"><p>one &amp; two\xa0&nbsp;<br>é漢\U0001f600
<a href="/x?a=1&amp;b='\xa0<>&quot;" rel=nofollow>three</a> <abcdefghijklmno-p k=v>1</abcdefghijklmno-p>
<abcdefghijklmnop-q long-attribute-name-a long-attribute-name1=2 abcdefghijklmno-p=3 q=''>2</abcdefghijklmnop-q>
<i hidden>q</i><img src=i alt><hr><div><div><div></div>x</div><!----></div><template id=t><b>y</b>z</template>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewbox="0 0">
<linearGradient xlink:href="#a" xml:lang=en></linearGradient><style>&</style><br2/></svg>
<math definitionurl=u href=h><mi>x</mi><source>y</source></math><table><td>u<xmp><b></xmp>"""

# What pages usually have: a name that is learned later costs a walk over the whole page that has it.
USUAL = (
    "<p "
    "accept accept-charset align alink alt axis bgcolor charset checked class clear codetype color "
    "compact content declare defer dir direction disabled enctype face for frame height href "
    "hreflang http-equiv id is lang language link maxlength media method multiple noshade nowrap "
    "placeholder readonly rel required rev rules scheme scope scrolling selected shape size slot "
    "src style target text title type valign valuetype vlink width xmlns>"
    + "".join(
        f"<{tag}></{tag}>"
        for tag in (
            "a abbr acronym address applet area article aside audio b base bdi bdo big blink "
            "blockquote br button canvas center cite code data datalist dd del details dfn dialog "
            "dir div dl dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 "
            "header hgroup hr i img input ins kbd label legend li link main map mark marquee menu "
            "meta meter nav nobr object ol optgroup option output p param picture pre progress q "
            "rb rp rt rtc ruby s samp search section select slot small source span strike strong "
            "sub summary sup svg time track tt u ul var video wbr"
        ).split()
    )
    + "<table><caption></caption><colgroup><col></colgroup><thead></thead><tbody><tr><th></th></tr>"
    "</tbody><tfoot></tfoot></table><iframe></iframe><noembed></noembed><noframes></noframes>"
    "<noscript></noscript><textarea></textarea><title></title><svg><animateTransform /><clipPath />"
    "<desc></desc><feBlend /><feColorMatrix /><feComponentTransfer /><feComposite /><feFlood />"
    "<feFuncA /><feFuncB /><feFuncG /><feFuncR /><feGaussianBlur /><feMerge /><feMergeNode />"
    "<feOffset /><foreignObject></foreignObject><image /><path /><radialGradient /></svg>"
)
MAX_LENGTH = 1 << 16


class Unknown(Exception):
    """A page has a name that was not learned, or a node of a kind that was not seen."""


class _Mismatch(Exception):
    """The memory is not what it was taken for."""


cdef class Names:
    """What lexbor's numbers for tags and attributes mean, as far as it was asked."""

    def __cinit__(self):
        cdef int i
        for i in range(TABLE):
            self.tags[i].data = self.attributes[i].data = NULL
        for i in range(NAMESPACES):
            self.written[i] = False
        self.html = 0
        self.kept = []
        self.meanings = {}

    def __init__(self, parse):
        self.parse = parse
        for meaning, tags in (
            (BLOCK, elements.BLOCKS), (UNSEEN, elements.UNSEEN), (VOID, elements.VOID),
            (UNREMOVABLE, elements.UNREMOVABLE), (A, ["a"]), (BR, ["br"]), (HR, ["hr"]), (DIALOG, ["dialog"]), (FIGURE, ["figure"]),
            (TEMPLATE, ["template"]),
        ):
            for tag in tags:
                self.meanings[tag] = self.meanings.get(tag, 0) | meaning

    cdef int meaning_of(self, str tag) except -1:
        return self.meanings.get(tag, 0)

    def learn(self, tree):
        """Learn the names of lexbor's tables that a page has and that are not known yet."""
        scratch = self.parse("")
        for root in (tree.root, *tree.template_fragments()):
            for node in root.traverse():
                if node.tag is None:
                    continue
                if node.tag_id < TABLE and self.tags[<size_t> node.tag_id].data == NULL:
                    self._learn_tag(scratch, node.tag)
                self._learn_attributes(node)

    def _learn_tag(self, scratch, str tag):
        """How lexbor numbers and writes elements of a tag is best seen on one."""
        cdef size_t identifier
        if tag[:1] in ("-", ""):
            return
        node = scratch.create_node(tag)
        identifier, name = node.tag_id, node.tag
        if identifier >= TABLE:
            return
        meaning = self.meaning_of(name)
        if node.html == f"<{name}>":
            meaning |= NO_END
        else:
            node.insert_child("&")
            written = {f"<{name}>&amp;</{name}>": 0, f"<{name}>&</{name}>": RAW}
            if node.html not in written:
                return
            meaning |= written[node.html]
        self._keep(&self.tags[identifier], name, meaning)

    def _learn_attributes(self, node):
        cdef const Attribute *attribute
        cdef size_t identifier
        if not node.attributes:
            return
        keys = list(node.attributes)
        identifiers = []
        attribute = (<Element *> <size_t> node.mem_id).first_attribute
        while attribute != NULL:
            identifiers.append(attribute_identifier(attribute))
            attribute = attribute.next
        if len(keys) != len(identifiers):
            return
        for key, number in zip(keys, identifiers):
            identifier = number
            if identifier < TABLE and self.attributes[identifier].data == NULL:
                self._keep_attribute(identifier, key)

    cdef int _keep_attribute(self, size_t identifier, str name) except -1:
        data = name.encode()
        self._keep(
            &self.attributes[identifier], name, attribute_meaning(data, len(data))
        )
        return 0

    cdef int _keep(self, Name *place, str text, int meaning) except -1:
        data = text.encode()
        self.kept.append((text, data))
        place.length = len(data)
        place.text = <PyObject *> text
        place.meaning = meaning
        place.data = data
        return 0


cdef int attribute_meaning(const unsigned char *name, size_t length) noexcept:
    if length == 2:
        return ID if memcmp(name, b"id", 2) == 0 else 0
    if length == 3:
        return REL if memcmp(name, b"rel", 3) == 0 else 0
    if length == 4:
        if memcmp(name, b"href", 4) == 0:
            return HREF
        return OPEN if memcmp(name, b"open", 4) == 0 else 0
    if length == 5:
        if memcmp(name, b"class", 5) == 0:
            return CLASS
        return STYLE if memcmp(name, b"style", 5) == 0 else 0
    if length == 6:
        return HIDDEN if memcmp(name, b"hidden", 6) == 0 else 0
    return 0


def learn_names(parse):
    """Compare what is believed of lexbor's nodes with what selectolax says of them.

    Args:
        parse: makes a ``LexborHTMLParser`` of a page, as all pages to be read are made.

    Returns:
        The names, or ``None`` if the nodes are not as they were taken for.
    """
    names = Names(parse)
    try:
        with GuardedMemory() as memory:
            _Proof(names, memory).run()
        scratch = parse("")
        for tag in sorted(names.meanings):
            names._learn_tag(scratch, tag)
        names.learn(parse(USUAL))
    except Exception:  # whatever another release lacks, it is not the one that we know
        return None
    return names


cdef class _Proof:
    cdef Names names
    cdef object memory
    cdef object scratch

    def __init__(self, Names names, memory):
        self.names, self.memory = names, memory
        self.scratch = names.parse("")

    def run(self):
        for page in (PROBE, PROBE.replace("<!doctype html>", "<!doctype abcdefghijklmnop-q>")):
            tree = self.names.parse(page)
            document = tree.root.parent
            self.document(document)
            seen = 0
            node, above = document.first_child, []
            while node is not None:
                seen += 1
                self.node(node, document)
                following = node.first_child
                if following is not None:
                    above.append(node)
                while following is None:
                    following = node.next
                    if following is None:
                        if not above:
                            break
                        node = above.pop()
                node = following
            self.expect(seen > 50)

    cdef int peek(self, size_t address, void *into, size_t size) except -1:
        cdef bytes found = self.memory.read(address, size)
        memcpy(into, <const char *> found, size)
        return 0

    cdef bytes peek_bytes(self, size_t address, size_t size):
        if size > MAX_LENGTH:
            raise _Mismatch
        return self.memory.read(address, size)

    cdef str peek_text(self, Bytes *text):
        return self.peek_bytes(<size_t> text.data, text.length).decode()

    cdef str peek_name(self, size_t identifier):
        cdef LongName name
        if identifier < ADDRESSES:
            raise _Mismatch
        self.peek(identifier, &name, sizeof(LongName))
        if name.length <= SHORT_NAME:
            return name_text(&name)[:name.length].decode()
        return self.peek_bytes(<size_t> name_text(&name), name.length).decode()

    def expect(self, bint holds):
        """Raises: _Mismatch: it does not hold."""
        if not holds:
            raise _Mismatch

    def document(self, node):
        """The document is what the walk over everything starts from."""
        cdef Node found
        self.peek(node.mem_id, &found, sizeof(Node))
        self.expect(node.tag == "-document" and found.type == DOCUMENT)
        self.expect(<size_t> found.first_child == _address(node.first_child))
        self.expect(found.next == NULL and found.parent == NULL)

    def node(self, node, document):
        """Any node: its relatives, then what its kind has."""
        cdef Node found
        self.peek(node.mem_id, &found, sizeof(Node))
        self.expect(found.local_name == node.tag_id)
        self.expect(<size_t> found.document == document.mem_id)
        self.expect(<size_t> found.next == _address(node.next))
        self.expect(<size_t> found.prev == _address(node.prev))
        self.expect(<size_t> found.parent == _address(node.parent))
        self.expect(<size_t> found.first_child == _address(node.first_child))
        self.expect(<size_t> found.last_child == _address(node.last_child))
        if node.tag == "-text":
            self.expect(found.type == TEXT)
            self.expect(self.data(node.mem_id) == node.text_content)
        elif node.tag == "-comment":
            self.expect(found.type == COMMENT)
            self.expect(f"<!--{self.data(node.mem_id)}-->" == node.html)
        elif node.tag == "-doctype":
            self.expect(found.type == DOCTYPE)
            self.doctype(node)
        elif node.tag is None:
            self.expect(found.type == INSTRUCTION)
            self.instruction(node)
        else:
            self.expect(found.type == ELEMENT)
            self.element(node)

    cdef str data(self, size_t address):
        cdef CharacterData found
        self.peek(address, &found, sizeof(CharacterData))
        return self.peek_text(&found.data)

    def doctype(self, node):
        """A doctype's name is among those of the attributes."""
        cdef Doctype found
        self.peek(node.mem_id, &found, sizeof(Doctype))
        name = node.html.removeprefix("<!DOCTYPE ").removesuffix(">")
        if found.name < TABLE:
            self.names._keep_attribute(found.name, name)
        else:
            self.expect(self.peek_name(found.name) == name)

    def instruction(self, node):
        """A processing instruction: what is for whom."""
        cdef Instruction found
        self.peek(node.mem_id, &found, sizeof(Instruction))
        target = self.peek_text(&found.target)
        self.expect(f"<?{target} {self.data(node.mem_id)}?>" == node.html)

    def element(self, node):
        """An element: name, namespace, attributes, and what is in a template."""
        cdef Element found
        self.peek(node.mem_id, &found, sizeof(Element))
        identifier = found.qualified_name or found.node.local_name
        if identifier < TABLE:
            self.names._learn_tag(self.scratch, node.tag)
        else:
            self.expect(self.peek_name(identifier) == node.tag)
        self.expect(found.is_value == NULL)
        foreign = node.tag in ("svg", "linearGradient", "math", "mi", "source", "br2")
        if node.tag == "html":
            self.names.html = found.node.ns
        if node.tag != "style":  # of which there is one of each kind
            self.expect((found.node.ns == self.names.html) != foreign)
        self.attributes(node, &found)
        if node.tag == "template":
            self.template(node)

    cdef int attributes(self, node, Element *element) except -1:
        cdef Attribute found
        cdef Bytes value
        cdef size_t address = <size_t> element.first_attribute, before = 0, identifier
        for name, text in node.attributes.items():
            self.peek(address, &found, sizeof(Attribute))
            self.expect(<size_t> found.prev == before and found.node.parent == NULL)
            identifier = attribute_identifier(&found)
            if identifier < TABLE:
                self.names._keep_attribute(identifier, name)
            else:
                self.expect(self.peek_name(identifier) == name)
            if found.value == NULL:
                self.expect(text is None)
            else:
                self.peek(<size_t> found.value, &value, sizeof(Bytes))
                self.expect(self.peek_text(&value) == text)
            self.expect(0 < found.node.ns < NAMESPACES)
            self.names.written[found.node.ns] = True
            before, address = address, <size_t> found.next
        self.expect(address == 0 and <size_t> element.last_attribute == before)
        return 0

    def template(self, node):
        """What is in a template hangs under a node of its own, and Python shows only that."""
        cdef Template found
        cdef Node content, child, last
        self.peek(node.mem_id, &found, sizeof(Template))
        self.peek(<size_t> found.content, &content, sizeof(Node))
        self.peek(<size_t> content.first_child, &child, sizeof(Node))
        self.peek(<size_t> content.last_child, &last, sizeof(Node))
        self.expect(content.type == FRAGMENT and content.parent == NULL)
        self.expect(child.type == ELEMENT and child.parent == found.content)
        self.expect(last.type == TEXT and last.parent == found.content and last.next == NULL)
        self.expect(self.data(<size_t> content.last_child) == "z")


def _address(node):
    return 0 if node is None else node.mem_id
