from hypothesis import given
from hypothesis import strategies as st

from contract.mock.handlers import documents

WORDS = st.lists(st.text("abcde", min_size=1, max_size=5), max_size=300)
ATTRIBUTES = st.dictionaries(
    st.sampled_from("abc"), st.one_of(st.integers(-3, 3), st.booleans(), st.sampled_from("xyz"))
)
COMPARISONS = st.builds(
    lambda kind, key, value: {"type": kind, "key": key, "value": value},
    st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]),
    st.sampled_from("abc"),
    st.one_of(st.integers(-3, 3), st.booleans(), st.sampled_from("xyz")),
)


@given(WORDS, st.integers(100, 120), st.integers(-5, 50))
def test_chunks_hold_every_word_and_overlap_as_asked(words, size, overlap):
    """No chunk is too long, neighbours share `overlap` words, and without the shared ones the chunks are the text."""
    made = documents.chunks(
        " ".join(words), {"static": {"max_chunk_size_tokens": size, "chunk_overlap_tokens": overlap}}
    )
    shared = max(0, overlap)
    rebuilt: list[str] = []
    for piece in made:
        found = piece.split()
        assert len(found) <= size
        assert not rebuilt or not shared or rebuilt[-shared:] == found[:shared]
        rebuilt += found[shared if rebuilt else 0 :]
    assert rebuilt == words


@given(st.text(), st.text())
def test_scores_lie_between_none_and_all(query, text):
    """A score is at least 0 and at most 1, whatever is asked of whatever."""
    assert 0 <= documents.score(query, text) <= 1


def test_more_shared_words_score_higher():
    """The share of the query's words decides; words without meaning do not count."""
    text = "The capital of France is Paris."
    assert documents.score("the capital of France", text) > documents.score("the capital of Spain", text) > 0
    assert documents.score("of the", text) == 0


@given(COMPARISONS, ATTRIBUTES)
def test_opposite_comparisons_never_both_pass(condition, attributes):
    """Each file passes either eq or ne; gt and lte, lt and gte never hold together."""
    opposite = {"eq": "ne", "ne": "eq", "gt": "lte", "lte": "gt", "lt": "gte", "gte": "lt"}[condition["type"]]
    here = documents.matches(condition, attributes)
    there = documents.matches({**condition, "type": opposite}, attributes)
    assert not (here and there)
    if condition["type"] in {"eq", "ne"}:
        assert here or there


@given(st.lists(COMPARISONS, min_size=1, max_size=4), ATTRIBUTES)
def test_compounds_are_all_and_any(conditions, attributes):
    """`and` passes where all members pass, `or` where any does."""
    results = [documents.matches(each, attributes) for each in conditions]
    assert documents.matches({"type": "and", "filters": conditions}, attributes) is all(results)
    assert documents.matches({"type": "or", "filters": conditions}, attributes) is any(results)


def test_text_is_read_as_what_it_is():
    """UTF-8 is text, with or without its mark; a PDF gives its readable runs; other bytes are none."""
    assert documents.text_of("é".encode(), "a.txt") == "é"
    assert documents.text_of(b"\xef\xbb\xbfabc", "a.txt") == "abc"
    assert documents.text_of(b"%PDF-1.4\xff\x00Hello there\xfe", "a.pdf") == "%PDF-1.4\nHello there"
    assert documents.text_of(b"\xff\xfe\x00", "a.bin") is None
