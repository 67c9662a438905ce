"""Both parsers of Prometheus' own library, over /metrics.txt."""

from __future__ import annotations

import sys
from urllib.request import urlopen

import documents
import families
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

with urlopen(f"{sys.argv[1]}/metrics.txt") as answer:
    text = answer.read().decode()
parse = {"prometheus": prometheus, "openmetrics": open_metrics}[sys.argv[3]]
samples = [sample for family in parse(text) for sample in family.samples]
documents.tell(families.facts(samples, rows="operational"))
