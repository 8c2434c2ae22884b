"""Who overrides the gates: the account's name, or its number where it has none."""

import getpass
import os

import pytest

from flows.cli import publish_command


def test_an_override_names_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    assert publish_command.account() == "ada"


@pytest.mark.parametrize("error", [KeyError("no such uid"), OSError("no user")])
def test_an_account_without_a_name_is_told_by_number(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def nameless() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert publish_command.account() == f"uid {os.getuid()}"
