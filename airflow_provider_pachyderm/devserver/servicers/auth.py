"""``auth.API`` of 1.x and ``auth_v2.API`` of 2.x as long as auth is not activated, which it never is here."""

from __future__ import annotations

from typing import NoReturn

import grpc

from airflow_provider_pachyderm._wire.v1 import methods as v1
from airflow_provider_pachyderm._wire.v2 import methods as v2
from airflow_provider_pachyderm.devserver.profiles import Profile

NOT_ACTIVATED = "the auth service is not activated"

# The calls of which the recordings and probes tell, beside WhoAmI: what they answer does not depend on the request.
_MORE = {"v1": (), "v2": ("GetRobotToken", "Deactivate", "GetRoleBinding")}


def handler(profile: Profile) -> grpc.GenericRpcHandler:
    """The auth service of the world that is played."""
    who_am_i = v1.Auth.WhoAmI if profile.world == "v1" else v2.Auth.WhoAmI
    call: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(_refuse)
    names = (who_am_i.name, *_MORE[profile.world])
    return grpc.method_handlers_generic_handler(who_am_i.service, dict.fromkeys(names, call))


async def _refuse(request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> NoReturn:
    await context.abort(grpc.StatusCode.UNIMPLEMENTED, NOT_ACTIVATED)
