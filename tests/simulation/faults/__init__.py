"""Kinds of runs with a planted fault."""
