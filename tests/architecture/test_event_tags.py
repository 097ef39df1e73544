"""The journal's vocabulary: every tag is well-formed, and none is a promise that no code keeps."""

import ast
import re

from kiosk.audit.events import EventTag
from tests.support.sources import ROOT, python_files, tree_of

WORDS = re.compile(r"[a-z]+(_[a-z0-9]+)*:[a-z]+(_[a-z0-9]+)*:[a-z]+(_[a-z0-9]+)*")

NOT_WRITTEN_YET = {
    # papers have no use case yet
    "PRINTED",
    # refusals that are written under the tag of the act itself, with the outcome "refused"
    "HAND_OVER_REFUSED", "ISSUE_FAILED", "MEDIUM_REFUSED", "RECEPTION_CHECKS_REFUSED", "RECEPTION_REFUSED",
    "TRANSACTION_REFUSED", "USER_REFUSED",
    # told by another entry of the same transaction
    "CA_UNLOCKED", "CERTIFICATE_ACTIVATED", "CODE_SENT", "DELIVERY_WRITTEN", "RECOVERY_CASE_VOIDED",
    "RECOVERY_STARTED", "RECOVERY_WAITS_FOR_PERSON",
}  # fmt: skip


def test_a_tag_reads_source_subject_action() -> None:
    assert [tag for tag in EventTag if not WORDS.fullmatch(tag)] == []


def test_every_tag_is_written_by_some_code() -> None:
    used = {
        node.attr
        for path in python_files()
        if path != ROOT / "kiosk/audit/events.py"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "EventTag"
    }
    assert sorted(EventTag.__members__.keys() - used - NOT_WRITTEN_YET) == []
