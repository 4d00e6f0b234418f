"""The outside: payment providers, vendor, mail, documents, queues, secrets."""
