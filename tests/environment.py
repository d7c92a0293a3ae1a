"""Loaded by pytest before anything of Django: the settings read the environment once."""

import os

os.environ["SECRET_KEY"] = "for-the-tests-only-" + "x" * 40
os.environ["PURVEYOR_SECRET_KEYS"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
os.environ["PURVEYOR_ALLOW_PRIVATE_TARGETS"] = "on"
os.environ.pop("CELERY_BROKER_URL", None)
# SQLite, unless the suite runs a part of itself again on another database.
os.environ.pop("DATABASE_URL", None)
if url := os.environ.get("SUITE_DATABASE_URL"):
    os.environ["DATABASE_URL"] = url
os.environ.pop("PURVEYOR_BASE_URL", None)
