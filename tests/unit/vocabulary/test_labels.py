from schema.identifiers import Hasher
from vocabulary.labels import digest_labels


def test_letter_case_spaces_and_repetition_make_no_other_label() -> None:
    assert digest_labels(["Bug", " bug ", "BUG"]) == digest_labels(["bug"])


def test_labels_without_a_name_are_ignored() -> None:
    assert digest_labels(["", "  "]) == ()


def test_a_label_hashes_otherwise_under_another_key() -> None:
    digests = digest_labels(["bug"])
    assert Hasher(b"one").labels(digests) != Hasher(b"two").labels(digests)
    assert Hasher(b"one").labels(digests) == Hasher(b"one").labels(digests)
