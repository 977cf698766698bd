"""Hostile decoders: what each tries, and what must come of it.

A program that tries something forbidden prints "refused" where that failed and "BREACH" where not.
"""

from dataclasses import dataclass

from ratings.sandbox.limits import Limit

PYTHON = """#!/usr/bin/env -S python3 -SE
import ctypes, errno, mmap, os, resource, signal, socket, struct, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def refused(act, *arguments):
    try:
        result = act(*arguments)
    except (OSError, ValueError, RuntimeError) as error:
        return print("refused", error)
    print("refused" if result == -1 else f"BREACH {act} {arguments} {result}", flush=True)
def fork():
    return os.fork() == 0
"""
SHELL = "#!/bin/sh\n"


@dataclass(frozen=True)
class Hostile:
    """A program; the limits it may meet (none: it must end by itself); words of the verdict."""

    program: str
    limits: tuple[Limit, ...] = ()
    verdict: str = "ended by itself"
    left_out: str = ""  # why its output is not taken
    wall_seconds: float = 60


def tries(source: str) -> Hostile:
    """A Python program that must be refused everything it tries."""
    return Hostile(PYTHON + source)


def takes(source: str, *limits: Limit, wall_seconds: float = 60) -> Hostile:
    """A Python program that goes on until it is stopped."""
    return Hostile(PYTHON + source, limits, "stopped at the", wall_seconds=wall_seconds)


def waits(source: str) -> Hostile:
    return Hostile(SHELL + source, (Limit.WALL,), "stopped at the wall", wall_seconds=0.5)


def writes(source: str, reason: str) -> Hostile:
    """A shell program whose output is left out."""
    return Hostile(SHELL + source, left_out=reason)


