# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sources of options in real plays. The targets cannot test these, because all targets share one environment."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._argspec import LOOKUP as OPTIONS
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import Ansible, split_by_task
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

LOOKUP = "{{ query('reseller.sendgrid.offerings', 'milne.x.ip.v2') | map(attribute='name') | first }}"


def make_play(*tasks: dict[str, Any], variables: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    return [{"hosts": "all", "gather_facts": False, "vars": variables or {}, "tasks": tasks}]


def debug(message: str) -> dict[str, Any]:
    return {"ansible.builtin.debug": {"msg": f"shown: {message}"}}


@pytest.mark.parametrize("style", ["inline", "referenced"])
def test_lookup_decrypts_variables(ansible: Ansible, sandbox: Sandbox, style: str) -> None:
    password = ansible.home / "password"
    password.write_text("a password of the vault")
    secrets = ["vault_key:", "vault_endpoint:", "vault_verify:"]
    for index, value in enumerate([sandbox.key, sandbox.endpoint, "false"]):
        encrypted = ansible.run("vault", "encrypt_string", "--vault-password-file", password, value).stdout
        secrets[index] += f" {encrypted[encrypted.index('!vault') : encrypted.rindex(chr(10))]}\n"
    names = ["sendgrid_api_key", "sendgrid_api_endpoint", "sendgrid_validate_certs"]
    text = "".join(secrets)
    for secret_name, name in zip(["vault_key", "vault_endpoint", "vault_verify"], names):
        text = text.replace(secret_name, name) if style == "inline" else text + f'{name}: "{{{{ {secret_name} }}}}"\n'
    (ansible.home / "secrets.yml").write_text(text.replace("\nEncryption successful", ""))
    result = ansible.play(make_play(debug(LOOKUP)), "-e", "@secrets.yml", "--vault-password-file", password)
    assert "shown: milne.x.ip.v2" in result.stdout, result.stdout


def test_lookup_reads_environment_and_configuration(ansible: Ansible, sandbox: Sandbox) -> None:
    with ansible.configuration.open("a") as configuration:
        configuration.write(f"[reseller.sendgrid]\napi_endpoint = {sandbox.endpoint}\nretries = 0\ntimeout = 0.5\n")
        # Without a cache each run sends a request, which shows the effect of the options.
        configuration.write("cache_ttl = 0\n")
    environment = {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_REGION": "", "SENDGRID_RETRIES": ""}
    result = ansible.play(make_play(debug(LOOKUP)), environment=environment)
    assert "shown: milne.x.ip.v2" in result.stdout, result.stdout
    sandbox.fault(delay=2)
    result = ansible.play(make_play(debug(LOOKUP)), environment=environment)
    assert "no complete answer within 0.5 s" in result.stdout, result.stdout
    assert sandbox.count() == 2
    result = ansible.play(make_play(debug(LOOKUP)), environment={**environment, "SENDGRID_TIMEOUT": "0.25"})
    assert "no complete answer within 0.25 s" in result.stdout, result.stdout


@pytest.mark.parametrize("value", ["ture", "enabled"])
def test_misspelt_boolean_in_the_configuration_does_not_disable_tls(
    ansible: Ansible, sandbox: Sandbox, value: str
) -> None:
    with ansible.configuration.open("a") as configuration:
        configuration.write(f"[reseller.sendgrid]\nvalidate_certs = {value}\n")
    variables = {"sendgrid_api_key": sandbox.key, "sendgrid_api_endpoint": sandbox.endpoint}
    result = ansible.play(make_play(debug(LOOKUP), variables=variables))
    assert f"validate_certs: '{value}' is no boolean" in result.stdout, result.stdout
    assert sandbox.count() == 0


def test_empty_sources_count_as_not_given(ansible: Ansible, sandbox: Sandbox) -> None:
    with ansible.configuration.open("ab") as configuration:
        configuration.write(b"# Not UTF-8: \xf6\n[reseller.sendgrid]\nregion =\nretries = ; the default\nca_path =\n")
    variables = {
        "sendgrid_api_endpoint": sandbox.endpoint,
        "sendgrid_region": "{{ no_such_variable | default(omit) }}",
        "sendgrid_timeout": None,
    }
    message = LOOKUP.replace("v2')", "v2', api_key=(no_such_variable | default(omit)), ca_path=none)")
    result = ansible.play(make_play(debug(message), variables=variables), environment={"SENDGRID_API_KEY": sandbox.key})
    assert "shown: milne.x.ip.v2" in result.stdout, result.stdout


def test_quotes_in_the_configuration_are_removed(ansible: Ansible, sandbox: Sandbox) -> None:
    # Outside the working directory, to show that paths are relative to the configuration file.
    configuration = ansible.home / "elsewhere" / "ansible.cfg"
    configuration.parent.mkdir()
    options = f"api_endpoint = '{sandbox.endpoint}'\nregion = ''\ncache_dir = \"a/./cache\"\n"
    configuration.write_text(f"{ansible.configuration.read_text()}[reseller.sendgrid]\n{options}")
    environment = {"ANSIBLE_CONFIG": str(configuration), "SENDGRID_API_KEY": sandbox.key, "SENDGRID_CACHE_DIR": " "}
    result = ansible.play(make_play(debug(LOOKUP)), environment=environment)
    assert "shown: milne.x.ip.v2" in result.stdout, result.stdout
    assert (configuration.parent / "a" / "cache").is_dir()


def test_ansible_config_shows_the_options_but_not_the_key(ansible: Ansible, sandbox: Sandbox) -> None:
    with ansible.configuration.open("a") as configuration:
        configuration.write("[reseller.sendgrid]\nregion = eu\ntimeout = 7\nvalidate_certs = ture\n")
    environment = {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_RETRIES": "2", "SENDGRID_REGION": ""}
    arguments = ["-t", "lookup", "reseller.sendgrid.offerings"]
    shown = ansible.run("config", "dump", *arguments, environment=environment).stdout
    file = ansible.configuration
    for line in (
        "retries(env: SENDGRID_RETRIES) = 2",
        f"region({file}) = eu",
        f"timeout({file}) = 7",
        f"validate_certs({file}) = ture",
        "cache_ttl(default) = 3600",
    ):
        assert line in shown.splitlines(), shown
    only_changed = ansible.run("config", "dump", "--only-changed", *arguments, environment=environment).stdout
    as_json = ansible.run("config", "dump", "--format", "json", *arguments, environment=environment).stdout
    assert "retries(env: SENDGRID_RETRIES) = 2" in only_changed and "cache_ttl" not in only_changed
    assert '"origin": "env: SENDGRID_RETRIES"' in as_json
    assert sandbox.key not in shown + only_changed + as_json
    listed = ansible.run("config", "list", "--format", "json", *arguments, environment=environment).stdout
    (options,) = json.loads(listed[listed.index("{") :])["PLUGINS"]["lookup"].values()
    assert list(options) == sorted(OPTIONS)
    assert options["timeout"]["env"] == [{"name": "SENDGRID_TIMEOUT"}]
    assert options["timeout"]["vars"] == [{"name": "sendgrid_timeout"}]
    assert options["timeout"]["ini"] == [{"key": "timeout", "section": "reseller.sendgrid"}]
    # Core would print a value that it reads. So the argument spec reads the variable of the key instead.
    assert not {"env", "ini"} & set(options["api_key"])
    assert not {"env", "ini", "vars"} & set(options["names"])


def test_key_is_not_read_from_the_configuration(ansible: Ansible, sandbox: Sandbox) -> None:
    with ansible.configuration.open("a") as configuration:
        configuration.write(f"[reseller.sendgrid]\napi_key = {sandbox.key}\n")
    result = ansible.play(make_play(debug(LOOKUP)))
    assert "no API key is given" in result.stdout, result.stdout


REJECTED_VARIABLES: list[tuple[dict[str, Any], list[str]]] = [
    ({"sendgrid_region": "eu"}, ["api_endpoint", "region from the variable sendgrid_region"]),
    ({"sendgrid_region": "mars"}, ["region: 'mars' is none of global, eu"]),
    ({"sendgrid_validate_certs": "ture"}, ["validate_certs", "ture"]),
    (
        {"sendgrid_timeout": -1, "sendgrid_retries": -1},
        ["timeout: '-1' is out", "retries: '-1' is out of range, 0 or more"],
    ),
    ({"sendgrid_api_key": "https://api.example.com", "sendgrid_api_endpoint": "{{ key }}"}, ["api_endpoint: it"]),
    ({"sendgrid_api_key": "{{ no_such_variable }}"}, ["no_such_variable"]),
    ({"sendgrid_api_key": "too-short"}, ["api_key", "fewer than 20"]),
    (
        {"sendgrid_api_key": "{{ key }}\n", "sendgrid_region": "{{ key }}"},
        ["region: a text of 69 characters is none of global, eu"],
    ),
    ({"sendgrid_api_key": " ", "sendgrid_region": "mars"}, ["api_key: it is blank", "region: 'mars' is none of"]),
]


def test_lookup_names_the_option_it_rejects(ansible: Ansible, sandbox: Sandbox) -> None:
    variables = {
        "sendgrid_api_key": sandbox.key,
        "sendgrid_api_endpoint": sandbox.endpoint,
        "key": "{{ lookup('ansible.builtin.env', 'THE_KEY') }}",
    }
    tasks = [
        {"name": f"case {number}", "ignore_errors": True, "vars": wrong, **debug(LOOKUP)}
        for number, (wrong, _texts) in enumerate(REJECTED_VARIABLES)
    ]
    result = ansible.play(make_play(*tasks, variables=variables), environment={"THE_KEY": sandbox.key})
    shown = split_by_task(result.stdout)
    for number, (_wrong, texts) in enumerate(REJECTED_VARIABLES):
        assert "ignoring" in shown[f"case {number}"]
        assert all(text in shown[f"case {number}"] for text in texts), shown[f"case {number}"]
    assert "Traceback" not in result.stdout and sandbox.key not in result.stdout
    assert sandbox.count() == 0


def test_lookup_names_the_environment_variable_it_rejects(ansible: Ansible, sandbox: Sandbox) -> None:
    variables = {"sendgrid_api_key": sandbox.key, "sendgrid_api_endpoint": sandbox.endpoint}
    environment = {"SENDGRID_REGION": "global", "SENDGRID_TIMEOUT": "soon"}
    result = ansible.play(make_play(debug(LOOKUP), variables=variables), environment=environment)
    assert "region from SENDGRID_REGION in the environment" in result.stdout, result.stdout
    assert "timeout: 'soon' is no number. It comes from SENDGRID_TIMEOUT in the environment" in result.stdout
    assert result.returncode == 2 and sandbox.count() == 0


REJECTED_ARGUMENTS: dict[str, list[str]] = {
    "minimum=3": ["minimum: there is no such option"],
    "nmaes=none, tpye=omit": ["nmaes: there is no such option", "tpye: there is no such option"],
    "['milne.x.ip.v2']": ["terms: each has to be the name"],
    "'milne.x.ip.v2', names=['milne.x.ip.v2']": ["names: it is given together with terms"],
    "type='bundle'": ["value of type must be one of: package, addon, got: bundle"],
    "minimum_entitlements={'ip_count': 1.5}": ["minimum_entitlements: ip_count: an integer is needed, not '1.5'"],
    "minimum_entitlements={'ip_count': true}": ["minimum_entitlements: ip_count: an integer is needed, not 'True'"],
    "minimum_entitlements={'ip_count': none}": ["minimum_entitlements: ip_count: an integer is needed, not 'None'"],
    "minimum_entitlements={'ip_count': '1_0'}": ["minimum_entitlements: ip_count: an integer is needed, not '1_0'"],
    "minimum_entitlements=7": ["argument 'minimum_entitlements'", "convert to dict"],
    "timeout=0": ["timeout: '0' is out of range, more than 0 and at most 3600 is needed"],
    "'milne.x.ip.v1', 'org.ei.fre.v1'": [
        "'milne.x.ip.v1' is not",
        "mean 'milne.x.ip.v2'",
        "mean 'org.ei.free.v1'",
    ],
    "'milne.x.ip.v2', type='package'": ["'milne.x.ip.v2' is filtered out: its type is addon"],
}


def test_lookup_rejects_arguments(ansible: Ansible, sandbox: Sandbox) -> None:
    variables = {"sendgrid_api_key": sandbox.key, "sendgrid_api_endpoint": sandbox.endpoint}
    tasks = [
        {
            "name": f"case {number}",
            "ignore_errors": True,
            **debug(f"{{{{ query('reseller.sendgrid.offerings', {arguments}) }}}}"),
        }
        for number, arguments in enumerate(REJECTED_ARGUMENTS)
    ]
    result = ansible.play(make_play(*tasks, variables=variables))
    shown = split_by_task(result.stdout)
    for number, texts in enumerate(REJECTED_ARGUMENTS.values()):
        assert "ignoring" in shown[f"case {number}"]
        assert all(text in shown[f"case {number}"] for text in texts), shown[f"case {number}"]
    assert "Traceback" not in result.stdout


def test_values_marked_unsafe_are_not_templated(ansible: Ansible, sandbox: Sandbox) -> None:
    (ansible.home / "vars.yml").write_text(
        f"sendgrid_api_endpoint: {sandbox.endpoint}\n"
        "sendgrid_api_key: !unsafe \"SG.{{ lookup('ansible.builtin.pipe', 'touch evaluated') }}\"\n"
    )
    result = ansible.play(make_play(debug(LOOKUP)), "-e", "@vars.yml")
    assert "api_key: it is no API key" in result.stdout, result.stdout
    assert not (ansible.home / "evaluated").exists()


# Each old Python, and each core, fails with other words before the module runs.
OLD_PYTHON = """#!/bin/sh
case $1 in
    -c) echo "Python 3.8.18 on mail1" ;;
    *) echo "SyntaxError: invalid syntax" >&2; exit 1 ;;
esac
"""


def test_a_module_says_what_its_python_lacks(ansible: Ansible, sandbox: Sandbox) -> None:
    pythons = {"old": ansible.home / "old_python", "bare": ansible.home / "bare" / "bin" / "python"}
    pythons["old"].write_text(OLD_PYTHON)
    pythons["old"].chmod(0o755)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ansible.home / "bare"], check=True)
    tasks = [
        {
            "reseller.sendgrid.sendgrid_offerings_info": {"api_key": sandbox.key, "api_endpoint": sandbox.endpoint},
            "vars": {"ansible_python_interpreter": str(path)},
            "register": name,
            "ignore_errors": True,
        }
        for name, path in pythons.items()
    ]
    shown = debug("{{ [old, bare] | map(attribute='failure') | map(attribute='code') }}")
    output = ansible.play(make_play(*tasks, shown)).stdout
    assert "Traceback" not in output and "SyntaxError" not in output, output
    assert f"needs Python 3.9 or newer, and {pythons['old']} is Python 3.8.18 on mail1. Install" in output, output
    assert "The Python library requests is missing for " in output, output
    assert "['missing_library', 'missing_library']" in output, output


def test_lookup_says_why_requests_cannot_be_used(ansible: Ansible, sandbox: Sandbox) -> None:
    variables = {"sendgrid_api_key": sandbox.key, "sendgrid_api_endpoint": sandbox.endpoint}
    (ansible.home / "broken").mkdir()
    (ansible.home / "broken" / "requests.py").write_text("raise ImportError('not here')\n")
    environment = {"PYTHONPATH": str(ansible.home / "broken")}
    output = ansible.play(make_play(debug(LOOKUP), variables=variables), environment=environment).stdout
    assert "The Python library requests cannot be used by " in output and "(ImportError: not here)" in output, output
    assert "pipx inject ansible-core requests" in output and "ansible_python_interpreter" not in output


def test_key_in_the_catalog_is_masked(ansible: Ansible, sandbox: Sandbox) -> None:
    entry = {"offering": {"name": f"name of {sandbox.key}", "type": sandbox.key}}
    sandbox.control("PUT", "/catalog", {"catalog": [entry]})
    options = {"api_key": "{{ lookup('ansible.builtin.env', 'THE_KEY') }}", "api_endpoint": sandbox.endpoint}
    variables = {f"sendgrid_{name}": value for name, value in options.items()}
    tasks = [
        {"reseller.sendgrid.sendgrid_offerings_info": options, "register": "result"},
        debug("{{ result.offerings }} {{ query('reseller.sendgrid.offerings') }}"),
    ]
    result = ansible.play(make_play(*tasks, variables=variables), environment={"THE_KEY": sandbox.key}).stdout
    assert "undocumented types: ********" in result and "failed=0" in result, result
    assert sandbox.key not in result


def test_key_given_as_a_name_is_not_printed(ansible: Ansible, sandbox: Sandbox) -> None:
    key = "{{ lookup('ansible.builtin.env', 'SENDGRID_API_KEY') }}"
    tasks = [
        {"reseller.sendgrid.sendgrid_offerings_info": {"names": [key]}, "register": "result"},
        debug("{{ result.suggestions }}"),
        {"reseller.sendgrid.sendgrid_offerings_gate": {"offerings": [key, {key: key}]}},
        {
            "reseller.sendgrid.sendgrid_offerings_gate": {
                "orders": "{{ {lookup('ansible.builtin.env', 'SENDGRID_API_KEY'): []} }}"
            }
        },
        debug("{{ query('reseller.sendgrid.offerings', lookup('ansible.builtin.env', 'SENDGRID_API_KEY')) }}"),
    ]
    environment = {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_API_ENDPOINT": sandbox.endpoint}
    play = make_play(*({**task, "ignore_errors": True} for task in tasks))
    result = ansible.play(play, "-v", environment=environment).stdout
    assert "ignored=3" in result and "the name of an order holds the API key" in result, result
    assert "'********' is not in your catalog" in result, result
    assert sandbox.key not in result
