"""Why does somebody have an account somewhere, or not? Sends nothing, changes nothing.

One answer for the command, the REST API and the console: `now` from the plan that a change
would follow, `past` from what the audit trail recorded.
"""

from provisioning.explain.answers import Explanation, Target
from provisioning.explain.now import explain, explain_subject, now
from provisioning.explain.past import past

__all__ = ["Explanation", "Target", "explain", "explain_subject", "now", "past"]
