"""What is refused before it is a question, and what browsers are told of each answer."""

import httpx
import pytest

from api.guard import MOST_URL_BYTES
from tests.api.serving import exact, problem

# The client of the sample comes from `sample_nights`.


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "x" * 100]
)
def test_another_host_s_name_is_refused(client: httpx.Client, host: str) -> None:
    """A page of another site, whose name leads here, gets no figure."""
    answer = client.get("/v1/segments", headers={"host": host})
    assert (answer.status_code, problem(answer)["code"]) == (421, "misdirected_request")
    assert "localhost" in problem(answer)["cure"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:9", "[::1]", "[::1]:80"])
def test_this_machine_s_names_are_answered(client: httpx.Client, host: str) -> None:
    assert exact(client.get("/v1/segments", headers={"host": host}))["data"]


@pytest.mark.parametrize(
    "path", ["/v1/segments", "/v1/companies/NOSUCH", "/nothing", "/health/live"]
)
def test_every_answer_tells_browsers_what_not_to_do(client: httpx.Client, path: str) -> None:
    told = client.get(path).headers
    assert told["x-content-type-options"] == "nosniff"
    assert told["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert told["referrer-policy"] == "no-referrer"
    assert told["cross-origin-resource-policy"] == "same-origin"


def test_a_long_address_and_a_body_are_refused(client: httpx.Client) -> None:
    long = client.get("/v1/companies", params={"search": "x" * MOST_URL_BYTES})
    assert (long.status_code, f"{MOST_URL_BYTES:,}" in problem(long)["detail"]) == (414, True)
    fits = client.get("/v1/companies", params={"search": "x" * (MOST_URL_BYTES - 100)})
    assert (fits.status_code, problem(fits)["code"]) == (400, "bad_parameter")
    body = client.request("GET", "/v1/companies", content=b"x" * 100_000)
    assert (body.status_code, "no body" in problem(body)["detail"]) == (413, True)
    chunks = client.request("GET", "/v1/companies", content=iter([b"x"]))
    assert chunks.status_code == 413


def test_long_answers_are_compressed_where_the_client_wants_it(client: httpx.Client) -> None:
    asked = "/v1/dictionary?limit=500"
    plain = client.get(asked, headers={"accept-encoding": "identity"})
    packed = client.get(asked, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert packed.content == plain.content
    assert packed.headers["etag"] == plain.headers["etag"]
    assert {one.strip() for one in packed.headers["vary"].split(",")} == {
        "Accept", "Accept-Encoding"}  # fmt: skip
