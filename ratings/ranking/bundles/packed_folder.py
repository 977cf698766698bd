"""A folder as one zip: equal files, equal bytes, whenever and wherever it is packed."""

import shutil
import zipfile
from pathlib import Path

# The first instant that a zip can say.
_BEGIN = (1980, 1, 1, 0, 0, 0)
# What can't be made smaller.
_PACKED = {".webp", ".png", ".parquet"}


def pack(folder: Path, archive: Path) -> None:
    """Write every file below a folder, which is named in the zip too, in the order of names."""
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            member = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), _BEGIN)
            is_packed = path.suffix in _PACKED
            member.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            member.create_system = 3  # Unix, whatever made it
            member.file_size = path.stat().st_size
            with path.open("rb") as source, packed.open(member, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)
