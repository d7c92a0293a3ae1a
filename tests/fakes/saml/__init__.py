"""SAML 2.0 identity providers: what they say of themselves, and of people."""
