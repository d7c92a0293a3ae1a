"""The SCIM 2.0 door (RFC 7643, RFC 7644, RFC 9865).

Schemas, filter and path grammar come from scim2-models; it takes more than a second to
import and is imported at the first request that needs it. Here "server" is Purveyor and
"client" is the caller; "service provider" keeps the meaning it has in the rest of the code.
"""
