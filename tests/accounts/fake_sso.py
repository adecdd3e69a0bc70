"""One server that plays all three providers, over TLS with a certificate of its own, on the loopback address."""

import base64
import hmac
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from portal.core import clock

CLIENT, SECRET = "anju", "a secret of the test"
APP_KEY, APP_SECRET = "anju-app", "another secret of the test"
CAS_SPACE = "http://www.yale.edu/tp/cas"


class FakeSso:
    """What the server answers is set by the test: who stands behind a code, and what is wrong with the token."""

    def __init__(self, folder: Path) -> None:
        self.certificate = folder / "tls.pem"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.people: dict[str, str] = {}
        self.services: dict[str, str] = {}
        self.claims: dict[str, Any] = {}
        self.token: str | None = None
        self.answer: tuple[int, bytes] | None = None
        self.asked: list[str] = []
        self.forms: dict[str, dict[str, str]] = {}
        self._write_certificate()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"sso": self}))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"https://{self.host}"

    def id_token(self, *, subject: str, nonce: str) -> str:
        now = clock.now()
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": subject,
            "nonce": nonce,
            "iat": now,
            "exp": now + timedelta(minutes=5),
        }
        return jwt.encode(claims | self.claims, self.key, algorithm="RS256", headers={"kid": "one"})

    def _write_certificate(self) -> None:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fake")])
        now = clock.now()
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.certificate.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))


class _Handler(BaseHTTPRequestHandler):
    sso: FakeSso

    def do_GET(self) -> None:
        self._answer(dict(parse_qsl(urlsplit(self.path).query)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(dict(parse_qsl(body.decode())))

    def log_message(self, *_args: Any) -> None:
        """The test looks at `asked`."""

    def _answer(self, sent: dict[str, str]) -> None:
        path = urlsplit(self.path).path
        self.sso.asked.append(path)
        self.sso.forms[path] = sent
        status, body = self.sso.answer or self._body(path, sent)
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if body[:1] in b"{[" else "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Location", "https://elsewhere.example/")
        self.end_headers()
        self.wfile.write(body)

    def _body(self, path: str, sent: dict[str, str]) -> tuple[int, bytes]:
        parts = {
            "/.well-known/openid-configuration": self._configuration,
            "/jwks": self._keys,
            "/token": self._token,
            "/cas/p3/serviceValidate": self._ticket,
            "/gettoken.json": self._app_token,
            "/rpc/oauth2/getuserinfo_bycode.json": self._person,
        }
        found = parts[path](sent)
        return 200, found if isinstance(found, bytes) else json.dumps(found).encode()

    def _configuration(self, _sent: dict[str, str]) -> dict[str, Any]:
        ends = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/jwks"}
        return {"issuer": self.sso.url} | {name: self.sso.url + path for name, path in ends.items()}

    def _keys(self, _sent: dict[str, str]) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.sso.key.public_key()))
        return {"keys": [public | {"kid": "one", "alg": "RS256", "use": "sig"}]}

    def _token(self, sent: dict[str, str]) -> dict[str, Any]:
        assert sent["client_secret"] == SECRET
        subject, nonce, challenge = self.sso.people[sent["code"]].split("|")
        made = base64.urlsafe_b64encode(sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        assert made == challenge
        return {"access_token": "x", "id_token": self.sso.token or self.sso.id_token(subject=subject, nonce=nonce)}

    def _ticket(self, sent: dict[str, str]) -> bytes:
        if self.sso.services.get(sent["ticket"]) != sent["service"]:
            inner = '<cas:authenticationFailure code="INVALID_SERVICE">no</cas:authenticationFailure>'
        else:
            name = self.sso.people[sent["ticket"]]
            inner = f"<cas:authenticationSuccess><cas:user>{name}</cas:user></cas:authenticationSuccess>"
        return f'<cas:serviceResponse xmlns:cas="{CAS_SPACE}">{inner}</cas:serviceResponse>'.encode()

    def _app_token(self, sent: dict[str, str]) -> dict[str, Any]:
        self._check_signature("GET", "/gettoken.json", sent)
        assert sent == {"appkey": APP_KEY, "appsecret": APP_SECRET}
        return said({"accessToken": "app-token", "expiresIn": "7200"})

    def _person(self, sent: dict[str, str]) -> dict[str, Any]:
        self._check_signature("POST", "/rpc/oauth2/getuserinfo_bycode.json", sent)
        assert sent["access_token"] == "app-token"  # noqa: S105
        if sent["code"] not in self.sso.people:
            return {"success": True, "content": {"success": False, "responseCode": "240111"}}
        return said({"employeeCode": self.sso.people[sent["code"]], "lastName": "洪雪梅", "account": "hongxuemei"})

    def _check_signature(self, method: str, path: str, sent: dict[str, str]) -> None:
        head = self.headers
        joined = "&".join(f"{name}={sent[name]}" for name in sorted(sent))
        text = "\n".join([method, head["X-Hmac-Auth-Timestamp"], head["X-Hmac-Auth-Nonce"], path, joined])
        right = base64.b64encode(hmac.new(APP_SECRET.encode(), text.encode(), sha256).digest()).decode()
        assert head["X-Hmac-Auth-Signature"] == right
        assert head["apiKey"] == APP_KEY


def said(data: dict[str, str]) -> dict[str, Any]:
    return {"success": True, "content": {"success": True, "responseCode": "0", "data": data}}


@contextmanager
def running(folder: Path) -> Iterator[FakeSso]:
    sso = FakeSso(folder)
    thread = threading.Thread(target=sso.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield sso
    finally:
        sso.server.shutdown()
        sso.server.server_close()
        thread.join()
