"""The connection form, as one table.

From it come the metadata that Airflow 3.2 and later read (``get_provider_info``), the hook methods that 2.11 to 3.1
read, and the list of extra keys that the hook accepts. Pure data: every Airflow process loads this file while it looks
for providers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

CONNECTION_TYPE = "pachyderm"
HOOK_NAME = "Pachyderm"
PACHCTL_CONFIG = "pachctl_config"
PACHCTL_CONTEXT = "pachctl_context"
CONSOLE_URL = "console_url"
RETRY_TIMEOUT = "retry_timeout"

Kind = Literal["text", "pem", "url", "flag", "seconds", "proxy"]

_SCHEMAS: dict[Kind, dict[str, Any]] = {
    "text": {"type": ["string", "null"]},
    "pem": {"type": ["string", "null"], "format": "multiline"},
    "url": {"type": ["string", "null"], "format": "url"},
    # Not a boolean: an unticked box would say "no", and only "not said" lets the scheme in the host decide.
    "flag": {"type": ["string", "null"], "enum": ["true", "false"]},
    "seconds": {"type": ["number", "null"], "minimum": 0},
    "proxy": {"type": ["string", "null"]},
}


@dataclass(frozen=True)
class ExtraField:
    """One key of the connection's extra: an argument of ``ClientConfig``, or one of those named above."""

    key: str
    kind: Kind
    label: str
    description: str


EXTRA_FIELDS = (
    ExtraField(
        "project", "text", "Default project", "Project of repos that are named without one (servers from 2.5 on)."
    ),
    ExtraField("tls", "flag", "TLS", "If empty, the scheme in Host decides (grpc:// or grpcs://); without one: off."),
    ExtraField(
        "tls_ca", "pem", "CA certificates", "PEM, or the path of a file. If empty, those that the machine trusts."
    ),
    ExtraField("tls_cert", "pem", "Client certificate", "PEM, for servers that ask for one."),
    ExtraField("tls_private_key", "pem", "Client private key", "PEM, the key of the client certificate."),
    ExtraField("tls_server_name", "text", "TLS server name", "Name in the server's certificate, if it is not Host."),
    ExtraField("version", "text", "Server version", "For instance 1.13.4 or 2.11.6. If empty, the server is asked."),
    ExtraField("timeout", "seconds", "Timeout", "Seconds, for calls that do not stream. Default: 30."),
    ExtraField(
        RETRY_TIMEOUT,
        "seconds",
        "Retry timeout",
        "Seconds in which calls are repeated while the server is away. Default: 60.",
    ),
    ExtraField(
        "proxy",
        "proxy",
        "Proxy",
        "HTTP proxy, such as http://proxy.example.com:3128, or false for none. If empty, see the docs.",
    ),
    ExtraField("keepalive", "seconds", "Keepalive", "Seconds between pings; 0 for none. Default: 20."),
    ExtraField(
        PACHCTL_CONFIG, "text", "pachctl config", "Path of a config.json on the worker; the fields of this form win."
    ),
    ExtraField(PACHCTL_CONTEXT, "text", "pachctl context", "A context in that file. If empty, the active one."),
    ExtraField(CONSOLE_URL, "url", "Console URL", "Console of Pachyderm 2.9 or later, for links from tasks."),
)

HIDDEN_FIELDS = ("schema", "login", "extra")
RELABELING = {"password": "Auth token"}
PLACEHOLDERS = {"host": "pachd.example.com or grpcs://pachd.example.com", "port": "30650"}


def conn_fields() -> dict[str, Any]:
    """Return the ``conn-fields`` of the provider metadata (Airflow 3.2 and later)."""
    return {
        field.key: {"label": field.label, "description": field.description, "schema": dict(_SCHEMAS[field.kind])}
        for field in EXTRA_FIELDS
    }


def ui_field_behaviour() -> dict[str, Any]:
    """Return the ``ui-field-behaviour`` of the provider metadata (Airflow 3.2 and later)."""
    return {"hidden-fields": list(HIDDEN_FIELDS), "relabeling": RELABELING, "placeholders": PLACEHOLDERS}


def form_widgets() -> dict[str, Any]:
    """Return the same fields as form widgets (Airflow 2.11 to 3.1)."""
    # Airflow 3 comes without these packages. 3.1 then puts doubles in their place, which know strings, `Optional` and
    # `any_of`, and leaves out a field of any other kind.
    from flask_appbuilder.fieldwidgets import (  # type: ignore[import-not-found]
        BS3TextAreaFieldWidget,
        BS3TextFieldWidget,
    )
    from wtforms import StringField  # type: ignore[import-untyped]
    from wtforms.validators import Optional, any_of  # type: ignore[import-untyped]

    def widget(field: ExtraField) -> Any:
        shown = BS3TextAreaFieldWidget() if field.kind == "pem" else BS3TextFieldWidget()
        rules = [any_of(_SCHEMAS["flag"]["enum"])] if field.kind == "flag" else []
        return StringField(
            label=field.label, description=field.description, widget=shown, validators=[Optional(), *rules]
        )

    return {field.key: widget(field) for field in EXTRA_FIELDS}
