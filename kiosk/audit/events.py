"""What the journal can tell: one tag per kind of event.

A tag reads `source:subject:action`. Tags are stored for years, so one is never renamed and never used for a second
meaning. Looking at personal data is an event as well as changing it.
"""

# ruff: noqa: S105 - tags that tell of passwords, none of which is one

from enum import StrEnum


class EventTag(StrEnum):
    """Every kind of entry a journal may hold."""

    # --- staff -------------------------------------------------------------------------------------------------------
    SIGN_ON_OK = "staff:sign_on:ok"
    SIGN_ON_REFUSED = "staff:sign_on:refused"
    SIGN_ON_PAUSED = "staff:sign_on:paused"
    SIGNED_OFF = "staff:sign_off:done"
    SCREEN_LOCKED = "staff:screen:locked"
    SCREEN_RESUMED = "staff:screen:resumed"
    SCREEN_RESUME_REFUSED = "staff:screen:resume_refused"
    NOT_PERMITTED = "staff:permission:refused"
    OTHER_BRANCH_REFUSED = "staff:branch:refused"
    OUT_OF_HOURS_REFUSED = "staff:hours:refused"
    STAFF_ADDED = "staff:account:added"
    STAFF_LISTED = "staff:account:listed"
    STAFF_SUSPENDED = "staff:account:suspended"
    STAFF_READMITTED = "staff:account:readmitted"
    STAFF_PASSWORD_SET = "staff:account:password_set"
    STAFF_ASSIGNED = "staff:account:assigned"

    # --- looking at personal data ------------------------------------------------------------------------------------
    USERS_SEARCHED = "user:search:done"
    USER_INQUIRED = "user:card:inquired"
    USER_NOT_FOUND = "user:card:not_found"
    CASE_INQUIRED = "case:record:inquired"
    CASES_SEARCHED = "case:record:searched"
    UNFINISHED_LISTED = "case:unfinished:listed"
    EXPIRING_LISTED = "user:expiring:listed"
    LIST_EXPORTED = "user:list:exported"
    JOURNAL_INQUIRED = "journal:entries:inquired"
    MAILBOX_INQUIRED = "mail:mailbox:inquired"
    LETTERS_INQUIRED = "mail:letters:inquired"

    # --- four eyes ---------------------------------------------------------------------------------------------------
    APPROVAL_ASKED = "approval:request:asked"
    APPROVAL_WITHDRAWN = "approval:request:withdrawn"
    APPROVAL_VOIDED = "approval:request:voided"
    APPROVAL_EXPIRED = "approval:request:expired"
    APPROVAL_GIVEN = "approval:decision:approved"
    APPROVAL_REJECTED = "approval:decision:rejected"
    APPROVAL_REFUSED = "approval:decision:refused"
    APPROVAL_EXECUTED = "approval:act:executed"
    APPROVER_PROVEN = "approval:sign_on:ok"
    APPROVER_REFUSED = "approval:sign_on:refused"
    APPROVALS_LISTED = "approval:inbox:listed"

    # --- users -------------------------------------------------------------------------------------------------------
    USER_ADDED = "user:account:added"
    USER_UNBLOCKED = "user:block:lifted"
    LOCKS_INQUIRED = "user:locks:inquired"

    # --- reception ---------------------------------------------------------------------------------------------------
    RECEPTION_OPENED = "case:reception:opened"
    RECEPTION_VOIDED = "case:reception:voided"
    RECEPTION_PARKED = "case:reception:parked"
    RECEPTION_TAKEN_UP = "case:reception:taken_up"
    USER_CHOSEN = "case:user:chosen"
    TRANSACTION_CHOSEN = "case:transaction:chosen"
    MEDIUM_REGISTERED = "case:medium:registered"
    MEDIA_TAKEN_IN = "stock:medium:taken_in"
    MEDIUM_NOTED = "stock:medium:noted"
    MEDIA_LIST_IMPORTED = "stock:list:imported"
    MEDIA_LIST_BROKEN = "stock:list:broken"
    CASE_DONE = "case:record:done"
    PHONE_RECEPTION = "case:reception:by_phone"
    PAPER_RECEIVED = "case:paper:received"
    FOLLOW_UPS_LISTED = "case:follow_ups:listed"
    ENDED_WITHOUT_REISSUE = "case:record:without_reissue"

    # --- customer authentication -------------------------------------------------------------------------------------
    PASSWORD_OK = "auth:password:ok"
    PASSWORD_WRONG = "auth:password:wrong"
    PASSWORD_LOCKED = "auth:password:locked"
    PASSWORD_BLOCKED = "auth:password:blocked"
    PASSWORD_REFUSED = "auth:password:refused"
    PASSWORD_NOT_CHECKED = "auth:password:not_checked"
    CODE_MAIL_FAILED = "auth:code:mail_failed"
    CODE_OK = "auth:code:ok"
    CODE_WRONG = "auth:code:wrong"
    CODE_DEAD = "auth:code:dead"
    CODE_EXPIRED = "auth:code:expired"
    CODE_REFUSED = "auth:code:refused"
    CODES_ENDED = "auth:codes:ended"
    CODE_CANCELLED = "auth:code:cancelled"
    AUTHENTICATION_CANCELLED = "auth:password:cancelled"

    # --- certificates ------------------------------------------------------------------------------------------------
    ISSUE_REFUSED = "certificate:issue:refused"
    ISSUE_SIGNING = "certificate:issue:signing"
    ISSUE_SIGNED = "certificate:issue:signed"
    CERTIFICATE_VOIDED = "certificate:issue:voided"
    CERTIFICATE_ABANDONED = "certificate:issue:abandoned_revoked"
    CERTIFICATE_REVOKED = "certificate:state:revoked"

    # --- the stick ---------------------------------------------------------------------------------------------------
    STICK_CHOSEN = "delivery:stick:chosen"
    STICK_REFUSED = "delivery:stick:refused"
    DELIVERY_VERIFIED = "delivery:file:verified"
    DELIVERY_FAILED = "delivery:file:failed"
    COPY_LEFT_BEHIND = "delivery:file:left_behind"
    LEFTOVER_REMOVING = "delivery:file:leftover_removing"
    LEFTOVER_REMOVED = "delivery:file:leftover_removed"
    STICK_NOT_EJECTED = "delivery:stick:not_ejected"
    STICK_EJECTED = "delivery:stick:ejected"
    HANDED_OVER = "delivery:medium:handed_over"
    DELIVERY_GIVEN_UP = "delivery:medium:given_up"
    STICK_REPORTED = "delivery:medium:reported"

    # --- after a crash -----------------------------------------------------------------------------------------------
    RECOVERY_FINISHED = "recovery:run:finished"
    RECOVERY_CERTIFICATE_VOIDED = "recovery:certificate:voided"
    RECOVERY_CERTIFICATE_REVOKED = "recovery:certificate:revoked"
    RECOVERY_CODE_ENDED = "recovery:code:ended"
    RECOVERY_BY_HAND = "recovery:terminal:settled"

    # --- certificate authority ---------------------------------------------------------------------------------------
    CA_CREATED = "ca:key:created"
    CA_IMPORTED = "ca:key:imported"
    CRL_PUBLISHED = "ca:crl:published"
    CRL_FAILED = "ca:crl:failed"
    CRL_ANNOUNCED = "ca:crl:announced"
    CRL_NOT_ANNOUNCED = "ca:crl:not_announced"

    # --- mail and paper ----------------------------------------------------------------------------------------------
    NOTICE_QUEUED = "mail:notice:queued"
    MAIL_SENT = "mail:message:sent"
    MAIL_FAILED = "mail:message:failed"
    MAIL_GIVEN_UP = "mail:message:given_up"
    MAIL_TESTED = "mail:server:tested"

    # --- the terminal itself -----------------------------------------------------------------------------------------
    PROGRAM_STARTED = "system:program:started"
    PROGRAM_STOPPED = "system:program:stopped"
    CLOCK_REFUSED = "system:clock:refused"
    SETTINGS_LOADED = "system:settings:loaded"
    SELF_CHECK_OK = "system:self_check:ok"
    SELF_CHECK_FAILED = "system:self_check:failed"
    INCIDENT = "system:program:incident"
    JOURNAL_VERIFIED = "journal:chain:verified"
    JOURNAL_BROKEN = "journal:chain:broken"
    REGISTRY_VERIFIED = "registry:certificates:verified"
    REGISTRY_MISFITS = "registry:certificates:misfits"
    JOURNAL_CHECKPOINT = "journal:checkpoint:made"
