"""Encore's vision: faces, names, emotions and portraits, with no knowledge of the web.

Importing this package loads nothing heavy; each module imports what it needs.
"""

import os

# Computing threads that wait for each other sleep instead of spinning. On a processor that others
# use as well, spinning makes two threads many times slower than one (docs/evaluation.md). OpenMP
# reads this once, when torch is loaded; whoever sets it beforehand has the last word.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
