"""Asks nemo-team about every key that LiteLLM is sent. In LiteLLM's config.yaml:

    general_settings:
      custom_auth: litellm_custom_auth.user_api_key_auth

NEMO_URL is nemo-team's origin, NEMO_GATEWAY_TOKEN what `make gateway-token` printed.
Nothing is cached: a revocation holds from the next request on. Whatever goes wrong, the
request is refused. Owners and admins are plain users here: a key asks models, it does not
run the proxy.

With NEMO_RESERVE_USD, such as 0.05, each request holds that much of the budgets that its key
counts to, so that a burst overruns none. LiteLLM reports the reservation's id with the cost,
under metadata.user_api_key_auth_metadata, and nemo-team settles it.
"""
import os

import httpx
from fastapi import Request
from litellm.proxy._types import LitellmUserRoles, ProxyException, UserAPIKeyAuth
from litellm.proxy.common_utils.http_parsing_utils import _read_request_body

nemo = httpx.AsyncClient(
    base_url=os.environ["NEMO_URL"],
    headers={"Authorization": "Bearer " + os.environ["NEMO_GATEWAY_TOKEN"]},
    timeout=5,
)
RESERVE = os.environ.get("NEMO_RESERVE_USD")


def refused(code: str, detail: str, status: int) -> ProxyException:
    return ProxyException(message=detail, type=code, param="api_key", code=status)


async def user_api_key_auth(request: Request, api_key: str) -> UserAPIKeyAuth:
    key = api_key.removeprefix("Bearer ")
    if not key:
        raise refused("unauthorized", "Send a key as a bearer token.", 401)
    # LiteLLM takes the call's id from it, and a call counts once, by its id: whoever names all
    # calls alike would pay for one.
    if "x-litellm-call-id" in request.headers:
        raise refused("call_id_forbidden", "Leave out the header x-litellm-call-id.", 400)
    try:
        body = await _read_request_body(request) or {}
        model = str(request.path_params.get("model") or body.get("model") or "")
        question = {"key": key, "model": model}
        if RESERVE and request.method == "POST":
            question["reserve_usd"] = RESERVE
        reply = await nemo.post("/v1/keys/verify", json=question)
        reply.raise_for_status()
        v = reply.json()
        valid, code, models = v["valid"] is True, v["code"], v["models"]
    except Exception as e:
        raise refused("unavailable", "The key cannot be checked now. Try again shortly.", 503) from e
    if not valid:
        raise refused(code, v["detail"], {"rate_limited": 429, "not_found": 401, "revoked": 401, "expired": 401}.get(code, 403))
    # A key for some models only: nothing may be asked that was not asked about above.
    if models and request.method != "GET" and (not model or "," in model or body.get("fallbacks")):
        raise refused("model_not_allowed", "Name one model, without fallbacks: this key is for some models only.", 403)
    viewer = v["role"] == "viewer"
    return UserAPIKeyAuth(
        api_key=key, user_id=v["user_id"], team_id=v["team_id"], org_id=v["org_id"], models=models,
        user_role=LitellmUserRoles.INTERNAL_USER_VIEW_ONLY if viewer else LitellmUserRoles.INTERNAL_USER,
        metadata={
            "nemo_key_id": v["key_id"], "nemo_role": v["role"], "nemo_litellm_role": v["litellm_role"],
            "nemo_reservation_id": v.get("reservation_id") or "",
        },
    )
