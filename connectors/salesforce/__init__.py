"""Salesforce, through its REST API."""
