"""Google Workspace, through the Directory API of the Admin SDK."""
