"""SCIM service providers (servers) as targets: RFC 7643 and RFC 7644."""
