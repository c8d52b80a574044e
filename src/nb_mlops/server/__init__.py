"""Face 2: REST and events for the sidebar."""
