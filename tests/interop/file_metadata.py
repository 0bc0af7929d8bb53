"""What belongs to a file besides its bytes, and how a test gives it."""

import contextlib
import os
import struct
import subprocess

import pytest

import manifest

ACCESS_LIST = "system.posix_acl_access"
DEFAULT_LIST = "system.posix_acl_default"
# Tags of <linux/posix_acl.h>.
OWNER, NAMED_USER, GROUP, MASK, OTHERS = 0x01, 0x02, 0x04, 0x10, 0x20
NOBODY_NAMED = 0xFFFFFFFF


def attributes(path):
    return {name: os.getxattr(path, name, follow_symlinks=False) for name in os.listxattr(path, follow_symlinks=False)}


def kept(path):
    """All that has to survive a migration; not the access time, which reading moves."""
    status = os.lstat(path)
    return {"mode": oct(status.st_mode), "owner": status.st_uid, "group": status.st_gid, "modified": status.st_mtime_ns, "attributes": attributes(path)}


def without_set_id(metadata):
    """What root gives to a new file: nobody gets a program that runs with the rights of somebody else."""
    return {**metadata, "mode": oct(int(metadata["mode"], 8) & ~0o6000)}


def whole(path):
    """The same with bytes, inode and number of names: equal only when nothing happened to the file."""
    status = os.lstat(path)
    content = os.readlink(path) if path.is_symlink() else manifest.sha256(path) if path.is_file() else None
    # A folder's time moves when a temporary file comes and goes; its names are in the tree.
    moved = {"modified": None} if path.is_dir() and not path.is_symlink() else {}
    return {**kept(path), **moved, "content": content, "inode": status.st_ino, "names": status.st_nlink}


def tree(folder):
    return {str(path.relative_to(folder)): whole(path) for path in sorted(folder.rglob("*"))}


def set_attribute(path, name, value):
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        pytest.skip(f"{name} cannot be set here: {error}")


def list_for(named_user, rights, owner=6, group=4, others=0):
    """An access list that gives one named user rights, as the kernel stores it."""
    entries = [(OWNER, owner, NOBODY_NAMED), (NAMED_USER, rights, named_user), (GROUP, group, NOBODY_NAMED),
               (MASK, rights | group, NOBODY_NAMED), (OTHERS, others, NOBODY_NAMED)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def rights_of(path, named_user):
    """What the list lets a named user do: his entry, as far as the mask lets it count."""
    entries = list(struct.iter_unpack("<HHI", os.getxattr(path, ACCESS_LIST)[4:]))
    (mask,) = [rights for tag, rights, _ in entries if tag == MASK]
    return mask & sum(rights for tag, rights, who in entries if (tag, who) == (NAMED_USER, named_user))


@contextlib.contextmanager
def flagged(path, flag):
    """`chattr +FLAG`, taken back at the end, with what could not be removed meanwhile."""
    try:
        done = subprocess.run(["chattr", f"+{flag}", path], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("chattr is not installed")
    if done.returncode != 0:
        pytest.skip(f"chattr +{flag} does not work here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["chattr", f"-{flag}", path], check=True)


def flags(path):
    return subprocess.run(["lsattr", "-d", path], capture_output=True, text=True, check=True).stdout.split()[0]
