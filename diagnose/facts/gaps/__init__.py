"""Where log and files contradict the settings in effect: how far apart the two are, as facts that judge nothing."""
