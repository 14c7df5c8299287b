"""What a run needs: room on the disk and in memory, and how often it sees the data."""
