"""Minimal edits of the user's own config text: everything that is not changed stays byte for byte."""
