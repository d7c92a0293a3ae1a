"""django-scim2: its views over a user model with the columns that it asks for."""
