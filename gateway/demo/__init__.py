"""A demo graph that looks like a company's: made up, and the same every time."""

from gateway.demo.load import load

__all__ = ["load"]
