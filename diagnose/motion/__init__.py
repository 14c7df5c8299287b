"""Measure how things move in clips, from their pictures alone."""
