"""A second packaged environment that costs nothing: the usual one's files under another name."""

import os
import shutil
from pathlib import Path

from ratings.sandbox.environments import making
from ratings.sandbox.environments.recipes import contents

# What a decoder that asks for it finds there alone; the site has made no PyTorch.
STAND_IN = 'print("a stand-in for PyTorch", flush=True)\n'


def make_torch_stand_in(folder: Path) -> Path:
    """Let `folder` have an environment called torch, in which there is a module of that name.

    Return its tree.
    """
    usual = making.environment_in(folder).tree
    made = making._tree(folder, "torch", contents("torch"))
    part = made.with_suffix(".part")
    shutil.copytree(usual, part, symlinks=True, copy_function=os.link)
    (packages,) = part.glob("lib/*/site-packages")
    (packages / "torch.py").write_text(STAND_IN)
    (packages / "torch.py").chmod(0o644)
    return part.rename(made)
