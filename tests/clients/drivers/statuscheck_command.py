"""statuscheck's command, at the address that it knows for GitHub."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import documents
from statuscheck.services.bases._statuspageio import STATUS_TYPE_MAPPING

INDICATORS = {name: indicator for indicator, name in STATUS_TYPE_MAPPING.items()}

command = Path(sys.executable).with_name("statuscheck")
done = subprocess.run([command, "github"], stdout=subprocess.PIPE, text=True)
if done.returncode:
    sys.exit(done.returncode)  # it has said why
first, *rest = done.stdout.splitlines()
events = [line.removeprefix("- ") for line in rest if line.startswith("- ")]
documents.tell({"indicator": INDICATORS[first.removeprefix("Current GitHub status: ")], "listed": events})
