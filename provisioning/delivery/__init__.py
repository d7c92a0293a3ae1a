"""From a leased job to the target's answer: load → send → (resolve → send) → settle.

`loading` reads everything a batch needs in a constant number of queries; `sending` talks
to the target and touches no database; `resolving` decides about an account that was found
there; `outbox.settling` writes the results in bulk. `inline` does all of it at once for a
caller that waits, `provisioning.worker` for many connectors at a time.
"""
