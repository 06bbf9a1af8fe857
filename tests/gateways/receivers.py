"""A receiver of webhooks behind TLS on loopback, whose every byte a test may choose.

The gateway is told a public address, as a resolver would; only the last step, the connection, is
led to the receiver. So names, certificates and times are checked as they are in the world.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.gateways.callbacks import HttpsCallbacks

HOST = "shop.example.com"
PUBLIC = "93.184.216.34"
Script = Callable[[socket.socket], None]


def certificate_for(host: str, folder: Path) -> Path:
    """A self-signed certificate and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def saying(reply: bytes) -> Script:
    """Answer with these bytes and hang up."""
    return lambda link: link.sendall(reply)


@dataclass
class Receiver:
    """``requests``: what came, byte for byte; ``names``: the SNI of each connection."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    connections: list[tuple[str, int]] = field(default_factory=list)

    def gateway(self, trust: Path, **settings: float) -> HttpsCallbacks:
        def connect(address: tuple[str, int], timeout_s: float) -> socket.socket:
            self.connections.append(address)
            return socket.create_connection(("127.0.0.1", self.port), timeout=timeout_s)

        return HttpsCallbacks(
            resolve=lambda _host, _port: [PUBLIC],
            connect=connect,
            trust=ssl.create_default_context(cafile=str(trust)),
            **settings,
        )


@contextmanager
def receiving(script: Script, certificate: Path) -> Iterator[Receiver]:
    """Serve connections one after the other by the script, until the end of the block."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)
    receiver = Receiver(listening.getsockname()[1])
    context.sni_callback = lambda _link, name, _context: receiver.names.append(name)
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            try:
                raw, _ = listening.accept()
            except TimeoutError:
                continue
            _answer(raw, context, script, receiver)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield receiver
    finally:
        done.set()
        thread.join()
        listening.close()


def _answer(
    raw: socket.socket, context: ssl.SSLContext, script: Script, receiver: Receiver
) -> None:
    raw.settimeout(5)
    try:
        with context.wrap_socket(raw, server_side=True) as link:
            receiver.requests.append(_whole_request(link))
            script(link)
    except OSError:
        # A client that hangs up, or does not believe the certificate, is what some tests are about.
        raw.close()


def _whole_request(link: ssl.SSLSocket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        got += link.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += link.recv(65536)
    return head + b"\r\n\r\n" + body
