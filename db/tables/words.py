"""The words each status column may hold; the enums of the rules spell the same, and a test compares the two."""

USER_ROLE = ("master", "general")
USER_STATUS = ("active", "blocked")
STAFF_ROLE = ("clerk", "supervisor", "auditor", "administrator")
ORGANIZATION_KIND = ("member", "employer")
LOCK_EVENT = ("failed", "locked", "blocked", "cleared", "unblocked")

CASE_STATE = (
    "reception",
    "user_chosen",
    "transaction_chosen",
    "password_ok",
    "code_ok",
    "issuing",
    "issued",
    "delivered",
    "done",
    "voided",
    "needs_attention",
)
CASE_CLOSED = ("done", "voided")
CASE_WITH_TRANSACTION = (
    "transaction_chosen",
    "password_ok",
    "code_ok",
    "issuing",
    "issued",
    "delivered",
    "done",
)
TRANSACTION = (
    "101",
    "102",
    "103",
    "201",
    "202",
    "301",
    "401",
    "402",
    "403",
    "801",
    "901",
    "902",
    "903",
    "999",
)
BEGINNINGS = ("101", "102", "103", "201", "202", "301")
TRANSACTION_FAMILY = ("issue", "revoke", "unblock")
ISSUE_KIND = ("first_issue", "renew", "reissue")
CHANNEL = ("counter", "phone")
VISITOR_KIND = ("self", "proxy")
DOCUMENT_TYPE = (
    "driving_licence",
    "driving_history",
    "individual_number_card",
    "residence_card",
    "special_permanent_resident",
    "passport",
)

CERTIFICATE_STATE = ("reserved", "signed", "active", "revoked", "voided")
CERTIFICATE_LIVE = ("reserved", "signed", "active")
REVOCATION_REASON = (
    "pc_change",
    "p12_unopened",
    "medium_lost",
    "pc_lost",
    "left",
    "reassigned",
    "other",
    "undelivered",
)
DELIVERY_STATE = (
    "key_ready",
    "written",
    "verified",
    "handed_over",
    "confirmed",
    "lost",
    "damaged",
    "not_collected",
    "destroyed",
    "voided",
)
DELIVERY_UNDELIVERED = ("key_ready", "written", "verified")
DELIVERY_WITH_THE_CUSTOMER = ("handed_over", "confirmed")
APPROVAL_SUBJECT = ("revoke", "unblock", "issue", "give_up", "confirm_emergency")
APPROVAL_STATE = ("asked", "approved", "rejected", "withdrawn", "void", "expired", "executed")
APPROVAL_LIVE = ("asked", "approved")
MEDIUM_STATE = ("in_stock", "in_use", "handed_over", "damaged", "returned")
CODE_END = ("used", "replaced", "cancelled", "expired", "too_many", "session_over", "mail_failed")

NOTICE_KIND = ("code", "locked", "blocked", "issued", "unblocked", "revoked", "expiring", "expired")
NOTICE_STATE = ("queued", "sending", "sent", "bounced", "gave_up")
OUTCOME = ("done", "refused", "failed")
