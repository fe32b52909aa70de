"""Pictures that are read and forgotten: asked for in a web process, answered where the models are.

``exchange`` is the folder through which both speak, ``asking`` the side of the web, ``answering``
that of the worker.
"""
