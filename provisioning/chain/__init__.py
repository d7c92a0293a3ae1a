"""The audit trail's seals: a change of what was sealed shows, and so does a gap.

Events are added freely and get their number in the chain afterwards, by a tick
(`sealing`): a chain that grew with each change would make all of a tenant wait in line.
Each seal is a digest of the event and of the seal before it (`seals`); both ends of the
chain are signed with a key that is not in the database. `verifying` reads it all again;
`forgetting` prunes from its beginning, and leaves a signed checkpoint.
"""
