"""Scenarios: one format for the demo, the end-to-end tests and a partner's own what-if questions."""
