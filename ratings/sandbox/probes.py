"""Small hostile programs, by which a sandbox shows that it holds."""

LOOK_AROUND = '''#!/usr/bin/env python3
"""Tries what must not work, and says each thing that did."""
import ctypes, os, socket, sys

libc = ctypes.CDLL(None, use_errno=True)
SECRET = {secret!r}
NOTE = {note!r}
NOTES = ["/tmp/" + NOTE, "/dev/shm/" + NOTE, "/var/tmp/" + NOTE, NOTE]


def opens(family):
    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
        return True
    except OSError:
        return False


def writes(path):
    try:
        open(path, "w").close()
        return True
    except OSError:
        return False


def reads(path):
    try:
        open(path, "rb").close()
        return True
    except OSError:
        return False


status = dict(line.split(":", 1) for line in open("/proc/self/status"))
processes = [name for name in os.listdir("/proc") if name.isdigit()]
interfaces = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]
x86 = os.uname().machine == "x86_64"
breaches = {{
    "it opens network sockets": any(map(opens, (2, 10, 16, 17, 40))),
    "it sees network interfaces": interfaces != ["lo"],
    "it sees other processes": len(processes) > 4,
    "it reads the runner's files": any(map(reads, (SECRET, "/proc/1/root" + SECRET))),
    "it writes outside its folders": any(
        map(writes, ("/x", "/usr/x", "/usr/bin/x", "/etc/x", "/dev/x", "/opt/x"))
    ),
    "it writes kernel settings": writes("/proc/sys/kernel/core_pattern"),
    "it has capabilities": int(status["CapEff"], 16) or int(status["CapBnd"], 16),
    "it may gain privileges": int(status["NoNewPrivs"]) != 1,
    "its system calls are not filtered": int(status["Seccomp"]) != 2,
    "it makes user namespaces": libc.unshare(0x10000000) == 0,
    "it mounts": libc.mount(b"x", b"/tmp", b"tmpfs", 0, None) == 0,
    "it changes its root": libc.chroot(b"/tmp") == 0,
    "it traces processes": libc.ptrace(0, 0, 0, 0) == 0,
    "it uses io_uring": libc.syscall(425, 1, ctypes.create_string_buffer(256)) >= 0,
    "it uses keyrings": libc.syscall(250 if x86 else 219, 0, -3, 1) >= 0,
    "it finds what an earlier run left": any(map(os.path.exists, NOTES)),
}}
for path in NOTES:
    writes(path)
for words, found in breaches.items():
    if found:
        print("BREACH", words)
with open("proof.png", "wb") as proof:
    proof.write(b"proof")
'''

# Each child keeps less than the limit, all of them together more: only a parent that hears of each
# one while the others hold theirs knows a breach. A meter that looks from time to time may be late.
TAKE_MEMORY = """#!/usr/bin/env python3
import os, time
heard, said = os.pipe()
for child in range(4):
    if os.fork() == 0:
        taken = b"x" * (64 << 20)
        os.write(said, b".")
        time.sleep(30)
os.close(said)
held = 0
while len(os.read(heard, 1)) == 1:
    held += 1
    if held == 4:
        time.sleep(2)
        print("BREACH it takes more memory than its limit", flush=True)
        break
"""

TAKE_PROCESSES = """#!/usr/bin/env python3
import os, time
for child in range(200):
    try:
        if os.fork() == 0:
            time.sleep(2)
            os._exit(0)
    except OSError:
        break
else:
    print("BREACH it starts more processes than its limit")
"""

OUTLIVE = """#!/bin/sh
setsid sleep 10 &
trap "" TERM HUP INT
(setsid sleep 10 &)
"""

# Says each of the versions that it finds, as a file of them says what it should. Of some packages
# it is known what they are imported by: these must be of use, too.
SAY_VERSIONS = """#!/usr/bin/env python3
import importlib, platform
from importlib.metadata import version
print("python=" + platform.python_version())
for name, module in {packages}.items():
    try:
        importlib.import_module(module or "sys")
        print(name + "=" + version(name))
    except Exception as error:
        print("because", error)
"""
