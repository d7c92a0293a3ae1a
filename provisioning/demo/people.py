"""Who works at Acme. Data only."""

from __future__ import annotations

from typing import NamedTuple

DEPARTMENTS = {
    "engineering": "Engineering",
    "sales": "Sales and Marketing",
    "operations": "People and Operations",
}


class Person(NamedTuple):
    username: str
    given: str
    family: str
    title: str
    group: str
    phone: str
    mobile: str
    city: str
    country: str
    locale: str


ENG, SALES, OPS = DEPARTMENTS

PEOPLE = (
    Person("amara", "Amara", "Okafor", "Chief Executive", OPS, "+44 20 7946 0101",
           "+44 7700 900101", "London", "GB", "en-GB"),
    Person("bjorn", "Björn", "Lindqvist", "Site Reliability Engineer", ENG, "+46 8 5550 1402",
           "", "Stockholm", "SE", "sv-SE"),
    Person("chiara", "Chiara", "Esposito", "Account Manager", SALES, "+39 06 5550 1703",
           "+39 320 555 0103", "Roma", "IT", "it-IT"),
    Person("daichi", "Daichi", "Yamamoto", "Staff Engineer", ENG, "+81 3 5550 0104",
           "+81 90 5550 0104", "Tokyo", "JP", "ja-JP"),
    Person("elif", "Elif", "Yıldız", "Product Manager", ENG, "+90 212 555 0105",  # noqa: RUF001 Turkish
           "+90 532 555 0105", "İstanbul", "TR", "tr-TR"),
    Person("farid", "Farid", "Haddad", "Sales Director", SALES, "+33 1 55 50 01 06",
           "", "Paris", "FR", "fr-FR"),
    Person("grace", "Grace", "O'Sullivan", "Office Manager", OPS, "+353 1 555 0107",
           "+353 85 555 0107", "Dublin", "IE", "en-IE"),
    Person("hugo", "Hugo", "Fernández", "Backend Engineer", ENG, "+34 91 555 0108",
           "+34 600 555 108", "Madrid", "ES", "es-ES"),
    Person("ingrid", "Ingrid", "van der Berg", "Controller", OPS, "+31 20 555 0109",
           "", "Amsterdam", "NL", "nl-NL"),
    Person("jamal", "Jamal", "Washington", "Solutions Consultant", SALES, "+1 212 555 0110",
           "+1 917 555 0110", "New York", "US", "en-US"),
    Person("kim", "Kim", "Nguyen", "Frontend Engineer", ENG, "+1 415 555 0111",
           "+1 628 555 0111", "San Francisco", "US", "en-US"),
    Person("lucia", "Lúcia", "Almeida", "Marketing Lead", SALES, "+351 21 555 0112",
           "+351 910 555 112", "Lisboa", "PT", "pt-PT"),
    Person("mikhail", "Mikhail", "Petrenko", "Data Engineer", ENG, "+380 44 555 0113",
           "", "Kyiv", "UA", "uk-UA"),
    Person("noor", "Noor", "Rahman", "Recruiter", OPS, "+880 2 5550 0114",
           "+880 1711 555114", "Dhaka", "BD", "bn-BD"),
    Person("oskar", "Oskar", "Nowak", "Quality Engineer", ENG, "+48 22 555 01 15",
           "+48 600 555 115", "Warszawa", "PL", "pl-PL"),
    Person("priya", "Priya", "Raghunathan", "Head of Engineering", ENG, "+91 80 5550 0116",
           "+91 98450 55116", "Bengaluru", "IN", "en-IN"),
    Person("quentin", "Quentin", "Dubois", "Account Executive", SALES, "+32 2 555 01 17",
           "", "Bruxelles", "BE", "fr-BE"),
    Person("rosa", "Rosa", "Martínez", "Payroll Specialist", OPS, "+52 55 5550 0118",
           "+52 1 55 5550 0118", "Ciudad de México", "MX", "es-MX"),
    Person("sam", "Sam", "Taylor", "Customer Success Manager", SALES, "+61 2 5550 0119",
           "+61 491 570 119", "Sydney", "AU", "en-AU"),
    Person("tomas", "Tomáš", "Dvořák", "Security Engineer", ENG, "+420 255 550 120",
           "+420 601 555 120", "Praha", "CZ", "cs-CZ"),
    Person("uma", "Uma", "Krishnan", "Legal Counsel", OPS, "+65 6555 0121",
           "", "Singapore", "SG", "en-SG"),
    Person("viktor", "Viktor", "Hansen", "Regional Sales Manager", SALES, "+45 33 55 01 22",
           "+45 20 55 01 22", "København", "DK", "da-DK"),
    Person("wanjiru", "Wanjirũ", "Kamau", "Mobile Engineer", ENG, "+254 20 555 0123",
           "+254 712 555123", "Nairobi", "KE", "en-KE"),
    Person("xin", "Xin", "Chen", "Designer", ENG, "+886 2 5550 0124",
           "+886 912 555 124", "Taipei", "TW", "zh-TW"),
    Person("yusuf", "Yusuf", "Al-Farsi", "Facilities Manager", OPS, "+968 2455 0125",
           "", "Muscat", "OM", "ar-OM"),
)  # fmt: skip
