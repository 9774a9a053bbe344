"""Bytes that are no requests, and abusive requests."""

GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
LAST = GET + b"Connection: close\r\n\r\n"
POST = b"POST /nowhere HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"
WORD = "CONFIDENTIAL"

# What two servers could read as different requests, if both were generous.
AMBIGUOUS = {
    "a length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0",
    "chunks and a length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "the same length twice": b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a list of lengths": b"Content-Length: 2, 2\r\n\r\n{}",
    "a length with a sign": b"Content-Length: +2\r\n\r\n{}",
    "a negative length": b"Content-Length: -2\r\n\r\n{}",
    "a hexadecimal length": b"Content-Length: 0x2\r\n\r\n{}",
    "no length": b"Content-Length: \r\n\r\n{}",
    "a length of 30 digits": b"Content-Length: " + b"9" * 30 + b"\r\n\r\n{}",
    "almost chunked": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked, and then not": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a folded header": b"X-Folded: a\r\n b\r\n\r\n",
    "a folded encoding": b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "NUL in a value": b"X-Nul: a\0b\r\n\r\n",
    "NUL in a name": b"X\0Nul: ab\r\n\r\n",
    "a bare CR": b"X-A: a\rX-B: b\r\n\r\n",
    "a bare LF": b"X-A: a\nX-B: b\n\n",
    "a size that is none": b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
    "a negative size": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    "a size of 20 digits": b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\n",
    "a longer chunk": b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx\r\n0\r\n\r\n",
    "chunks without CR": b"Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n",
}
# The responses to several requests of one connection, of which the last one is good.
SEQUENCES: dict[str, tuple[bytes, list[int]]] = {
    **{name: (POST + rest, [400]) for name, rest in AMBIGUOUS.items()},
    "NUL in a URL": (b"GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n", [400]),
    "bytes in a URL": (b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", [400]),
    "NUL, quoted": (b"GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n", [404, 200]),
    "bytes in a header": (GET + b"X-Bytes: \xff\xfe\r\n\r\n", [200, 200]),
    "TLS": (bytes.fromhex("16030100a5010000a10303") + bytes(160), [400]),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
    "a tunnel": (b"CONNECT a:80 HTTP/1.1\r\nHost: x\r\n\r\n", [400]),
    "HTTP/0.9": (b"GET /health/live\r\n\r\n", [400]),
    "no host": (b"GET /health/live HTTP/1.1\r\n\r\n", [400]),
    "no host, HTTP/1.0": (b"GET /health/live HTTP/1.0\r\n\r\n", [200]),
    "two hosts": (GET + b"Host: y\r\n\r\n", [400]),
    "a host that is none": (
        b"GET /health/live HTTP/1.1\r\nHost: a/b\r\n\r\n",
        [400],
    ),
    "an offer of h2c": (GET + H2C + b"\r\n", [200, 200]),
    "an offer of h2c, with a body": (
        POST + H2C + b"Content-Length: 2\r\n\r\n{}",
        [404, 200],
    ),
    "an offer of h2c, with chunks": (
        POST + H2C + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        [404, 200],
    ),
    "trailers": (CHUNKED + b"2\r\n{}\r\n0\r\nHost: y\r\n\r\n", [404, 200]),
    "empty lines": (b"\r\n" * 10_000, [200]),
    "three ahead": ((GET + b"\r\n") * 3, [200, 200, 200, 200]),
    "a request in a body": (
        POST + b"Content-Length: %d\r\n\r\n" % len(LAST) + LAST,
        [404, 200],
    ),
    "a body that is not read": (POST + b"Content-Length: 2\r\n\r\n{}", [404, 200]),
    "many small chunks": (CHUNKED + b"1\r\n \r\n" * 200_000 + b"0\r\n\r\n", [404, 200]),
    "a long header": (GET + b"X-Long: " + b"x" * 33_000 + b"\r\n\r\n", [431, 200]),
    "a long URL": (
        b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        [414, 200],
    ),
    "a large body": (
        POST + b"Content-Length: 2000000\r\n\r\n" + b" " * 2_000_000,
        [413],
    ),
}
BODIES = {
    "deep lists": (b"[" * 100_000 + b"]" * 100_000, 400),
    "deep objects": (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, 400),
    "deep in a field": (b'{"sku":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
    "a number of 200,000 digits": (b'{"sku":' + b"9" * 200_000 + b"}", 400),
    "a number beyond all": (b'{"sku":1e999999}', 422),
    "the same key again": (b'{"sku":1' + b',"sku":1' * 30_000 + b"}", 422),
    "a long text": (b'{"sku":"%b"}' % (WORD.encode() * 20_000), 422),
    "100 MB": (b'{"sku":"%b"}' % (WORD.encode() * 8_500_000), 413),
    "half a character": (b'{"sku":"a","name":"\\ud800"}', 422),
    "NUL": (b'{"sku":"a","name":"a\\u0000"}', 422),
    "no UTF-8": (b'{"sku":"a","name":"\xff"}', 400),
}
FIELDS = {
    "990 fields": (b"&".join(b"f%d=" % number for number in range(990)), 400),
    "100,000 fields": (b"&".join(b"f%d=" % number for number in range(100_000)), 413),
    "200,000 fields": (b"&".join(b"f%d=" % number for number in range(200_000)), 413),
    "nothing but &": (b"&" * 1_000_000, 413),
    "a long field": (b"username=" + WORD.encode() * 80_000, 413),
}
