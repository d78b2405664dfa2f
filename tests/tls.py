"""A server that encrypts: PostgreSQL's greeting and a real TLS handshake in front of one that was built without it."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

# Signed by itself for the name localhost, and good for nothing else.
CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBYTCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDKtVshfoMfovfkV
4Q+S3QXLTeIbnfkcd1XQRTzDMJ6PH82ZOACZlaNN0PA4gk7ShO/VkrvXPXHYQOH1
8ZyDfJmjSDBGMA8GA1UdEwEB/wQFMAMBAf8wFAYDVR0RBA0wC4IJbG9jYWxob3N0
MB0GA1UdDgQWBBT/BzGaglUyBgNxFXaVmOAMjool6jAKBggqhkjOPQQDAgNIADBF
AiAqMsF6NwiVTwLIc/C8mNfFcN3JomUcALWA1/07KnlFxQIhALw8cw8BkgTtkDpS
3rAb0UoWP468W/iuaFGOEGNKlWFu
-----END CERTIFICATE-----
"""
KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtM2VxwQYaXIpVADT
uc7ulIsWRqhp3M++1hXDtomQ3qWhRANCAAQyrVbIX6DH6L35FeEPkt0Fy03iG535
HHdV0EU8wzCejx/NmTgAmZWjTdDwOIJO0oTv1ZK71z1x2EDh9fGcg3yZ
-----END PRIVATE KEY-----
"""
SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


@dataclass(frozen=True)
class TlsServer:
    """Where it listens, and the file of whoever signed its certificate."""

    port: int
    certificate: Path


@contextmanager
def tls_before(url: str, folder: Path) -> Iterator[TlsServer]:
    """Listen on a loopback port, take connections that ask for encryption, and carry them to a server in plain."""
    server = make_url(url)
    certificate, key = folder / "server.crt", folder / "server.key"
    certificate.write_text(CERTIFICATE)
    key.write_text(KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # PostgreSQL's clients ask for their protocol by name, and end where the server does not agree.
    context.set_alpn_protocols(["postgresql"])
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve(plain: socket.socket) -> None:
        with suppress(OSError), plain:
            if plain.recv(8, socket.MSG_WAITALL) != SSL_REQUEST:
                return
            plain.sendall(b"S")
            with (
                context.wrap_socket(plain, server_side=True) as client,
                socket.create_connection((str(server.host), int(server.port or 5432))) as behind,
            ):
                back = threading.Thread(target=_carry, args=(behind, client), daemon=True)
                back.start()
                _carry(client, behind)
                back.join()

    def accept() -> None:
        while True:
            try:
                one, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve, args=(one,), daemon=True))
            threads[-1].start()

    threads.append(threading.Thread(target=accept, daemon=True))
    threads[0].start()
    try:
        yield TlsServer(listener.getsockname()[1], certificate)
    finally:
        # Closing alone leaves an accept that waits where it is.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in threads:
            thread.join(5)


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
