"""Libraries that not everybody has: what is said where one is missing.

A missing library is nobody's outage, so that the sample is without a verdict; how to get it is said once, on stderr.
"""

from __future__ import annotations

import contextlib
import importlib

from statusgen.probes.dial import Unknown
from statusgen.probes.kind import say_once


def prepare(module: str) -> None:
    """Import a module before anything is measured; that it is missing is said by the probe."""
    with contextlib.suppress(ImportError):
        importlib.import_module(module)


def need(module: str, who: str, extra: str) -> None:
    """Raise Unknown where the module cannot be imported. ``who`` needs it, like ``check kind 'grpc'``."""
    try:
        importlib.import_module(module)
    except ImportError:
        say_once(who, f"needs a library that is not installed: pip install 'statusgen[{extra}]'", " ")
        raise Unknown("unsupported") from None
