"""A small OpenID provider on loopback: discovery, authorization code with PKCE, signed tokens; and able to lie."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from time import time
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "helmdesk", "a secret between two"


@dataclass
class CompanyProvider:
    """Signs in whoever `claims` say. `lies` replace claims of the token, `signing_key` signs it."""

    issuer: str
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "dana-1", "email": "dana@company.example"})
    lies: dict[str, Any] = field(default_factory=dict)
    userinfo_lies: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048))
    signing_key: Any = None
    algorithm: str = "RS256"
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)

    def authorize(self, address: str) -> dict[str, str]:
        """What the browser brings back after the person signed in at the provider."""
        question = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(f"{self.issuer}/authorize?")
        code = token_urlsafe(16)
        self.asked[code] = question
        return {"code": code, "state": question["state"]}

    def discovery(self) -> dict[str, Any]:
        places = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
        paths = ("authorize", "token", "userinfo", "keys")
        found = {place: f"{self.issuer}/{path}" for place, path in zip(places, paths, strict=True)}
        return {"issuer": self.issuer, **found, "token_endpoint_auth_methods_supported": ["client_secret_post"]}

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "1", "use": "sig", "alg": "RS256"}]}

    def token(self, given: dict[str, str]) -> dict[str, Any] | None:
        """Once for each code, to who knows the secret and the verifier of the question."""
        question = self.asked.pop(given.get("code", ""), None)
        if question is None or (given.get("client_id"), given.get("client_secret")) != (CLIENT, SECRET):
            self.refusals.append("code or client")
            return None
        proof = base64.urlsafe_b64encode(sha256(given.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if question.get("code_challenge_method") != "S256" or question.get("code_challenge") != proof:
            self.refusals.append("pkce")
            return None
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": self.signed(question)}

    def signed(self, question: dict[str, str]) -> str:
        now = int(time())
        told = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": question.get("nonce")}
        claims = {**told, **self.claims, **self.lies}
        key: Any = None if self.algorithm == "none" else self.signing_key or self.key
        return jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": "1"})


class Handler(BaseHTTPRequestHandler):
    provider: CompanyProvider

    def do_GET(self) -> None:
        answers = {
            "/.well-known/openid-configuration": self.provider.discovery,
            "/keys": self.provider.keys,
            "/userinfo": lambda: {**self.provider.claims, **self.provider.userinfo_lies},
        }
        self.answer(answers[urlsplit(self.path).path]())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(self.provider.token({name: values[0] for name, values in parse_qs(body).items()}))

    def answer(self, told: dict[str, Any] | None) -> None:
        body = json.dumps(told or {"error": "invalid_grant"}).encode()
        self.send_response(400 if told is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def running() -> Iterator[CompanyProvider]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = CompanyProvider(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = type("Its", (Handler,), {"provider": provider})
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield provider
    server.shutdown()
    server.server_close()
