"""Whose key came with the request."""

from anyio import to_thread

from earnest.api.errors import Connection
from earnest.service import Service

KEY_HEADER = "X-Aftercare-Key"


async def tenant_of(request: Connection, service: Service) -> str:
    """The tenant that the request's key belongs to; to be asked before any of the body is read.

    Raises:
        InvalidKey: No key, or one that we do not accept.
    """
    return await to_thread.run_sync(service.tenant_of, request.headers.get(KEY_HEADER))
