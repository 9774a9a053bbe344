"""Seals: bound to a key, a name and a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.core.cache.seal import BrokenSealError, Seal

SEAL = Seal(b"a key")


@given(some.binary())
def test_sealed_value_can_be_opened(value: bytes) -> None:
    assert SEAL.open("name", SEAL.close("name", value, 60)) == value


def test_sealed_value_expires() -> None:
    assert SEAL.open("name", SEAL.close("name", b"value", 0)) is None


@pytest.mark.parametrize(
    ("secret", "name"), [(b"another key", "name"), (b"a key", "another name")]
)
def test_a_value_of_another_key_or_name_is_refused(secret: bytes, name: str) -> None:
    with pytest.raises(BrokenSealError):
        SEAL.open("name", Seal(secret).close(name, b"value", 60))


@given(some.integers(0, 80), some.integers(0, 255))
def test_a_changed_value_is_refused(place: int, character: int) -> None:
    sealed = SEAL.close("name", b"a value of some length", 60)
    changed = sealed[:place] + bytes([character]) + sealed[place + 1 :]
    if changed != sealed:
        with pytest.raises(BrokenSealError):
            SEAL.open("name", changed)
