cdef enum:  # a paragraph's fields
    TEXT
    START
    END
    TAG
    LINK_SHARE
    LINKS
    RELS
    ANCESTORS

cdef object field(object paragraph, int number)
cdef object make_paragraph(
    str text, object start, object end, str tag, object share, tuple links, tuple rels,
    tuple ancestors,
)
cdef object make_tagged(object paragraph, object label, object kind, dict probabilities)
