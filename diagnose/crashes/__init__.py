"""Why a run died: which kind of crash its console shows."""
