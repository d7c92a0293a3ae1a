"""A XACML 3.0 policy decision point: policies in, decisions out. Knows nothing of the rest.

`load` compiles a policy, `decide` asks it, a `Library` asks many at once.
"""

from __future__ import annotations

from provisioning.rules.decisions import Result, Status, decide
from provisioning.rules.duties import Assignment, Duty
from provisioning.rules.errors import MissingAttribute, PolicyRefused, RequestRefused
from provisioning.rules.library import Library
from provisioning.rules.loading import load
from provisioning.rules.outcomes import Decision, Outcome
from provisioning.rules.policies import Policy, PolicyId
from provisioning.rules.references import Reference, Repository
from provisioning.rules.request import Request
from provisioning.rules.request_documents import Asked, parse_request
from provisioning.rules.responses import write_response

__all__ = [
    "Asked",
    "Assignment",
    "Decision",
    "Duty",
    "Library",
    "MissingAttribute",
    "Outcome",
    "Policy",
    "PolicyId",
    "PolicyRefused",
    "Reference",
    "Repository",
    "Request",
    "RequestRefused",
    "Result",
    "Status",
    "decide",
    "load",
    "parse_request",
    "write_response",
]
