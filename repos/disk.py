"""Says who must act when a file cannot be written: the user, or whoever runs the machine."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import InfrastructureError, UserError

_USERS_CALL = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Turn an OSError of the block into one of our errors that names `path`.

    Raises:
        UserError: The place may not be written (no permission, read-only, no folder).
        InfrastructureError: The disk is full or broken.
    """
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        if error.errno in _USERS_CALL:
            raise UserError(f"cannot write to {path}: {reason}; choose another folder") from error
        raise InfrastructureError(f"cannot write to {path}: {reason}") from error
