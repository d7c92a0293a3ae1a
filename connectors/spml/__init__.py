"""SPML 2.0 providers as targets: the DSMLv2 profile over SOAP 1.1 (OASIS, 1 April 2006)."""
