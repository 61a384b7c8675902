"""Whose key came with the request, and whether it may do this."""

from anyio import to_thread

from earnest.api.errors import Connection
from earnest.service import Scope, Service

KEY_HEADER = "X-Aftercare-Key"


async def authorised(request: Connection, service: Service, scope: Scope) -> str:
    """The tenant that the request's key belongs to; to be asked before any of the body is read.

    Raises:
        InvalidKey: No key, or one that we do not accept.
        MissingScope: The key is not for this.
        RateLimited: The tenant has asked too often this minute.
    """
    admitted = await to_thread.run_sync(service.admit, request.headers.get(KEY_HEADER), scope)
    request.state.rate = admitted.rate
    return admitted.tenant
