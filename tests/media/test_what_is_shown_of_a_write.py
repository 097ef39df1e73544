"""An error report may print any object that it comes across."""

from dataclasses import fields

import pytest

from kiosk.media.udisks import sequence
from kiosk.media.windows import writing


@pytest.mark.rule("I-20")
@pytest.mark.parametrize("kind", [sequence._Writing, writing.Writing])
def test_no_picture_of_a_write_shows_the_p12(kind: type[sequence._Writing | writing.Writing]) -> None:
    (data,) = (field for field in fields(kind) if field.name == "data")
    assert not data.repr
