"""Whether a decoder failed for its file, its memory or the device it reads from."""

import errno
import struct

# What Pillow's readers raise when a file lies to them; a crash of native code is no exception.
DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    EOFError,
    RuntimeError,
    struct.error,
)
# A file that lies can send a reader to a place that no file has. All else is the device's.
_ERRNOS_OF_LIES = {errno.EINVAL, errno.EOVERFLOW}


def is_of_device(error: BaseException) -> bool:
    """Whether the system could not read; what a decoder finds wrong in a file has no number."""
    return isinstance(error, OSError) and bool(error.errno) and error.errno not in _ERRNOS_OF_LIES
