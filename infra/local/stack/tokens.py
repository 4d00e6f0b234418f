"""A token issuer on loopback, so that the API's JWT authorizer checks real signatures.

It serves what an OpenID Connect issuer must (the discovery document and its public keys) and signs with a key that is
made when it starts and never leaves the process.
"""

import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

AUDIENCE = "quittance"
ROLES = ("admin_agent", "billing_admin", "helpdesk_agent", "sales_agent")
_HOUR = 3600


class TokenIssuer:
    """Issues tokens for one stack; `with` stops it."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._key_id = secrets.token_hex(8)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._documents))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="tokens", daemon=True).start()

    def issue_token(self, partner: str, role: str, *, subject: str = "demo", lasts: int = _HOUR, **claims: Any) -> str:
        """Return a bearer token of a partner's user. Lasts in seconds of the machine's clock; `claims` replace any."""
        now = int(time.time())
        content = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": now,
            "exp": now + lasts,
            "partner": partner,
            "role": role,
            **claims,
        }
        return jwt.encode(content, self._key, algorithm="RS256", headers={"kid": self._key_id})

    def stop(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _documents(self, path: str) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        if path == "/keys":
            public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
            return {"keys": [{**public, "kid": self._key_id, "use": "sig", "alg": "RS256"}]}
        return None


def _handler(documents: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers GET with one of the issuer's documents."""

        def do_GET(self) -> None:
            found = documents(self.path)
            body = json.dumps(found or {"error": "not found"}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep quiet: the API's own log tells who was let in."""

    return Handler
