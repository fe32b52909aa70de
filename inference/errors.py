"""The errors that inference raises for reasons a caller can act on."""


class InferenceError(Exception):
    """Base of every error below; its text is a sentence for the user."""


class ImageError(InferenceError):
    """A picture cannot be read: unknown format, broken file or too many pixels."""


class ImageMemoryError(ImageError):
    """A picture needs more memory than this process may take; the file itself may be fine."""


class VideoError(InferenceError):
    """A video cannot be read: unknown format, broken file, or nothing to see in it."""


class WeightsError(InferenceError):
    """A weights file is missing, has the wrong hash or does not fit its network."""


class DatasetError(InferenceError):
    """Training or evaluation data is missing, empty or not in the expected layout."""
