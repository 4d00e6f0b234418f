"""The simulator: a scenario through the pure rules only, in milliseconds, to be compared with the whole system."""
