"""Which SCIM attribute WSO2 makes of which local claim, as it ships. Data only.

Without its dialect, `http://wso2.org/claims/`. Some meanings are odd (gender is a manager
there); what is odd is told as a difference.
"""

from __future__ import annotations

from collections.abc import Mapping

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

_BOTH: Mapping[str, str] = {
    "givenname": "name.givenName",
    "lastname": "name.familyName",
    "formattedName": "name.formatted",
    "middleName": "name.middleName",
    "honorificPrefix": "name.honorificPrefix",
    "honorificSuffix": "name.honorificSuffix",
    "displayName": "displayName",
    "nickname": "nickName",
    "url": "profileUrl",
    "title": "title",
    "userType": "userType",
    "preferredLanguage": "preferredLanguage",
    "local": "locale",
    "active": "active",
    "externalid": "externalId",
    "emailaddress": "emails",
    "emails.work": "emails.work",
    "emails.home": "emails.home",
    "emails.other": "emails.other",
    "phoneNumbers": "phoneNumbers",
    "mobile": "phoneNumbers.mobile",
    "phoneNumbers.home": "phoneNumbers.home",
    "phoneNumbers.work": "phoneNumbers.work",
    "phoneNumbers.other": "phoneNumbers.other",
    "gtalk": "ims.gtalk",
    "skype": "ims.skype",
    "photos": "photos",
    "photourl": "photos.photo",
    "thumbnail": "photos.thumbnail",
    "entitlements": "entitlements",
    "x509Certificates": "x509Certificates",
}

SCIM1: Mapping[str, str] = {
    **_BOTH,
    "timeZone": "timezone",
    "phoneNumbers.fax": "phoneNumbers.fax",
    "phoneNumbers.pager": "phoneNumbers.pager",
    "im": "ims",
    "addresses.formatted": "addresses.formatted",
    "streetaddress": "addresses.streetAddress",
    "addresses.locality": "addresses.locality",
    "region": "addresses.region",
    "postalcode": "addresses.postalCode",
    "country": "addresses.country",
}

SCIM2: Mapping[str, str] = {
    **_BOTH,
    "timeZone": "timezone",
    "im": "meta.version",
    "addresses.locality": "addresses.home",
    "region": "addresses.work",
    "extendedExternalId": f"{ENTERPRISE}.employeeNumber",
    "costCenter": f"{ENTERPRISE}.costCenter",
    "organization": f"{ENTERPRISE}.organization",
    "department": f"{ENTERPRISE}.department",
    "stateorprovince": f"{ENTERPRISE}.division",
    "gender": f"{ENTERPRISE}.manager.value",
    "extendedRef": f"{ENTERPRISE}.manager.$ref",
    "extendedDisplayName": f"{ENTERPRISE}.manager.displayName",
    "identity/askPassword": f"{ENTERPRISE}.askPassword",
    "identity/verifyEmail": f"{ENTERPRISE}.verifyEmail",
}
