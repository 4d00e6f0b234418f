"""The vendor's national clouds: which hosts a partner's calls may go to, and no other.

Source: the vendor's documentation of its national clouds. Germany closed on 2021-10-29.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from quittance.domain.errors import Rejected

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where one national cloud answers; `resource` is the audience tokens are asked for."""

    name: str
    api_base: str
    authority: str
    resource: str
    service_requests: bool = True


_GLOBAL_API = "https://api.partnercenter.microsoft.com"
_CHINA_API = "https://partner.partnercenterapi.microsoftonline.cn"
CLOUDS = {
    cloud.name: cloud
    for cloud in (
        Cloud("global", _GLOBAL_API, "https://login.microsoftonline.com", _GLOBAL_API),
        Cloud("us-government", _GLOBAL_API, "https://login.microsoftonline.us", _GLOBAL_API),
        Cloud("china", _CHINA_API, "https://login.partner.microsoftonline.cn", _CHINA_API, service_requests=False),
    )
}
_HOSTS = frozenset(urlsplit(url).hostname for cloud in CLOUDS.values() for url in (cloud.api_base, cloud.authority))


def cloud_for(name: str, *, api_base: str | None = None, authority: str | None = None) -> Cloud:
    """Return a partner's cloud; the overrides (settings VENDOR_API_BASE, VENDOR_AUTHORITY) serve the embedded stack.

    Raises Rejected for an unknown or closed cloud, and for an override that is neither loopback nor a known host
    over HTTPS: secrets and tokens go nowhere else.
    """
    if name == "germany":
        raise Rejected("cloud: germany closed on 2021-10-29; import its history from files", field="cloud")
    if (cloud := CLOUDS.get(name)) is None:
        raise Rejected(f"cloud: {name!r} is none of {', '.join(CLOUDS)}", field="cloud")
    return Cloud(
        cloud.name,
        _allowed(api_base or cloud.api_base, "VENDOR_API_BASE"),
        _allowed(authority or cloud.authority, "VENDOR_AUTHORITY"),
        cloud.resource,
        cloud.service_requests,
    )


def _allowed(url: str, setting: str) -> str:
    parts = urlsplit(url)
    secure = parts.scheme == "https" and parts.hostname in _HOSTS and parts.port in (None, 443)
    local = parts.scheme in ("http", "https") and parts.hostname in _LOOPBACK
    if not (secure or local) or parts.username or parts.query:
        raise Rejected(f"{setting}: {parts.hostname!r} is no host of the vendor and not loopback", field=setting)
    return url.rstrip("/")
