"""Paths of the door, with the mount as clients spell it and without it as Radicale does."""

import pytest

from dav.paths import Place, place


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/dav", Place()),
        ("/dav/", Place()),
        ("/", Place()),
        ("/dav/k7x2/", Place("k7x2")),
        ("/k7x2/all/", Place("k7x2", "all")),
        ("/dav/dav7x2/all/a.vcf", Place("dav7x2", "all", "a.vcf")),
        ("/dav7x2/all/a.vcf", Place("dav7x2", "all", "a.vcf")),
        ("/dav7x2", Place("dav7x2")),
    ],
)
def test_a_device_may_have_a_name_that_begins_like_the_mount(path: str, named: Place) -> None:
    assert place(path) == named
