"""An SPML 2.0 provider (DSMLv2 profile over SOAP 1.1) that checks what it is asked."""

from tests.fakes.spml.target import SpmlTarget

__all__ = ["SpmlTarget"]
