"""Opens a snapshot from what docs/snapshot.md says of its format, and prints what is in it as JSON.

Standard input is a JSON object: `path` of the file, and `localKey` (base64), or `dataKey` (base64) where a key service unwrapped it.
"""

import base64
import hashlib
import hmac
import json
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def unwrapped(key, local_key):
    sealed = base64.b64decode(key["ciphertext"])
    pairs = sorted(key["context"].items())
    bound_to = json.dumps(pairs, separators=(",", ":"), ensure_ascii=False).encode()
    return AESGCM(local_key).decrypt(sealed[:12], sealed[12:], bound_to)


def derived(data_key, purpose):
    return HKDF(SHA256(), 32, None, b"tacit-snapshot/1/" + purpose).derive(data_key)


def opened(entry, values):
    header = entry["header"].encode()
    nonce, ciphertext = (base64.b64decode(entry[name]) for name in ("nonce", "ciphertext"))
    plaintext = AESGCM(values).decrypt(nonce, ciphertext, header)
    facts = json.loads(header)
    if facts["kind"] == "fields":
        fields = {name: base64.b64decode(text).decode() for name, text in json.loads(plaintext).items()}
        return {"header": facts, "content": fields}
    return {"header": facts, "content": plaintext.decode()}


def main():
    request = json.load(sys.stdin)
    with open(request["path"], encoding="utf-8") as file:
        snapshot = json.load(file)
    assert snapshot["format"] == "tacit-snapshot" and snapshot["version"] == 1
    if "localKey" in request:
        data_key = unwrapped(snapshot["key"], base64.b64decode(request["localKey"]))
    else:
        data_key = base64.b64decode(request["dataKey"])
    body = snapshot["body"].encode()
    expected = hmac.new(derived(data_key, b"seal"), b"tacit-snapshot/1\n" + body, hashlib.sha256).digest()
    assert hmac.compare_digest(expected, base64.b64decode(snapshot["seal"]))
    parsed = json.loads(body)
    values = derived(data_key, b"values")
    print(json.dumps({"writtenAt": parsed["writtenAt"], "entries": [opened(one, values) for one in parsed["entries"]]}))


main()
