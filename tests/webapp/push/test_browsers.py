"""What a device is called in the list."""

import pytest

from webapp.push.browsers import name_of

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0) {_WEBKIT} Chrome/142 Safari/537 Edg/142", "Edge, Windows"),
        (f"Mozilla/5.0 (X11; CrOS x86_64) {_WEBKIT} Chrome/142 Safari/537", "Chrome, ChromeOS"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Firefox/140.0", "Firefox, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604", "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15) Version/18 Safari/605", "Safari, Mac"),
        ("curl/8", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_device_is_called_by_its_browser_and_system(user_agent: str, name: str) -> None:
    assert name_of(user_agent) == name
