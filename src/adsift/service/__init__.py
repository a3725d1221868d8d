"""The service: tags and strips over HTTP. It needs ``pip install '.[serve]'`` in a clone.

``adsift serve`` runs it; :func:`adsift.service.app.make_app` gives it as an ASGI application.
"""
