"""The page behind the link of a sign-up."""
