"""WAN 2.2 A14B: one video model of two experts."""
