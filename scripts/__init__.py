"""Programs for those who work on Tenere itself; nothing here is installed."""
