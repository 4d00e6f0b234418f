"""The launcher's tools: embedded stack, stand-ins, scenarios, benches."""
