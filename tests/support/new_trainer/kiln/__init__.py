"""Kiln, a trainer that is nowhere but in the tests."""
