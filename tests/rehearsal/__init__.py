"""A month on a local forge, played from end to end: ``python -m tests.rehearsal``, or pytest with this folder."""
