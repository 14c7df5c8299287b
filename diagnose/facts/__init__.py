"""Readings to facts: the only arithmetic of the system."""
