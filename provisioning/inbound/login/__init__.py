"""Federated login: people sign in at an identity provider, and are made here by
`provisioning.jit`.

The way of a login: `/login/<name>/` stores a `LoginAttempt` and sends the browser to the
identity provider; what comes back becomes an `Answer`; `going_on` asks the person if that is
wanted, lets the engine act, and sends the browser to the application with a one-time code.
Attempts, cookies, refusals, prompts, codes, the audit trail and the test login are the same
for every protocol.

A protocol is a `Protocol` (`protocol.py`) in the table of `protocols.py`, by the type of the
identity provider's authenticator:

- `begin(provider, state)` answers `Begun`: where the browser goes, and what the protocol wants
  to see again (a nonce, the id of a request), which is kept sealed.
- `finish(provider, kept, request)` is given what came back to the callback, and answers
  `Answer(subject, claims, roles, email_verified)` or raises a `Stop`: `Untrusted` (403) for
  what must not be believed, `ProviderFailed` (502) for an identity provider that does not work.
- `leave(provider, state)`: where to sign out there; "" when it cannot be done.

Where the answer comes by a POST from another site, the browser leaves its cookie at home
(SameSite=Lax). Such a view of its own takes the attempt with `attempts.take(provider, state)`,
checks the answer, keeps it with `attempts.keep(row, answer)`, and redirects (303) to
`addresses.go_on(provider, state)`: there the cookie is back, and checked.
"""
