"""What Salesforce's error codes mean."""

from __future__ import annotations

from connectors.types import KnownCause

CAUSES = (
    KnownCause(
        r"LICENSE_LIMIT_EXCEEDED",
        "Salesforce has no licence of this profile left. Buy more, deactivate people there who "
        "do not need one, or map another ProfileId, then retry all of them.",
    ),
    KnownCause(
        r"REQUIRED_FIELD_MISSING|Salesforce needs",
        "Salesforce wants a field that is not sent. Fill it in at the person, or map it with a "
        "default or constant, then retry.",
    ),
    KnownCause(
        r"ProfileId: Salesforce has no profile",
        "The profile named in the claim mapping does not exist there. Mend the row ProfileId, "
        "then retry all of them.",
    ),
    KnownCause(
        r"is no address, as Salesforce wants it",
        "Usernames at Salesforce look like addresses. Fill in Provisioning domain in the "
        "connector's settings, then retry all of them.",
    ),
    KnownCause(
        r"another Salesforce organisation",
        "Usernames are unique across all organisations of Salesforce. Choose a provisioning "
        "domain or pattern of your own, or rename the person, then retry.",
    ),
    KnownCause(
        r"INVALID_NEW_PASSWORD",
        "The organisation's password policy refuses the password, or the user has had it "
        "before. Have the person set another one; that is a new job.",
    ),
    KnownCause(
        r"INVALID_EMAIL_ADDRESS",
        "The e-mail address is not one for Salesforce. Mend it at the person, then retry.",
    ),
    KnownCause(
        r"STRING_TOO_LONG",
        "A value is longer than its field. Shorten it at the person, or cut it in the claim "
        "mapping with an expression, then retry.",
    ),
    KnownCause(
        r"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "The field takes only values of its list, such as en_US or America/Los_Angeles. Mend "
        "the claim mapping, then retry all of them.",
    ),
    KnownCause(
        r"INVALID_CROSS_REFERENCE_KEY|MALFORMED_ID|INVALID_ID_FIELD",
        "An id points at nothing: a profile, role or manager that does not exist there. Mend "
        "the claim mapping, then retry.",
    ),
    KnownCause(
        r"INVALID_FIELD",
        "There is no such field on the User object, or the integration user may not write it. "
        "Mend the claim mapping or the field's security, then retry all of them.",
    ),
    KnownCause(
        r"it has to exist",
        "Permission sets are used, never made or deleted. Make it in Salesforce, or mend the "
        "role mapping; then retry, or skip it.",
    ),
    KnownCause(
        r"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY|CUSTOM_VALIDATION_EXCEPTION|FIELD_INTEGRITY",
        "A rule, trigger or flow in Salesforce objects. Its text is in the reason; have it "
        "mended there, then retry.",
    ),
)
