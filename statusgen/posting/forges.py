"""The pages of forges on which a pull request is opened, from the address of a repository there."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

_SSH = re.compile(r"(?:[^@/\s]+@)?([A-Za-z0-9.-]+):(?!//)(/?[^\s]+)")  # git@host:owner/name.git


def web_address(remote: str) -> str:
    """Return where a remote's repository is on the web, without name and password; empty for one that has no such."""
    if found := _SSH.fullmatch(remote):
        host, path = found[1], found[2]
    else:
        try:
            parts = urlsplit(remote)
            host, path = parts.hostname or "", parts.path
            if parts.scheme in ("http", "https") and parts.port:
                host = f"{host}:{parts.port}"
        except ValueError:
            return ""
        if parts.scheme not in ("http", "https", "ssh", "git"):
            return ""
    path = path.strip("/").removesuffix(".git").strip("/")
    return f"https://{host.lower()}/{quote(path, safe='/~')}" if "." in host and "/" in path else ""


def proposal(address: str, branch: str, base: str) -> str:
    """Return the page that opens a pull request (GitLab: merge request) from a branch; empty without an address."""
    if not (address and branch):
        return ""
    here, there = quote(branch, safe="/"), quote(base, safe="/")
    host = urlsplit(address).hostname or ""
    if "gitlab" in host:
        target = f"&merge_request%5Btarget_branch%5D={quote(base, safe='')}" if base else ""
        return f"{address}/-/merge_requests/new?merge_request%5Bsource_branch%5D={quote(branch, safe='')}{target}"
    if host == "github.com":
        return f"{address}/compare/{f'{there}...' if base else ''}{here}?expand=1"
    return f"{address}/compare/{there or 'main'}...{here}"  # Forgejo, Gitea; GitHub Enterprise knows it too
