"""The sections of the page: a report goes in, blocks come out."""
