"""Views of the report: JSON, markdown, HTML, terminal."""
