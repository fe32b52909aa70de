"""The seven expressions the product names, and how the two public labelings map onto them."""

LABELS = ("anger", "disgust", "fear", "happy", "sad", "surprised", "neutral")
"""The product's labels, in the class order of FER2013."""

FERPLUS_LABELS = (
    "neutral",
    "happy",
    "surprised",
    "sad",
    "anger",
    "disgust",
    "fear",
    "contempt",
)
"""The eight classes of FERPlus, in the order of its vote columns."""

CONTEMPT = FERPLUS_LABELS.index("contempt")

PLUS_TO_LABEL = tuple(FERPLUS_LABELS.index(label) for label in LABELS)
"""For every product label, its column among the eight classes of FERPlus."""
