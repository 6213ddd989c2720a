"""Pages of a list."""

from pacewatch.contracts.base import Page, Paging


def test_the_offset_of_a_page_is_the_number_of_entries_before_it() -> None:
    assert [Paging(page, 20).offset for page in (1, 2, 7)] == [0, 20, 120]


def test_a_page_repeats_the_paging_it_answers() -> None:
    page = Page.of(["a", "b"], 42, Paging(3, 20))
    assert page.model_dump() == {"items": ["a", "b"], "total": 42, "page": 3, "size": 20}
