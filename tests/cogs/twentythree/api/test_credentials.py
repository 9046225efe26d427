from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import subprocess
import sys
from urllib.parse import quote, unquote

import pytest

from cogs.twentythree.api.credentials import (
    Anonymous,
    Bearer,
    HttpMethod,
    OAuth1,
    sign,
)
from cogs.twentythree.api.oauth import authorization, base_string

KEYS = OAuth1(
    consumer_key="9djdj82h48djs9d2",
    consumer_secret="j49sk3j29djd",
    token="kkk9d7dh3k39sjv7",
    token_secret="dh893hdasih9",
)


def parts(headers: dict[str, str]) -> dict[str, str]:
    scheme, _, rest = headers["Authorization"].partition(" ")
    assert scheme == "OAuth"
    pairs = (part.split("=", 1) for part in rest.split(", "))
    return {name: unquote(value.strip('"')) for name, value in pairs}


def test_the_base_string_is_that_of_rfc_5849_section_3_4_1() -> None:
    parameters = [
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
    ]

    made = base_string(
        "POST",
        "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
        "c2&a3=2+q",
        parameters,
    )

    assert made == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q"
        "%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_"
        "key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_m"
        "ethod%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk"
        "9d7dh3k39sjv7"
    )


@pytest.mark.parametrize(
    ("http_method", "url", "own", "secrets", "signature"),
    [
        pytest.param(
            "POST",
            "https://photos.example.net/initiate",
            {
                "oauth_timestamp": "137131200",
                "oauth_nonce": "wIjqoS",
                "oauth_callback": "http://printer.example.com/ready",
            },
            ("kd94hf93k423kf44", ""),
            "74KNZJeDHnMBp0EMJ9ZHt/XKycU=",
            id="temporary credentials",
        ),
        pytest.param(
            "POST",
            "https://photos.example.net/token",
            {
                "oauth_token": "hh5s93j4hdidpola",
                "oauth_timestamp": "137131201",
                "oauth_nonce": "walatlh",
                "oauth_verifier": "hfdp7dh39dks9884",
            },
            ("kd94hf93k423kf44", "hdhd0244k9j7ao03"),
            "gKgrFCywp7rO0OXSjdot/IHF7IU=",
            id="token credentials",
        ),
        pytest.param(
            "GET",
            "http://photos.example.net/photos?file=vacation.jpg&size=original",
            {
                "oauth_token": "nnch734d00sl2jdk",
                "oauth_timestamp": "137131202",
                "oauth_nonce": "chapoH",
            },
            ("kd94hf93k423kf44", "pfkkdhi9sl3r4s00"),
            "MdpQcU8iPSUjWoN/UDMsK2sui9I=",
            id="protected resource",
        ),
    ],
)
def test_the_signatures_are_those_of_rfc_5849_section_1_2(
    http_method: HttpMethod,
    url: str,
    own: dict[str, str],
    secrets: tuple[str, str],
    signature: str,
) -> None:
    common = {"oauth_consumer_key": "dpf43f3p2l4k3l03", "oauth_signature_method": "HMAC-SHA1"}
    parameters = list((common | own).items())

    headers = authorization(http_method, url, None, parameters, secrets)

    assert parts(headers) == common | own | {"oauth_signature": signature}


def test_oauth_signs_query_and_form_with_both_secrets() -> None:
    url = "https://video.example.com/api/comment/list?search=r%C3%B8d%20gr%C3%B8d&p=1"

    found = parts(sign(KEYS, "POST", url, "format=json&raw=1", timestamp=1900000000, nonce="n1"))

    signed = sorted(
        {
            "format": "json",
            "oauth_consumer_key": KEYS.consumer_key,
            "oauth_nonce": "n1",
            "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": "1900000000",
            "oauth_token": KEYS.token,
            "oauth_version": "1.0",
            "p": "1",
            "raw": "1",
            "search": "r%C3%B8d%20gr%C3%B8d",
        }.items()
    )
    text = "&".join(f"{name}={value}" for name, value in signed)
    address = quote("https://video.example.com/api/comment/list", safe="")
    base = f"POST&{address}&{quote(text, safe='')}"
    key = f"{KEYS.consumer_secret}&{KEYS.token_secret}"
    digest = hmac.digest(key.encode(), base.encode(), hashlib.sha1)
    assert found["oauth_signature"] == base64.b64encode(digest).decode()
    assert found["oauth_version"] == "1.0"


def test_a_bearer_token_goes_into_the_authorization_header() -> None:
    headers = sign(Bearer("sesame"), "GET", "https://video.example.com", timestamp=1, nonce="n")

    assert headers == {"Authorization": "Bearer sesame"}


def test_strangers_send_no_header() -> None:
    assert sign(Anonymous(), "GET", "https://video.example.com", timestamp=1, nonce="n") == {}


def test_neither_a_repr_nor_the_log_shows_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    headers = sign(KEYS, "GET", "https://video.example.com/api?a=1", timestamp=1, nonce="n")

    secrets = [KEYS.consumer_key, KEYS.consumer_secret, KEYS.token, KEYS.token_secret, "sesame"]
    shown = caplog.text + repr(KEYS) + repr(Bearer("sesame"))
    assert parts(headers)["oauth_signature"] not in shown
    assert not [secret for secret in secrets if secret in shown]


def test_oauthlib_is_imported_when_there_is_something_to_sign() -> None:
    program = """
import sys
from cogs.twentythree.api import Bearer, OAuth1
from cogs.twentythree.api.credentials import sign
keys = OAuth1(consumer_key="a", consumer_secret="b", token="c", token_secret="d")
for credentials in (Bearer(token="a"), keys):
    sign(credentials, "GET", "https://video.example.com", timestamp=1, nonce="n")
    print("oauthlib" in sys.modules)
"""

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert ran.stdout.split() == ["False", "True"]
