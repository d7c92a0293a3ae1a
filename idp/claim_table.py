"""The local claims: what each is called and where it lives. Data only.

The places follow RFC 7643. Where WSO2 put a claim on an attribute of another meaning
(gender on manager.value, im on meta.version, stateorprovince on division, …) the place is
the one the name says; claims that SCIM has no attribute for live in the custom extension.
"""

from __future__ import annotations

from dataclasses import dataclass

from idp.claim_places import (
    CUSTOM,
    ENTERPRISE,
    Activity,
    At,
    Column,
    Every,
    Leading,
    Place,
    Told,
    Typed,
)

DIALECT = "http://wso2.org/claims/"


@dataclass(frozen=True, slots=True)
class Claim:
    """A local claim. `shown`: forms show it unasked (WSO2: supported by default).

    `secret`: never shown where claims are looked at, only sent where it is mapped.
    `own_uri` is the URI of one that is not in our dialect.
    """

    name: str
    display_name: str
    place: Place
    shown: bool = False
    required: bool = False
    secret: bool = False
    own_uri: str = ""

    @property
    def uri(self) -> str:
        return self.own_uri or DIALECT + self.name

    @property
    def read_only(self) -> bool:
        return isinstance(self.place, Told)

    @property
    def multivalued(self) -> bool:
        return self.place.multivalued

    @property
    def takes_list(self) -> bool:
        """Multi-valued, or a built-in one in the custom extension, which holds a text or a
        list as given."""
        place = self.place
        if self.own_uri:
            return place.multivalued
        return place.multivalued or (isinstance(place, At) and place.path[0] == CUSTOM)


def _core(path: str) -> At:
    return At(tuple(path.split(".")))


def _enterprise(path: str) -> At:
    return At((ENTERPRISE, *path.split(".")))


def _custom(name: str) -> At:
    return At((CUSTOM, name))


def _address(sub: str) -> Leading:
    return Leading("addresses", sub)