MEMORY = {
    "heap": takes("taken = []\nwhile True: taken.append(b'x' * (1 << 20))", Limit.MEMORY),
    "one huge block": takes(
        "m = mmap.mmap(-1, 300 << 20, flags=mmap.MAP_PRIVATE)\n"
        "for i in range(0, len(m), 4096): m[i] = 1",
        Limit.MEMORY,
    ),
    "heap of many children": takes(
        "for _ in range(12):\n    if fork(): x = b'x' * (12 << 20); time.sleep(60)\ntime.sleep(60)",
        Limit.MEMORY,
    ),
    "shared mapping": takes(
        "m = mmap.mmap(-1, 200 << 20)\nfor i in range(0, len(m), 4096): m[i] = 1\ntime.sleep(60)",
        Limit.MEMORY,
    ),
}
HIDDEN_MEMORY = {
    "shared mapping, hidden": takes(
        "m = mmap.mmap(-1, 200 << 20)\n"
        "for i in range(0, len(m), 1 << 20):\n"
        "    for k in range(i, i + (1 << 20), 4096): m[k] = 1\n"
        "    m.madvise(mmap.MADV_DONTNEED)\n"
        "time.sleep(60)",
        Limit.MEMORY,
    ),
    "memfd": tries("refused(os.memfd_create, 'x')"),
    "secret memfd": tries("refused(libc.syscall, 447, 0)"),
    "shared memory segment": tries("refused(libc.shmget, 0, 1 << 20, 0o1600)"),
    "message queue": tries("refused(libc.msgget, 0, 0o1600)"),
    "semaphores": tries("refused(libc.semget, 0, 1, 0o1600)"),
    "POSIX message queue": tries("refused(libc.mq_open, b'/hostile-q', 0o102, 0o600, None)"),
    "pipes": Hostile(
        PYTHON + "kept = []\n"
        "try:\n"
        "    while True:\n"
        "        r, w = os.pipe(); kept += [r, w]; os.set_blocking(w, False)\n"
        "        os.write(w, bytes(1 << 16))\n"
        "except OSError as error: print('refused', error)"
    ),
    "socket buffers": Hostile(
        PYTHON + "kept = []\n"
        "try:\n"
        "    while True:\n"
        "        a, b = socket.socketpair(); kept += [a, b]; a.setblocking(False)\n"
        "        a.send(bytes(1 << 12))\n"
        "except OSError as error: print('refused', error)"
    ),
    "locked memory": tries("m = mmap.mmap(-1, 1 << 20)\nrefused(libc.mlockall, 3)"),
}
ROOM = {
    "fills the working folder": Hostile(
        SHELL + "cat /dev/zero > a", (Limit.WORK,), "came up against the working folder's"
    ),
    "fills /tmp": Hostile(
        SHELL + "cat /dev/zero > /tmp/hostile-a",
        (Limit.SCRATCH,),
        "came up against the limit for /tmp",
    ),
    "fills /dev/shm": Hostile(
        SHELL + "cat /dev/zero > /dev/shm/hostile-a", (Limit.SCRATCH,), "of 4 MiB"
    ),
    "fills /dev": Hostile(SHELL + "cat /dev/zero > /dev/a || echo refused"),
    "sparse file of a terabyte": Hostile(
        PYTHON + "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "f = open('a', 'wb')\nrefused(f.truncate, 1 << 40)"
    ),
    "sparse output": writes("truncate -s 3M a.png", "more than 2 MiB"),
    "many files": takes(
        "for i in range(9999): open(str(i), 'w').close()\ntime.sleep(60)", Limit.FILES
    ),
    "many links": takes(
        "for i in range(9999): os.symlink('x', str(i))\ntime.sleep(60)", Limit.FILES
    ),
    "many hard links": takes(
        "open('a', 'w').close()\nfor i in range(9999): os.link('a', str(i))\ntime.sleep(60)",
        Limit.FILES,
    ),
    "folder in folder in folder": Hostile(
        PYTHON + "while True: os.mkdir('x'); os.chdir('x')",
        (Limit.FILES, Limit.CPU),
        "stopped at the",
        left_out="too deep",
    ),
    "many files in /tmp": takes(
        "for i in range(9999): open(f'/tmp/hostile-{i}', 'w').close()\ntime.sleep(60)", Limit.FILES
    ),
    "all descriptors": Hostile(
        PYTHON + "kept = []\n"
        "try:\n    while True: kept.append(os.open('/dev/null', 0))\n"
        "except OSError as error: print('refused', error)"
    ),
}
PROCESSES = {
    "fork bomb": takes(
        "while True:\n    try: os.fork()\n    except OSError: pass", Limit.CPU, Limit.PROCESSES
    ),
    "fork bomb of a shell": Hostile(
        SHELL + "b() { b | b & }; b; sleep 0.3", (Limit.PROCESSES, Limit.CPU), "The decoder"
    ),
    "copies of itself": Hostile(
        SHELL + "./decode & ./decode & ./decode & wait", (Limit.PROCESSES, Limit.CPU), "The decoder"
    ),
    "threads": Hostile(
        PYTHON + "try:\n"
        "    while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "except RuntimeError: print('refused', flush=True); time.sleep(0.2); os._exit(0)",
        (Limit.PROCESSES,),
        "came up against the limit of 24 processes",
    ),
    "zombies": Hostile(
        PYTHON + "try:\n    while True:\n        if os.fork() == 0: os._exit(0)\n"
        "except OSError: print('refused')",
        (Limit.PROCESSES,),
        "of 24 processes",
    ),
}
TIME = {
    "spins": takes("while True: pass", Limit.CPU),
    "spins in many processes": takes("for _ in range(3): os.fork()\nwhile True: pass", Limit.CPU),
    "spins in threads": takes(
        "import hashlib\n"
        "def spin():\n    while True: hashlib.sha256(bytes(1 << 20))\n"
        "for _ in range(8): threading.Thread(target=spin).start()",
        Limit.CPU,
    ),
    "spins in children that it waits for": takes(
        "while True:\n"
        "    if fork():\n"
        "        while time.process_time() < 0.05: pass\n"
        "        os._exit(0)\n"
        "    os.wait()",
        Limit.CPU,
    ),
    "spins in the kernel": Hostile(
        SHELL + "while :; do head -c 1G /dev/zero > /dev/null; done",
        (Limit.CPU,),
        "stopped at the CPU",
    ),
    "floods its log": Hostile(SHELL + "yes hostile", (Limit.CPU,), "stopped at the CPU"),
    "floods its log from many processes": Hostile(
        SHELL + "yes a & yes b & yes c & wait", (Limit.CPU,), "stopped at the CPU"
    ),
    "sleeps forever": waits("sleep 1000"),
    "stops itself": waits("kill -STOP $$"),
    "ignores signals": waits("trap '' TERM INT HUP QUIT; while :; do sleep 1000; done"),
    "waits for a pipe": waits("mkfifo p; cat p"),
    "closes its log and sleeps": waits("exec >/dev/null 2>&1; sleep 1000"),
    "sleeps in its children": waits("sleep 1000 & sleep 1000 & wait"),
    "waits in its terminal's name": waits("exec setsid sleep 1000"),
    "sets the clock": tries("refused(time.clock_settime, time.CLOCK_REALTIME, 0)"),
    "gives itself priority": tries(
        "refused(os.setpriority, os.PRIO_PROCESS, 0, -20)\n"
        "refused(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))"
    ),
    "raises its limits": tries(
        "for kind in (resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE,\n"
        "             resource.RLIMIT_CORE, resource.RLIMIT_CPU):\n"
        "    refused(resource.setrlimit, kind, (resource.RLIM_INFINITY,) * 2)"
    ),
}
SURVIVAL = {
    "leaves a child": Hostile(SHELL + "sleep 1000 &"),
    "leaves a daemon": Hostile(SHELL + "(setsid sh -c 'trap \"\" TERM HUP; sleep 1000' &)"),
    "leaves a daemon that holds the log": Hostile(
        SHELL + "(setsid sh -c 'sleep 1000; echo late' &)"
    ),
    "forks twice": Hostile(
        PYTHON + "if fork():\n    os.setsid()\n    if fork(): time.sleep(1000)\n    os._exit(0)"
    ),
    "adopts its orphans": Hostile(
        PYTHON + "libc.prctl(36, 1)\nif fork():\n    if fork(): time.sleep(1000)\n    os._exit(0)"
    ),
    "writes after its end": Hostile(SHELL + "(while :; do echo x > late.png.part; done) &"),
    "keeps replacing a file": Hostile(
        SHELL + "(while :; do ln -sf /etc/passwd a.txt; done) & (while :; do rm -f a.txt; done) &"
    ),
    "kills all": Hostile(SHELL + "kill -9 -1", verdict="The decoder"),
    "kills process 1": Hostile(SHELL + "kill -9 1; kill -TERM 1; kill -SEGV 1; echo refused"),
    "stops process 1": Hostile(SHELL + "kill -STOP 1; echo refused"),
    "kills its group": Hostile(SHELL + "kill -9 0", verdict="ended by SIGKILL"),
    "overwrites its launcher": Hostile(
        PYTHON + "start = int(open('/proc/1/maps').readline().split('-')[0], 16)\n"
        "with open('/proc/1/mem', 'r+b', 0) as memory:\n"
        "    memory.seek(start); memory.write(bytes(4096))",
        verdict="The decoder",
    ),
}
FILES = {
    "link to a file": writes("ln -s /etc/passwd a.png", "a link"),
    "link to the launcher's files": writes("ln -s /proc/1/root/etc/passwd a.png", "a link"),
    "link to itself": writes("ln -s a.png a.png", "a link"),
    "pipe": writes("mkfifo a.png", "a pipe"),
    "socket": Hostile(
        PYTHON + "s = socket.socket(socket.AF_UNIX); s.bind('a.png')", left_out="a link, a pipe"
    ),
    "hard links": writes("echo x > b; ln b a.png", "hard links"),
    "hard link to an input": writes("ln given a.png", "hard links"),
    "name that is no text": Hostile(
        PYTHON + "open(b'\\xff.png', 'w').close()", left_out="not UTF-8"
    ),
    "deep folders": writes(
        "p=.; for i in $(seq 20); do p=$p/d; done; mkdir -p $p; echo x > $p/a.png", "too deep"
    ),
    "more outputs than allowed": writes(
        "for i in $(seq 60); do echo > $i.png; done", "more than 50"
    ),
    "folder named as an output": Hostile(SHELL + "mkdir a.png"),
    "folder that is a link": Hostile(SHELL + "mkdir x; ln -s /usr/share out; ln -s .. x/up"),
    "device": Hostile(SHELL + "mknod a.png c 1 1 2>/dev/null || echo refused"),
    "hard link to /etc/passwd": Hostile(SHELL + "ln /etc/passwd a.png 2>/dev/null || echo refused"),
    "hard link to a program": Hostile(SHELL + "ln /usr/bin/env a.png 2>/dev/null || echo refused"),
    "rewrites an input": Hostile(SHELL + "echo x > given"),
    "removes everything": Hostile(
        SHELL + "rm -rf /work/* /tmp /etc /opt /usr/bin/s* 2>/dev/null; echo refused"
    ),
    "moves its folder": Hostile(SHELL + "mv /work /tmp/hostile-w 2>/dev/null || echo refused"),
}
SECRETS = {
    "reads /etc/shadow": tries("refused(open, '/etc/shadow')"),
    "looks into homes": tries(
        "for p in ('/root', '/home', '/var', '/srv', '/mnt'):\n    refused(os.listdir, p)"
    ),
    "looks at other users' files": tries("refused(os.listdir, '/proc/1/root/root')"),
    "goes up from process 1": tries("refused(os.listdir, '/proc/1/cwd/../../../../root')"),
    "reads physical memory": tries(
        "for p in ('/dev/mem', '/dev/kmem', '/dev/port', '/dev/vda', '/dev/sda', '/dev/kmsg',\n"
        "          '/proc/kcore', '/proc/kmsg'):\n"
        "    refused(open, p, 'rb')"
    ),
    "reads kernel addresses": tries(
        "refused(lambda: -1 if set(open('/proc/kallsyms').readline().split()[0]) == {'0'} else 0)"
    ),
    "finds a container engine": tries(
        "for p in ('/var/run/docker.sock', '/run/docker.sock', '/run/podman/podman.sock'):\n"
        "    refused(socket.socket(socket.AF_UNIX).connect, p)"
    ),
    "sees other processes": Hostile(
        PYTHON + "seen = {p for p in os.listdir('/proc') if p.isdigit()}\n"
        "seen -= {'1', str(os.getpid())}\n"
        "for p in list(seen):\n"
        "    seen -= {p} if open(f'/proc/{p}/comm').read() == 'python3\\n' else set()\n"
        "print('BREACH' if seen else 'refused', seen)"
    ),
    "reads the launcher's arguments": Hostile(
        SHELL + "tr '\\0' ' ' < /proc/1/cmdline | grep -q ratings && echo BREACH; "
        "grep -q ratings /proc/1/environ && echo BREACH; echo refused"
    ),
    "uses inherited descriptors": tries(
        "os.closerange(3, 10)\n"
        "seen = {os.readlink(f'/proc/1/fd/{n}').split(':')[0] for n in os.listdir('/proc/1/fd')}\n"
        "refused(lambda: -1 if seen <= {'pipe', '/dev/null'} else seen)"
    ),
    "opens files by handle": tries("refused(libc.syscall, 304, 3, None, 0)"),
}
PRIVILEGE = {
    "becomes root": tries(
        "refused(os.setuid, 0)\nrefused(os.setgid, 0)\nrefused(os.setgroups, [0])"
    ),
    "runs setuid programs": Hostile(
        SHELL + "for p in su mount passwd newgrp; do command -v $p >/dev/null; done\n"
        "su -c 'echo BREACH' </dev/null; mount -t tmpfs x /tmp && echo BREACH; echo refused"
    ),
    "makes a setuid program": Hostile(
        SHELL + "cp /usr/bin/id i; chmod 6755 i; ./i | grep -q 'euid=0' && echo BREACH\n"
        "echo refused"
    ),
    "changes owners": tries("open('a', 'w').close()\nrefused(os.chown, 'a', 0, 0)"),
    "makes a user namespace": tries("refused(libc.unshare, 0x10000000)"),
    "makes every namespace": tries(
        "for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x20000000, 0x40000000, 0x80):\n"
        "    refused(libc.unshare, flag)"
    ),
    "clones into a namespace": tries("refused(libc.syscall, 56, 0x10000011, 0, 0, 0, 0)"),
    "clones by the new call": tries(
        "refused(libc.syscall, 435, struct.pack('<11Q', 0x10000000, *[0] * 10), 88)"
    ),
    "joins a namespace": tries("refused(libc.setns, os.open('/proc/1/ns/mnt', 0), 0)"),
    "mounts": tries(
        "refused(libc.mount, b'x', b'/tmp', b'tmpfs', 0, None)\n"
        "refused(libc.mount, b'/usr', b'/tmp', None, 4096, None)\n"
        "refused(libc.mount, None, b'/', None, 32, None)\n"
        "refused(libc.syscall, 430, b'tmpfs', 0)"
    ),
    "unmounts": tries(
        "refused(libc.umount2, b'/proc/sys', 2)\nrefused(libc.umount2, b'/usr/bin', 2)"
    ),
    "changes its root": tries("refused(os.chroot, '/tmp')\nrefused(libc.syscall, 155, b'/', b'/')"),
    "traces process 1": tries(
        "refused(libc.ptrace, 16, 1, 0, 0)\nrefused(libc.ptrace, 0, 0, 0, 0)"
    ),
    "reads a process's memory": tries("refused(libc.process_vm_readv, 1, None, 0, None, 0, 0)"),
    "uses the kernel's keys": tries(
        "refused(libc.syscall, 248, b'user', b'hostile-k', b'x', 1, -3)\n"
        "refused(libc.syscall, 250, 0, -3, 1)\nrefused(libc.syscall, 249, b'user', b'x', None, 0)"
    ),
    "uses io_uring": tries("refused(libc.syscall, 425, 4, ctypes.create_string_buffer(256))"),
    "loads BPF": tries("refused(libc.syscall, 321, 0, ctypes.create_string_buffer(72), 72)"),
    "handles page faults": tries("refused(libc.syscall, 323, 1)"),
    "measures performance": tries(
        "attributes = ctypes.create_string_buffer(128)\n"
        "refused(libc.syscall, 298, attributes, 0, -1, -1, 0)"
    ),
    "loads modules": tries(
        "refused(libc.syscall, 175, b'', 0, b'')\nrefused(libc.syscall, 313, 0, b'', 0)"
    ),
    "restarts the machine": tries("refused(libc.reboot, 0x1234567)"),
    "names the machine": tries("refused(socket.sethostname, 'x')"),
    "types into the terminal": tries(
        "import fcntl, pty\n"
        "m, s = pty.openpty()\n"
        "for request in (0x5412, 0x541C): refused(fcntl.ioctl, s, request, b'x')\n"
        "refused(open, '/dev/tty')"
    ),
    "writes kernel settings": tries(
        "for p in ('sys/kernel/core_pattern', 'sysrq-trigger', 'sys/vm/drop_caches'):\n"
        "    refused(open, '/proc/' + p, 'w')"
    ),
    "saves itself from the OOM killer": tries(
        "score = os.open('/proc/self/oom_score_adj', 1)\nrefused(os.write, score, b'-1000')"
    ),
    "rewrites system files": tries(
        "for p in ('/etc/passwd', '/usr/bin/env', '/opt/decoding/versions', '/bin/x', '/x',\n"
        "          '/proc/1/exe'):\n"
        "    refused(open, p, 'w')"
    ),
    "calls the kernel as a 32-bit program": Hostile(
        PYTHON + "code = mmap.mmap(-1, 4096, prot=7)\n"
        "code.write(b'\\xb8\\x14\\0\\0\\0\\xcd\\x80\\xc3')\n"
        "ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()\n"
        "print('BREACH', flush=True)",
        verdict="ended by SIGSYS",
    ),
    "calls the kernel by x32 numbers": tries("refused(libc.syscall, 0x40000000 + 39)"),
}
NETWORK = {
    "internet sockets": tries(
        "for family in (socket.AF_INET, socket.AF_INET6):\n"
        "    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):\n"
        "        refused(socket.socket, family, kind)"
    ),
    "packets": tries("refused(socket.socket, socket.AF_PACKET, socket.SOCK_RAW, 768)"),
    "netlink": tries("refused(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW, 0)"),
    "the host of a virtual machine": tries("refused(socket.socket, socket.AF_VSOCK)"),
    "kernel crypto": tries("refused(socket.socket, 38, socket.SOCK_SEQPACKET)"),
    "every other family": tries(
        "for family in range(2, 46): refused(socket.socket, family, socket.SOCK_DGRAM)\n"
        "refused(libc.socketpair, 2, 1, 0, ctypes.create_string_buffer(8))"
    ),
    "names": tries("refused(socket.getaddrinfo, 'example.org', 80)"),
    "command line tools": Hostile(
        "#!/bin/bash\n(exec 3<>/dev/tcp/127.0.0.1/22) 2>/dev/null && echo BREACH\n"
        "curl -s http://127.0.0.1 && echo BREACH\n"
        "wget -q http://127.0.0.1 && echo BREACH\necho refused"
    ),
}
HOSTILE = {
    **MEMORY,
    **HIDDEN_MEMORY,
    **ROOM,
    **PROCESSES,
    **TIME,
    **SURVIVAL,
    **FILES,
    **SECRETS,
    **PRIVILEGE,
    **NETWORK,
}
