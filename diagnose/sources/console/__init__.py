"""The captured console: progress bars, sessions, crashes and the lines that tell the trainers apart."""
