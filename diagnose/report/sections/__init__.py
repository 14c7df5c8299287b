"""The sections of the markdown page, one module each: a report goes in, blocks of markdown come out.

A section with nothing to say returns no blocks, not even its heading.
"""
