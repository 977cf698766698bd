# SPDX-License-Identifier: Apache-2.0
"""What a decoder runs in: bubblewrap or an image, their environment, system calls refused."""
