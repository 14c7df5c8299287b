"""Figures as SVG: what the page shows where people would rather look than read.

The SVG is written here, not by a library. Compared (two lines of 60 points each, this machine):

* pygal 3.1 (LGPL): 49 kB a figure, starts in 0.05 s; values on hover need its script, and its style sheet with random
  names in every figure needs a looser content policy; no bands.
* matplotlib 3.11 (own free licence): 15 kB a figure, starts in 0.5 s, 170 MB installed; no hover, colours fixed, so no
  dark mode.
* uPlot 1.6 (MIT): 51 kB once, fast and small, but a script on a canvas: nothing with scripts off, blurred in print.

Ours: 3 to 12 kB a figure with a value for every point on hover or tap by style sheet alone, colours from the page, so
that dark mode and print follow, nothing to install and no time to start.
"""
