"""The partner API: its routes, each decoding a request, calling one use case and encoding what it says."""
