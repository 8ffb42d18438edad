"""Assets of Pachyderm: ``pachyderm://host[:port]/project/repo/branch[/path]``.

The port is left out if it is 30650, the project of a server without projects is ``default``, and the path is percent-
encoded. Airflow loads this module while it looks for providers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, unquote, urlsplit

from airflow_provider_pachyderm._compat import Asset
from airflow_provider_pachyderm.client import Branch, InvalidReference, parse_branch, parse_file
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT

if TYPE_CHECKING:
    from airflow.providers.common.compat.openlineage.facet import Dataset

    from airflow_provider_pachyderm.client import ClientConfig

SCHEME = "pachyderm"
_DEFAULT_PORT = 30650
_FORM = f"{SCHEME}://host[:port]/project/repo/branch[/path]"


def create_asset(
    *,
    host: str,
    repo: str,
    branch: str = "master",
    path: str | None = None,
    port: int | None = None,
    project: str | None = None,
    extra: dict[str, Any] | None = None,
) -> Asset:
    """Make the asset of a branch, or of a file or directory on it.

    .. code-block:: python

        images = create_asset(host="pachd.example.com", repo="images")


        @dag(schedule=[images])
        def resize(): ...

    :param host: host of pachd, as in the connection
    :param repo: ``repo`` or ``project/repo``
    :param branch: name of the branch
    :param path: file or directory; None for the whole branch
    :param port: port of pachd, if it is neither in ``host`` nor 30650
    :param project: project of a repo that is named without one; ``default`` if None
    :param extra: extra of the asset
    :raises ValueError: if a name is not valid in Pachyderm, or the address is not valid
    """
    place = parse_branch((f"{project}/{repo}" if project else repo, branch))
    return Asset(uri=asset_uri(_server(host, port), place, path), extra=extra)


def asset_uri(config: ClientConfig, branch: Branch, path: str | None = None) -> str:
    """Return the URI of a branch, or of a path on it.

    :param config: says where the server is
    :param path: file or directory; None or ``/`` for the whole branch
    :raises InvalidReference: for a server that is reached through a Unix socket
    """
    if not has_uri(config):
        raise InvalidReference(f"{config.target} is a Unix socket, and its path means something on one machine only")
    repo = branch.repo
    name = repo.name if repo.type == "user" else f"{repo.name}.{repo.type}"
    names = f"{repo.project or config.project or DEFAULT_PROJECT}/{name}/{branch.name}"
    return f"{SCHEME}://{_authority(config)}/{names}{_encoded(branch, path or '/')}"


def has_uri(config: ClientConfig) -> bool:
    """Return whether the contents of a server have URIs, which they do not behind a Unix socket."""
    return not config.host.startswith("unix:")


def sanitize_uri(uri: SplitResult) -> SplitResult:
    """Check the URI of an asset and normalize it as ``create_asset`` does, so that two spellings are one asset.

    :raises ValueError: if it is not valid, with the reason
    """
    text = uri.geturl()
    if uri.query:
        raise InvalidReference(f"{text!r} has a query: in a path, write '?' as %3F")
    if "@" in uri.netloc:
        raise InvalidReference(f"{text!r} has a user: write {_FORM}, and give the token in the connection")
    names = uri.path.strip("/").split("/", 3)
    if not uri.netloc or len(names) < 3:
        raise InvalidReference(f"{text!r} does not name a branch: write {_FORM}")
    project, repo, branch, *path = map(unquote, names)
    place = parse_branch((f"{project}/{repo}", branch))
    return urlsplit(asset_uri(_server(uri.netloc), place, *path))


def convert_asset_to_openlineage(asset: Asset, lineage_context: object) -> Dataset:
    """Name an asset as OpenLineage does: the server is the namespace, and what is on it the name."""
    from airflow.providers.common.compat.openlineage.facet import Dataset

    server, _, name = asset.uri.partition("://")[2].partition("/")
    return Dataset(namespace=f"{SCHEME}://{server}", name=name)


def _server(host: str, port: int | None = None) -> ClientConfig:
    from airflow_provider_pachyderm.client import ClientConfig  # costs time, which parsing a DAG need not take

    return ClientConfig(host=host, port=port)


def _authority(config: ClientConfig) -> str:
    host = config.host.lower()
    return host if config.target_port == _DEFAULT_PORT else f"{host}:{config.target_port}"


def _encoded(branch: Branch, path: str) -> str:
    _, absolute = parse_file(f"{branch}:{path}")
    return quote(absolute, safe="/~") if absolute != "/" else ""
