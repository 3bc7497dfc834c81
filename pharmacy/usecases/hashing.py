"""How passwords of staff and secrets of clients are kept: as argon2id hashes, slow on purpose."""

from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

# RFC 9106, section 4, its second recommended choice: 64 MiB, three passes, four lanes.
hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
