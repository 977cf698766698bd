# SPDX-License-Identifier: Apache-2.0
"""The one way a picture is turned down."""


class PictureRefused(ValueError):
    """A picture file that is not taken; `code` is a stable slug, the message names the mend."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
