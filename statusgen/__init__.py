"""A static status page that lives in a git repository.

Data flows read → model → compute → render → write. Inside that arrow everything is a pure function of its
arguments; the world is reached through a few doors only (``files``, ``git``, ``probes``, ``web``, ``cli``).
``docs/architecture.md`` is the map.
"""

__version__ = "0.1.0"
