"""statuspage-prometheus-exporter, run once, configured as its README says; what it exports is what it understood."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import documents
import families
from prometheus_client.parser import text_string_to_metric_families as parsed

services, exported = Path("services.json"), Path("exported.prom")
services.write_text(json.dumps({"page": {"url": f"{sys.argv[1]}/api/v2/summary.json", "name": sys.argv[2]}}))
settings = {"RUN_MODE": "once", "SERVICES_JSON_PATH": str(services), "METRICS_TEXTFILE_PATH": str(exported)}
command = [sys.executable, "-m", "statuspage_prometheus_exporter.status_monitoring"]
subprocess.run(command, check=True, env=os.environ | settings, stdout=sys.stderr)
samples = [sample for family in parsed(exported.read_text()) for sample in family.samples]
documents.tell(families.facts(samples, rows="rows"))
