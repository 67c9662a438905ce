"""ics, over the calendar of maintenances."""

from __future__ import annotations

import sys
from urllib.request import urlopen

import documents
import ics

with urlopen(f"{sys.argv[1]}/{sys.argv[3]}") as answer:
    calendar = ics.Calendar(answer.read().decode())
told = [[each.name, int(each.begin.timestamp()), int(each.end.timestamp())] for each in calendar.events]
documents.tell({"calendar": sorted(told)})
