"""The views of a report, a module each, named as the format is: `render(report, width, color, full)` returns the text.

A module that is put here is a view, for the command line as well: nothing else names it.
"""
