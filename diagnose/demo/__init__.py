"""Writes complete example runs from a few published figures."""
