"""The door to the table of operations; the stub beside it knows the shape of each request and response."""

from ._native import call

__all__ = ["call"]
