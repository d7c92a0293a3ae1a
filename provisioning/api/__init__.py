"""The REST API `/api/v1/`: configuration and operation for scripts.

Bodies have the keys of the configuration file and go through the same code (`apply`);
users and groups go through `intake.accept`. Errors are problem documents (RFC 9457).
"""
