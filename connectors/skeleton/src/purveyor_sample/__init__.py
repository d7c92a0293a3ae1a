"""A connector of Purveyor for Sample."""

from purveyor_sample.connector import SampleConnector

__all__ = ["SampleConnector"]
