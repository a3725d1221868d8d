from adsift.compiled.feature_hashing cimport FeatureWords
from adsift.compiled.tokens cimport Tokens

cdef int emit_text_words(FeatureWords *words, const Tokens *tokens) except -1
