"""statuscheck, with a service as it has many: a class that says where its page is."""

from __future__ import annotations

import sys

import documents
from statuscheck.services.bases._statuspageio import COMPONENT_STATUS_MAPPING, STATUS_TYPE_MAPPING, BaseStatusPageAPI

STATUSES = {name: status for status, name in COMPONENT_STATUS_MAPPING.items()}
INDICATORS = {name: indicator for indicator, name in STATUS_TYPE_MAPPING.items()}


class Service(BaseStatusPageAPI):
    name = "Demo"

    def _get_base_url(self) -> str:
        return f"{sys.argv[1]}/api/v2/"


summary = Service().get_summary()
told = [each.extra_data for each in summary.incidents]
unresolved = [each for each in told if "scheduled_for" not in each]
documents.tell(
    {
        "indicator": INDICATORS[summary.status.name],
        "description": summary.status.description,
        "components": [[each.id, each.name, STATUSES[each.status]] for each in summary.components],
        "unresolved": documents.incidents(unresolved),
        "planned": documents.maintenances(each for each in told if "scheduled_for" in each),
        "affected": sorted([each.id, sorted(one.name for one in each.components)] for each in summary.incidents),
    }
)
