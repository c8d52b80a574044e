"""The count of different values: exact for few, near for many, and the same however the data was cut."""

import numpy as np

from nb_mlops.core.distinct import Distinct
from nb_mlops.core.hashing import hash_floats, hash_texts


def test_few_values_are_counted_exactly():
    assert Distinct.of(hash_floats(np.repeat(np.arange(40.0), 100))).estimate == 40


def test_many_values_are_counted_within_a_half():
    # 13 % is the standard error, so a half is nearly four of them
    for size in (1_000, 100_000):
        assert abs(Distinct.of(hash_floats(np.random.default_rng(size).normal(size=size))).estimate / size - 1) < 0.5


def test_parts_give_the_sketch_of_the_whole():
    hashes = hash_floats(np.random.default_rng(0).normal(size=20_000))
    assert Distinct.of(hashes[:50]) + Distinct.of(hashes[50:9_000]) + Distinct.of(hashes[9_000:]) == Distinct.of(hashes)


def test_texts_hash_alike_alone_and_together_and_differ_by_their_ends():
    texts = ["", "a", "b", "ab", "ba", "é", "x" * 300, "x" * 301, "\ud800"]
    together = hash_texts(texts)
    assert len(set(together.tolist())) == len(texts)
    assert [int(hash_texts([text])[0]) for text in texts] == together.tolist()


def test_the_hash_never_changes():
    # stored cells and sketches would mean something else: change this only with the profile's version
    assert hash_texts(["churn"]).tolist() == [HASH_OF_CHURN]


HASH_OF_CHURN = 3963407835654145631
