# cython: language_level=3
"""Cheap constructors for the data classes of :mod:`adsift.document`, and their fields.

A frozen data class takes its time to make an object, and to look a field up: these fill its slots
where they lie, and read them there. They find them once, through the descriptors of the class, and
where those are not what they expect they ask the class itself.
"""

from cpython.object cimport PyObject, PyTypeObject, Py_TYPE
from cpython.ref cimport Py_INCREF

from dataclasses import replace

from adsift.document import Paragraph, TaggedParagraph

cdef extern from *:
    """
    #include <structmember.h>

    /* Where a slot of a class without __dict__ lies; 0 for what is no slot. */
    static Py_ssize_t adsift_slot(PyObject *member) {
        if (!Py_IS_TYPE(member, &PyMemberDescr_Type)) return 0;
        if (((PyMemberDescrObject *) member)->d_member->type != T_OBJECT_EX) return 0;
        return ((PyMemberDescrObject *) member)->d_member->offset;
    }
    """
    Py_ssize_t adsift_slot(PyObject *member)
    void PyObject_GC_UnTrack(void *collected)
    object PyType_GenericAlloc(PyTypeObject *type, Py_ssize_t items)

cdef Py_ssize_t PARAGRAPH[8]
cdef Py_ssize_t TAGGED[4]
cdef object _Paragraph = Paragraph
cdef object _TaggedParagraph = TaggedParagraph


cdef bint find_slots(cls, tuple names, Py_ssize_t *slots) except -1:
    """Whether the class has these fields and no others, each in a slot of its own."""
    if cls.__match_args__ != names or hasattr(cls, "__post_init__"):
        return False
    for i, name in enumerate(names):
        member = cls.__dict__.get(name)
        slots[i] = adsift_slot(<PyObject *> member)
        if slots[i] <= 0:
            return False
    return True


cdef tuple FIELDS = ("text", "start", "end", "tag", "link_share", "links", "rels", "ancestors")
cdef bint PARAGRAPH_SLOTTED = find_slots(Paragraph, FIELDS, PARAGRAPH)
cdef bint TAGGED_SLOTTED = find_slots(
    TaggedParagraph, ("paragraph", "label", "kind", "probabilities"), TAGGED
)


cdef object field(object paragraph, int number):
    """A field of a paragraph, or of anything that has the same ones."""
    cdef PyObject *value
    if PARAGRAPH_SLOTTED and <PyObject *> Py_TYPE(paragraph) == <PyObject *> _Paragraph:
        value = (<PyObject **> (<char *> <void *> paragraph + PARAGRAPH[number]))[0]
        if value != NULL:
            return <object> value
    return getattr(paragraph, FIELDS[number])


cdef inline void fill(object made, Py_ssize_t slot, object value) noexcept:
    Py_INCREF(value)
    (<PyObject **> (<char *> <void *> made + slot))[0] = <PyObject *> value


cdef object make_paragraph(
    str text, object start, object end, str tag, object share, tuple links, tuple rels,
    tuple ancestors,
):
    """A paragraph.

    It holds texts and numbers alone, and can be no part of a cycle: the collector need not visit
    it and its tuples again and again while a batch of documents grows.
    """
    if not PARAGRAPH_SLOTTED:
        return _Paragraph(text, start, end, tag, share, links, rels, ancestors)
    made = PyType_GenericAlloc(<PyTypeObject *> _Paragraph, 0)
    fill(made, PARAGRAPH[0], text)
    fill(made, PARAGRAPH[1], start)
    fill(made, PARAGRAPH[2], end)
    fill(made, PARAGRAPH[3], tag)
    fill(made, PARAGRAPH[4], share)
    fill(made, PARAGRAPH[5], links)
    fill(made, PARAGRAPH[6], rels)
    fill(made, PARAGRAPH[7], ancestors)
    PyObject_GC_UnTrack(<void *> made)
    PyObject_GC_UnTrack(<void *> links)
    PyObject_GC_UnTrack(<void *> rels)
    PyObject_GC_UnTrack(<void *> ancestors)
    return made


cdef object make_tagged(object paragraph, object label, object kind, dict probabilities):
    """A tagged paragraph, which the collector need not visit either.

    A caller can make a cycle through the dictionary alone, which is a plain one of numbers: it
    comes back to the collector when something else is put into it.
    """
    if not TAGGED_SLOTTED:
        return _TaggedParagraph(paragraph, label, kind, probabilities)
    made = PyType_GenericAlloc(<PyTypeObject *> _TaggedParagraph, 0)
    fill(made, TAGGED[0], paragraph)
    fill(made, TAGGED[1], label)
    fill(made, TAGGED[2], kind)
    fill(made, TAGGED[3], probabilities)
    PyObject_GC_UnTrack(<void *> made)
    PyObject_GC_UnTrack(<void *> probabilities)
    return made


cdef bint is_plain(tagged, paragraph) except -1:
    """Whether these are of the classes themselves, and hold what the segmenters put into them."""
    return (
        type(tagged) is _TaggedParagraph
        and type(tagged.probabilities) is dict
        and type(paragraph) is _Paragraph
        and type(paragraph.text) is str
        and type(paragraph.tag) is str
        and type(paragraph.links) is tuple
        and type(paragraph.rels) is tuple
        and type(paragraph.ancestors) is tuple
    )


cdef object at_span(tagged, paragraph, object start, object end):
    if not is_plain(tagged, paragraph):
        return replace(tagged, paragraph=replace(paragraph, start=start, end=end))
    return make_tagged(
        make_paragraph(
            paragraph.text, start, end, paragraph.tag, paragraph.link_share, paragraph.links,
            paragraph.rels, paragraph.ancestors,
        ),
        tagged.label,
        tagged.kind,
        tagged.probabilities,
    )


def at_spans(list tagged, spans):
    """:func:`adsift.stripping._at_spans`."""
    cdef list out = []
    for old, span in zip(tagged, spans, strict=True):
        if span is not None:
            start, end = span
            paragraph = old.paragraph
            if start != paragraph.start or end != paragraph.end:
                old = at_span(old, paragraph, start, end)
        out.append(old)
    return out


def original_spans(list paragraphs, starts, origins):
    """Where they stood: :attr:`adsift.segment.spans.SpanSegmentation.originals`."""
    cdef Py_ssize_t piece = 0, last = len(starts) - 1, start, end, moved = 0, following = -1
    cdef list found = []
    if last >= 0:
        moved = <Py_ssize_t> origins[0] - <Py_ssize_t> starts[0]
        following = starts[1] if last else -1       # where the next piece starts
    for paragraph in paragraphs:
        begin, stop = paragraph.start, paragraph.end
        if begin is None or stop is None:
            continue
        start, end = begin, stop
        while 0 <= following <= start:
            piece += 1
            moved = <Py_ssize_t> origins[piece] - following
            following = starts[piece + 1] if piece < last else -1
        if moved:
            begin = start + moved
        while 0 <= following < end:
            piece += 1
            moved = <Py_ssize_t> origins[piece] - following
            following = starts[piece + 1] if piece < last else -1
        if moved:
            stop = end + moved
        found.append((begin, stop))
    return found
