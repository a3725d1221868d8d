cdef enum:  # numbers of :data:`adsift.model.context.FACTS`
    PAID
    FOREIGN
    PRICE
    LINKED
    SHORT
    HEADING
    ITEM
    SENTENCE
    FACT_COUNT

cdef int write_facts(
    str text, str tag, double link_share, bint has_digits, float *facts
) except -1
