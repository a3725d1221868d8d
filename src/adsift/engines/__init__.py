"""adsift inside other people's pipelines: one file an engine.

:mod:`adsift.engines.arrow` is the core, from an Arrow record batch to a record batch. What runs on
Arrow wraps it; what hands over single documents wraps :mod:`adsift.engines.documents`. No engine is
imported before its own file is.
"""
