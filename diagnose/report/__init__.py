"""Views of the report: JSON, markdown, HTML, terminal. Nothing is judged or computed here, only worded."""
