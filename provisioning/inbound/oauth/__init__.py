"""OAuth 2.0 for service providers: client credentials only (RFC 6749 §4.4, 7009, 7662)."""
