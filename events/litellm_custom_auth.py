"""Asks nemo-team about every key that LiteLLM is sent. In LiteLLM's config.yaml:

    general_settings:
      custom_auth: litellm_custom_auth.user_api_key_auth

NEMO_URL is nemo-team's origin, NEMO_GATEWAY_TOKEN what `make gateway-token` printed.
Nothing is cached: a revocation holds from the next request on. Whatever goes wrong, the
request is refused. Owners and admins are plain users here: a key asks models, it does not
run the proxy.

A key for some models only lists models, and asks one by its name: the model that was asked
about must be the one that LiteLLM uses. Its custom_auth_run_common_checks is no substitute: it
looks neither at the query nor at the providers' own routes.

With NEMO_RESERVE_USD, such as 0.05, each request holds that much of the budgets that its key
counts to, so that a burst overruns none. LiteLLM reports the reservation's id with the cost,
under metadata.user_api_key_auth_metadata, and nemo-team settles it. What is never settled
lapses after NEMO_RESERVE_SECONDS, 600 unless set: longer than your requests take, and at most
3600.
"""
import os
import re

import httpx
from fastapi import Request
from litellm.proxy._types import LitellmUserRoles, ProxyException, UserAPIKeyAuth
from litellm.proxy.auth.auth_utils import get_request_route
from litellm.proxy.common_utils.http_parsing_utils import _read_request_body

nemo = httpx.AsyncClient(
    base_url=os.environ["NEMO_URL"],
    headers={"Authorization": "Bearer " + os.environ["NEMO_GATEWAY_TOKEN"]},
    timeout=5,
)
RESERVE = os.environ.get("NEMO_RESERVE_USD")
RESERVE_SECONDS = int(os.environ.get("NEMO_RESERVE_SECONDS", "600"))

LISTING = {"/models", "/model/info"}
# Routes that ask the model in their path, or else the one in the body, or else in the query.
ASKING = re.compile(
    r"(/engines/.+|/openai/deployments/.+)?/(chat/completions|completions|embeddings|responses|messages"
    r"|messages/count_tokens|moderations|rerank|images/(generations|edits)|audio/(speech|transcriptions))"
)
# Fields of a body by which LiteLLM or a provider comes to ask another model.
REROUTING = re.compile("model.|.model|fallback|deployment|router_settings|user_config|extra_body|prompt_id")


def refused(code: str, detail: str, status: int) -> ProxyException:
    return ProxyException(message=detail, type=code, param="api_key", code=status)


def asks_it_alone(model: str, request: Request, body: dict) -> bool:
    """Whether the request asks this model and can ask no other. A WebSocket comes as a GET."""
    route = get_request_route(request).removeprefix("/v1")
    if request.method == "GET":
        return route in LISTING
    return (
        request.method == "POST" and ASKING.fullmatch(route) is not None and set(request.path_params) <= {"model"}
        and model != "" and "," not in model and "model" not in request.query_params
        and not any(REROUTING.search(field) for field in body)
        and not any("model" in tool for tool in body.get("tools") or [])
    )


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
            question |= {"reserve_usd": RESERVE, "reserve_seconds": RESERVE_SECONDS}
        reply = await nemo.post("/v1/keys/verify", json=question)
        reply.raise_for_status()
        v = reply.json()
        valid, code, models = v["valid"] is True, v["code"], v["models"]
    except Exception as e:
        raise refused("unavailable", "The key cannot be checked now. Try again shortly.", 503) from e
    if not valid:
        raise refused(code, v["detail"], {"rate_limited": 429, "not_found": 401, "revoked": 401, "expired": 401}.get(code, 403))
    if models and not asks_it_alone(model, request, body):
        raise refused("model_not_allowed", "This key is for some models only: name one, and nothing that leads to others.", 403)
    viewer = v["role"] == "viewer"
    return UserAPIKeyAuth(
        api_key=key, user_id=v["user_id"], team_id=v["team_id"], org_id=v["org_id"], models=models,
        user_role=LitellmUserRoles.INTERNAL_USER_VIEW_ONLY if viewer else LitellmUserRoles.INTERNAL_USER,
        metadata={
            "nemo_key_id": v["key_id"], "nemo_role": v["role"], "nemo_litellm_role": v["litellm_role"],
            "nemo_reservation_id": v.get("reservation_id") or "",
        },
    )
