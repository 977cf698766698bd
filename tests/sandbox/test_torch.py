"""Decoders with PyTorch, where `make torch` has made their environment."""

from dataclasses import replace
from pathlib import Path

import pytest

from ratings.sandbox import self_test
from ratings.sandbox.containment.containers import Engine
from ratings.sandbox.environments.recipes import contents
from ratings.sandbox.environments.trees import DecoderEnvironment
from ratings.sandbox.run_limits import GIB
from ratings.sandbox.sandboxes import ContainerSandbox
from ratings.sandbox.self_test import open_sandbox
from tests.sandbox.builders import SMALL
from tests.sandbox.conftest import Run

ROOMY = replace(SMALL, cpu_seconds=60, memory_bytes=2 * GIB, processes=64)
DECODER = """#!/usr/bin/env python3
import os
import torch
from PIL import Image
weights = torch.load("given", weights_only=True)
with torch.inference_mode():
    picture = torch.nn.functional.conv_transpose2d(weights["code"], weights["kernel"], stride=2)
levels = picture[0].round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0)
Image.fromarray(levels.numpy()).save("a.png")
print(torch.get_num_threads(), len(os.sched_getaffinity(0)), torch.cuda.is_available())
"""
MAKE = """#!/usr/bin/env python3
import torch
torch.save({"code": torch.ones(1, 4, 6, 6), "kernel": torch.ones(4, 3, 2, 2)}, "a.png")
"""


def test_its_sandbox_is_tested_and_its_packages_are_imported(torch: DecoderEnvironment) -> None:
    sandbox = open_sandbox(torch.tree.parent, "torch")
    assert sandbox.packaged() == torch
    assert sandbox.facts().items() > contents("torch").items()


def test_its_sandbox_is_tested_in_the_sites_image(
    torch: DecoderEnvironment, engine: Engine
) -> None:
    sandbox = open_sandbox(torch.tree.parent, "torch", image=engine.image)
    assert isinstance(sandbox, ContainerSandbox)
    assert sandbox.facts().items() > (contents("torch") | {"image": engine.image}).items()
    self_test.require_versions(sandbox)


@pytest.mark.parametrize("lane", ["run_with_torch", "run_contained_with_torch"])
def test_a_network_decodes_on_its_one_core(
    lane: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    run: Run = request.getfixturevalue(lane)
    weights = run(MAKE, limits=ROOMY).outputs["a.png"].file.read_bytes()
    for left in tmp_path.iterdir():
        left.rename(tmp_path.with_name(f"{tmp_path.name}-{left.name}"))
    result = run(DECODER, limits=replace(ROOMY, cores=1), inputs={"given": weights})
    assert result.succeeded and set(result.outputs) == {"a.png"}, result
    threads, cores, cuda = result.log.split()
    assert (threads, cuda) == (b"1", b"False")
    assert result.environment["cores"] == f"{int(cores)} seen, 1 to use"


# Saved where there is a GPU: the file names the device of each tensor.
OF_A_GPU = """
import io, zipfile
torch.save({"code": torch.ones(1)}, saved := io.BytesIO())
with zipfile.ZipFile(saved) as here, zipfile.ZipFile("gpu.pt", "w") as there:
    for member in here.infolist():
        content = here.read(member).replace(b"X\\3\\0\\0\\0cpu", b"X\\6\\0\\0\\0cuda:0")
        there.writestr(member.filename, content)
torch.load("gpu.pt")
"""
MISTAKES = {
    "device": ("torch.ones(1, device='cuda')", "There is no GPU where the decoder ran; "),
    "weights of a GPU": (OF_A_GPU, 'load weights by torch.load(..., map_location="cpu").'),
    "more than weights": (
        "torch.save(torch.nn.ReLU(), 'a.pt')\ntorch.load('a.pt')",
        "load it with weights_only=False.",
    ),
    "memory": ("torch.zeros(1 << 40)", "It asked for more memory than there is: a run may use 2 G"),
    "pointer": ("torch.load('weights.pt')", "'weights.pt' is a pointer of Git LFS"),
    "package": ("import torchaudio", "environment 'torch', which has PyTorch for CPUs, "),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_in_one_sentence(run_with_torch: Run, name: str) -> None:
    program, words = MISTAKES[name]
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
    files = {"weights__pt": pointer} if name == "pointer" else {}
    result = run_with_torch(
        f"#!/usr/bin/env python3\nimport torch\n{program}\n", limits=ROOMY, **files
    )
    assert not result.succeeded
    told = result.diagnosis.causes("wrote no PNG")
    assert words in told[1] and len(told) == 2
