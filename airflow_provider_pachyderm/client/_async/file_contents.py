"""The content of a file that the server has told of."""

from __future__ import annotations

from dataclasses import replace

from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
from airflow_provider_pachyderm.client._async.session import AsyncSession
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._local.chunks import CHUNK_SIZE
from airflow_provider_pachyderm.client._models import FileInfo


async def read(
    session: AsyncSession,
    info: FileInfo,
    datum: str,
    *,
    offset: int = 0,
    lasting: bool = True,
    limited: bool | None = None,
    prove: bool = True,
) -> AsyncFileReader:
    """Read a file that the server has told of.

    :param lasting: it stays as it is, so that a stream that breaks goes on in another one.
    :param limited: read no more than was told; if None, of a file that is not lasting, as it may have grown.
    :param prove: ask what it consists of if its hash does not fit.
    """
    dialect = (await session.dialect()).of_datum(datum)
    download = await session.run(dialect.downloads.file(info.commit, info.path, offset, known=info))
    download = replace(download, lasting=lasting)
    if not lasting if limited is None else limited:
        download = replace(download, limit=download.expected)
    return await session.open(download if lasting and prove else replace(download, proof=None))


async def true_size(session: AsyncSession, info: FileInfo, datum: str, *, lasting: bool) -> int:
    """Tell how long a file is; some servers state too much or too little, which what is at its end tells.

    :param lasting: it stays as it is.
    """
    told, known = info.size_bytes, (await session.dialect()).capabilities
    if not told or Feature.TRUE_SIZES in known or (Feature.RANGES not in known and told > CHUNK_SIZE):
        return told
    whole = Feature.FULL_SIZES in known
    async with await read(session, info, datum, offset=told - 1, lasting=lasting, limited=whole, prove=False) as reader:
        if len(await reader.read(2)) == 1:
            return told
    async with await read(session, info, datum, lasting=lasting, limited=False, prove=False) as reader:
        return sum([len(chunk) async for chunk in reader])