TABLE: tuple[Claim, ...] = (
    Claim("username", "Username", Column("username"), shown=True, required=True),
    Claim("givenname", "First Name", _core("name.givenName"), shown=True, required=True),
    Claim("lastname", "Last Name", _core("name.familyName"), shown=True, required=True),
    Claim("emailaddress", "Email", Leading("emails"), shown=True, required=True),
    Claim("displayName", "Display Name", _core("displayName"), shown=True),
    Claim("telephone", "Telephone", Leading("phoneNumbers"), shown=True),
    Claim("mobile", "Mobile", Typed("phoneNumbers", "mobile"), shown=True),
    Claim("organization", "Organization", _enterprise("organization"), shown=True),
    Claim("department", "Department", _enterprise("department"), shown=True),
    Claim("title", "Title", _core("title"), shown=True),
    Claim("streetaddress", "Address - Street", _address("streetAddress"), shown=True),
    Claim("country", "Country", _address("country"), shown=True),
    Claim("im", "IM", Leading("ims"), shown=True),
    Claim("url", "URL", _core("profileUrl"), shown=True),
    Claim("role", "Role", Told("roles"), shown=True),
    Claim("roles", "Roles", Told("roles")),
    Claim("groups", "Groups", Told("groups")),
    Claim("active", "Active", Activity()),
    Claim("identity/accountDisabled", "Account Disabled", Activity(negated=True)),
    Claim("externalid", "External User ID", Column("external_id")),
    Claim("userid", "User ID", Told("id")),
    Claim("userprincipal", "User Principal", Column("username")),
    Claim("created", "Created Time", Told("created")),
    Claim("modified", "Last Modified Time", Told("modified")),
    Claim("location", "Location", Told("location")),
    Claim("resourceType", "Resource Type", Told("type")),
    # Names
    Claim("fullname", "Full Name", _core("name.formatted")),
    Claim("formattedName", "Name - Formatted Name", _core("name.formatted")),
    Claim("middleName", "Middle Name", _core("name.middleName")),
    Claim("honorificPrefix", "Name - Honorific Prefix", _core("name.honorificPrefix")),
    Claim("honorificSuffix", "Name - Honorific Suffix", _core("name.honorificSuffix")),
    Claim("nickname", "Nick Name", _core("nickName")),
    Claim("userType", "User Type", _core("userType")),
    Claim("preferredLanguage", "Preferred Language", _core("preferredLanguage")),
    Claim("local", "Locale", _core("locale")),
    Claim("timeZone", "Time Zone", _core("timezone")),
    # Entries by type
    Claim("emails.work", "Emails - Work Email", Typed("emails", "work")),
    Claim("emails.home", "Emails - Home Email", Typed("emails", "home")),
    Claim("emails.other", "Emails - Other Email", Typed("emails", "other")),
    Claim("phoneNumbers", "Phone Numbers", Every("phoneNumbers")),
    Claim("phoneNumbers.home", "Phone Numbers - Home", Typed("phoneNumbers", "home")),
    Claim("phoneNumbers.work", "Phone Numbers - Work", Typed("phoneNumbers", "work")),
    Claim("phoneNumbers.fax", "Phone Numbers - Fax", Typed("phoneNumbers", "fax")),
    Claim("phoneNumbers.pager", "Phone Numbers - Pager", Typed("phoneNumbers", "pager")),
    Claim("phoneNumbers.other", "Phone Numbers - Other", Typed("phoneNumbers", "other")),
    Claim("gtalk", "IM - Gtalk", Typed("ims", "gtalk")),
    Claim("skype", "IM - Skype", Typed("ims", "skype")),
    Claim("photos", "Photos", Every("photos")),
    Claim("photourl", "Photo URL", Typed("photos", "photo")),
    Claim("thumbnail", "Photo - Thumbnail", Typed("photos", "thumbnail")),
    Claim("entitlements", "Entitlements", Every("entitlements")),
    Claim("x509Certificates", "X509 Certificates", Every("x509Certificates")),
    # The leading address
    Claim("addresses", "Address", _address("formatted")),
    Claim("addresses.formatted", "Address - Formatted", _address("formatted")),
    Claim("addresses.locality", "Address - Locality", _address("locality")),
    Claim("locality", "Locality", _address("locality")),
    Claim("region", "Region", _address("region")),
    Claim("stateorprovince", "State", _address("region")),
    Claim("postalcode", "Postal Code", _address("postalCode")),
    # Enterprise
    Claim("employeeNumber", "Employee Number", _enterprise("employeeNumber")),
    Claim("division", "Division", _enterprise("division")),
    Claim("costCenter", "Cost Center", _enterprise("costCenter")),
    Claim("manager", "Manager", _enterprise("manager.value")),
    Claim("extendedRef", "Manager - Reference", _enterprise("manager.$ref")),
    Claim("extendedDisplayName", "Manager - Name", _enterprise("manager.displayName")),
    # What SCIM has no attribute for
    Claim("extendedExternalId", "Extended External ID", _custom("extendedExternalId")),
    Claim("gender", "Gender", _custom("gender")),
    Claim("dob", "Birth Date", _custom("dateOfBirth")),
    Claim("otherphone", "Other Phone", _custom("otherPhone")),
    Claim(
        "primaryChallengeQuestion",
        "Primary Challenge",
        _custom("primaryChallengeQuestion"),
        secret=True,
    ),
    Claim("challengeQuestionUris", "Challenge Questions", _custom("challengeQuestionUris")),
    Claim("challengeQuestion1", "Challenge Question 1", _custom("firstChallenge"), secret=True),
    Claim(
        "challengeQuestion2", "Challenge Question 2", _custom("secondChallenge"), secret=True
    ),
    Claim("oneTimePassword", "One Time Password", _custom("oneTimePassword"), secret=True),
    Claim("lastLoginTime", "Last Login", _custom("lastLoginTime")),
    Claim("identity/askPassword", "Ask Password", _custom("askPassword")),
    Claim("identity/verifyEmail", "Verify Email", _custom("verifyEmail")),
    Claim("identity/emailVerified", "Email Verified", _custom("emailVerified")),
    Claim("identity/phoneVerified", "Phone Verified", _custom("phoneVerified")),
    Claim("identity/accountLocked", "Account Locked", _custom("accountLock")),
    Claim("identity/accountState", "Account State", _custom("accountState")),
    Claim("identity/lockedReason", "Locked Reason", _custom("lockedReason")),
    Claim("identity/unlockTime", "Unlock Time", _custom("unlockTime")),
    Claim("identity/lastLogonTime", "Last Logon", _custom("lastLogonTime")),
    Claim("identity/secretkey", "Secret Key", _custom("totpSecretkey"), secret=True),
    Claim("identity/emailotp_disabled", "Disable Email OTP", _custom("emailOTPDisabled")),
    Claim("identity/smsotp_disabled", "Disable SMS OTP", _custom("smsOTPDisabled")),
    Claim(
        "identity/adminForcedPasswordReset",
        "Force Password Reset",
        _custom("forcePasswordReset"),
    ),
    Claim(
        "identity/failedPasswordRecoveryAttempts",
        "Failed Password Recovery Attempts",
        _custom("failedRecoveryAttempts"),
    ),
    Claim(
        "identity/failedLoginAttempts",
        "Failed Login Attempts",
        _custom("failedLoginAttempts"),
    ),
    Claim(
        "identity/failedLoginLockoutCount",
        "Failed Lockout Count",
        _custom("failedLockoutCount"),
    ),
    Claim(
        "identity/lastPasswordUpdateTime",
        "Last Password Update",
        _custom("lastPasswordUpdate"),
    ),
)
