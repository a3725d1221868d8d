from adsift.compiled.feature_hashing cimport FeatureWords
from adsift.compiled.tokens cimport Tokens

cdef struct Signs:  # how many of the first 1000 signs are such
    int digits
    int capitals

cdef void count_signs(str text, Signs *signs) noexcept
cdef int emit_shape(
    FeatureWords *words, str text, const Tokens *tokens, Signs signs
) except -1
