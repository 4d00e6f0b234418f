"""Settings, clock, logging, error map, composition."""
