"""What of the machine every contained command sees, and how much it may write to memory."""

from __future__ import annotations

import os

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/sys")
"""Folders of programs and libraries, and what the kernel says of the machine; links among them stay
links."""

SYSTEM_SETTINGS = tuple(
    f"/etc/{name}"
    for name in (
        *("alternatives", "ca-certificates", "crypto-policies", "fonts", "gai.conf", "group"),
        *("host.conf", "hosts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "locale.alias"),
        *("locale.conf", "localtime", "magic", "mime.types", "nsswitch.conf", "os-release"),
        *("passwd", "pki", "protocols", "python3", "services", "ssl/certs", "ssl/openssl.cnf"),
        "timezone",
    )
)
"""Settings that programs need and that hold no secret; with the network, `/etc/resolv.conf` too."""

KERNEL_SETTINGS = tuple(
    f"/proc/{name}" for name in ("bus", "fs", "irq", "mtrr", "sys", "sysrq-trigger")
)
"""What root may write even without any capability, and must not."""

KERNEL_MEMORY = ("/proc/kcore", "/proc/keys")
"""What shows other processes' secrets to root."""

_MEMORY_BYTES = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")

TMP = "/tmp"  # noqa: S108 (the path that programs use; each command has its own folder there)
SHARED_MEMORY = "/dev/shm"  # noqa: S108 (likewise)

TMP_BYTES = min(4 << 30, _MEMORY_BYTES // 4)
"""The size of each private folder in memory: /tmp, /dev/shm and an empty home."""

TREE_BYTES = _MEMORY_BYTES * 9 // 10
"""What all processes of one command may hold in memory, where the user says nothing."""

PROCESSES = 1024
"""How many processes one command may have at once."""

THREADS_A_PROCESS = 16
"""How many threads it may have for each of them, as `inside/guard.py` has it."""

FILE_BYTES = 8 << 30
"""How large one file may be that a command writes."""

DISK_BYTES = 16 << 30
"""By how much the free space of the disk may shrink during one command."""
