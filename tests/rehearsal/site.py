"""The repository of the play: three components, workflows as they are shipped, and pages that are read by a program."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.sites import ROOT, bare_theme, run_git, write

STEP = 900  # seconds between rounds
LOCATIONS = ("helsinki", "virginia")
MEASURED = ("api", "web")
DECLARED = ("db",)
SECRET = "whsec_" + "cmVoZWFyc2FsLXNlY3JldC0wMTIzNDU2Nzg5"  # base64 of what signs
COMPONENTS = """\
site: {name: Acme Status, url: "https://status.acme.example", id: acme}
feed: {authority: "status.acme.example,2026"}
probing: {interval: 15m, timeout: 300ms, reprobe: [50ms], preflight: none, locations: [helsinki, virginia]}
drafts: {mode: draft, settle: 45m}
notifications:
  - {name: customers, webhook: "${env:HOOK_CUSTOMERS}", secret: "${env:HOOK_SECRET}", kinds: [incident, maintenance]}
  - name: operators
    webhook: ${env:HOOK_OPERATORS}
    secret: ${env:HOOK_SECRET}
    kinds: [outage, recovery, silence]
  - name: database
    webhook: ${env:HOOK_DATABASE}
    secret: ${env:HOOK_SECRET}
    kinds: [incident, maintenance]
    components: [db]
  - {name: letters, to: "${env:MAIL}", kinds: [incident], severities: [sev1, sev2]}
components:
  - {id: api, name: API, since: 2026-11-01, checks: [{id: api, tcp: "127.0.0.1:9"}]}
  - {id: web, name: Website, since: 2026-11-01, checks: [{id: web, tcp: "127.0.0.1:9"}]}
  - {id: db, name: Database, since: 2026-11-01}
"""
_NO_SECRETS = "        # env:\n        #   STATUS_SLACK: ${{ secrets.STATUS_SLACK }}\n"  # what a site's owner fills in
_NAMES = ("HOOK_CUSTOMERS", "HOOK_OPERATORS", "HOOK_DATABASE", "HOOK_SECRET", "MAIL")
_SECRETS = "        env:\n" + "".join(f"          {name}: ${{{{ secrets.{name} }}}}\n" for name in _NAMES)
INDEX = """\
<title>{{ site.name }}</title>
{% for event in snapshot.events if event.is_open or event.is_upcoming %}
<p>[{{ words.phase(event.phase) }}] {{ event.title }}</p>
{% endfor %}
{% for view in snapshot.components %}<p>{{ view.component.name }}: {{ words.state(view.state) }}</p>
{% endfor %}
"""
INCIDENT = """\
<title>[{{ words.phase(event.phase) }}] {{ event.title }}</title>
{% for update in event.updates %}
<h2>{{ words.phase(update.phase) }}</h2>
{{ prose(update.text, page, update.anchor) }}
{% endfor %}
{% if event.postmortem %}{{ prose(event.postmortem.text, page, "postmortem") }}{% endif %}
"""


def make(folder: Path) -> Path:
    """Write the files, with the workflows that are shipped, and begin a repository of them."""
    texts = {**bare_theme(), "components.yaml": COMPONENTS, ".gitignore": "/public/\n/preview/\n"}
    texts |= {"themes/default/index.html": INDEX, "themes/default/incident.html": INCIDENT}
    write(folder, **texts)
    shutil.copytree(ROOT / ".github/workflows", folder / ".github/workflows")
    publish = folder / ".github/workflows/publish.yml"
    shipped = publish.read_text("utf-8")
    assert _NO_SECRETS in shipped
    publish.write_text(shipped.replace(_NO_SECRETS, _SECRETS), "utf-8")
    shutil.copyfile(ROOT / "action.yml", folder / "action.yml")
    run_git(folder, "init", "--quiet", "--initial-branch=main")
    run_git(folder, "add", "--all")
    return folder
