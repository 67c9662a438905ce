"""How fast, how big, how safe: what is measured and written down in ``docs/benchmarks.md``.

``python -m benchmarks`` runs every script and prints one Markdown table for each; ``python -m benchmarks.builds``
and the others run alone. Run them from the repository's folder. Sites come from ``sites``, child processes are
measured in ``measure``, the peer's site is made in ``peer``.
"""
