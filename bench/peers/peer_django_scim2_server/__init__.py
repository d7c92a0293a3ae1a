"""django-scim2-server: its views over Django's own users."""
