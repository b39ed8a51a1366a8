"""A backup as one file: a zip of members with a manifest that says what each must be.

Encrypted it is a file of age (age-encryption.org/v1), which the `age` program opens as well.
Nothing here knows what the members mean.
"""

import hashlib
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import pyrage

from app.errors import Refused

MANIFEST = "manifest.json"
FORMAT = 1
_CHUNK = 1 << 20
_AGE = b"age-encryption.org/v1\n"


@dataclass(frozen=True)
class Key:
    """What a key file holds: the public half to encrypt for, and the secret one if it is there."""

    recipient: pyrage.x25519.Recipient
    identity: pyrage.x25519.Identity | None


_NOTED = "# public key: "


def make_key(path: Path) -> str:
    """Write a fresh key into a file of mode 0600; its public half. Raises Refused."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{_NOTED}{public}\n{identity}\n")
    except OSError as error:
        raise Refused(f"no key was made at {path}: {error.strerror}") from error
    return public


def read_key(path: Path) -> Key:
    """The key in a file as `age-keygen` writes it, or its public half alone. Raises Refused.

    The public half may stand there as it does beside the secret one, as `# public key: age1...`.
    """
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").split("\n")]
        bare = [line for line in lines if line and not line.startswith("#")]
        noted = [line.removeprefix(_NOTED) for line in lines if line.startswith(_NOTED)]
        text = next(iter(bare + noted), "")
        if text.startswith("AGE-SECRET-KEY-"):
            identity = pyrage.x25519.Identity.from_str(text)
            return Key(identity.to_public(), identity)
        return Key(pyrage.x25519.Recipient.from_str(text), None)
    except (OSError, ValueError, pyrage.IdentityError, pyrage.RecipientError) as error:
        raise Refused(f"{path} holds no key: age1... or AGE-SECRET-KEY-1... is wanted") from error


class Packer:
    """Writes members one after the other; `finish` adds the manifest. A context manager."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._members: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add(self, name: str, chunks: Iterable[bytes], **facts: Any) -> None:  # noqa: ANN401 - what JSON holds
        """Add one member from its parts."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(name, "w", force_zip64=True) as member:
            for chunk in chunks:
                member.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        self._members[name] = {"bytes": size, "sha256": digest.hexdigest(), **facts}

    def finish(self, **facts: Any) -> None:  # noqa: ANN401 - what JSON holds
        """Write the manifest, which must be last."""
        manifest = {"format": FORMAT, **facts, "members": self._members}
        self._zip.writestr(MANIFEST, json.dumps(manifest, indent=1))


@dataclass(frozen=True)
class Archive:
    """A backup that was looked through from its first byte to its last."""

    file: zipfile.ZipFile
    manifest: dict[str, Any]

    @property
    def members(self) -> dict[str, dict[str, Any]]:
        """What the manifest says of each member."""
        found: dict[str, dict[str, Any]] = self.manifest["members"]
        return found

    def read(self, name: str) -> bytes:
        """A small member as a whole; empty where there is none."""
        return self.file.read(name) if name in self.members else b""

    def chunks(self, name: str) -> Iterator[bytes]:
        """A large member in parts."""
        with self.file.open(name) as member:
            yield from parts(member)


@contextmanager
def opened(path: Path, called: Path) -> Iterator[Archive]:
    """The archive in this file, with every digest compared.

    Raises Refused, under the name that the file is `called`, where anything differs.
    """
    with ExitStack() as stack:
        try:
            archive = _compared(stack.enter_context(zipfile.ZipFile(path)))
        except _DAMAGE as error:
            said = str(error) or type(error).__name__
            raise Refused(f"{called} is no backup of Kustod, or it is damaged: {said}") from error
        yield archive


_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError),
    *(KeyError, ValueError, TypeError, RuntimeError, OSError),
)
"""All that the reading of a damaged zip can come upon."""


def _compared(file: zipfile.ZipFile) -> Archive:
    archive = Archive(file, _manifest(file))
    for name, facts in archive.members.items():
        if digest_of(archive.chunks(name)) != facts["sha256"]:
            raise ValueError(f"{name} is not what it was")
    return archive


def _manifest(file: zipfile.ZipFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(file.read(MANIFEST))
    if manifest["format"] > FORMAT:
        raise Refused("this backup was made by a newer version of Kustod")
    return manifest


def is_encrypted(path: Path) -> bool:
    """Whether it is a file of age."""
    with path.open("rb") as file:
        return file.read(len(_AGE)) == _AGE


def encrypt(plain: Path, target: IO[bytes], key: Key) -> None:
    """Write `plain` encrypted to `target`, in parts."""
    with plain.open("rb") as source:
        pyrage.encrypt_io(source, target, [key.recipient])


def decrypt(source: Path, target: IO[bytes], key: Key | None) -> None:
    """Write what `source` holds to `target`. Raises Refused where the key does not fit."""
    if key is None or key.identity is None:
        raise Refused(f"{source} is encrypted: name the file with its secret key by --key")
    try:
        with source.open("rb") as encrypted:
            pyrage.decrypt_io(encrypted, target, [key.identity])
    except (pyrage.DecryptError, OSError, ValueError) as error:
        raise Refused(f"{source} cannot be read with this key: {error}") from error


def digest_of(chunks: Iterable[bytes]) -> str:
    """SHA-256 in hex."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def parts(file: IO[bytes]) -> Iterator[bytes]:
    """A file in parts of a megabyte."""
    while chunk := file.read(_CHUNK):
        yield chunk
