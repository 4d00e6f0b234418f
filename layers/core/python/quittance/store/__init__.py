"""The single table: keys, models, repositories."""
