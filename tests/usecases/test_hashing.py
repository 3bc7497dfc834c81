"""Who steals the books must not read passwords from them."""

from argon2 import Type, extract_parameters

from pharmacy.usecases.hashing import hasher


def test_a_password_is_kept_as_slowly_as_rfc_9106_asks_for() -> None:
    kept = extract_parameters(hasher.hash("titrate-slowly"))

    assert kept.type is Type.ID
    assert (kept.memory_cost, kept.time_cost, kept.parallelism) == (64 * 1024, 3, 4)
    assert kept.salt_len >= 16
