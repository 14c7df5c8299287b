"""Firings to findings, ranked, and the next config."""
