"""Stands in for LiteLLM's proxy: tells what litellm_custom_auth makes of requests, which come
as JSON, one in a line. Of the packages that the module imports it has what the module uses.
"""
import asyncio
import json
import sys
import types
from urllib.request import ProxyHandler, Request, build_opener


class Refusal(Exception):
    def __init__(self, message, type, param, code):
        self.told = {"status": code, "code": type, "detail": message}


class Auth:
    def __init__(self, **fields):
        self.told = {"status": 200, "auth": fields}


class Reply:
    """Of a server that answered with success; others raise in urllib already."""

    def __init__(self, body):
        self.json = lambda: json.loads(body)

    def raise_for_status(self):
        pass


class Client:
    def __init__(self, base_url, headers, timeout):
        self.base_url, self.headers, self.timeout = base_url, headers, timeout
        self.open = build_opener(ProxyHandler({})).open

    async def post(self, path, json):
        body = dumps(json).encode()
        request = Request(self.base_url + path, body, {**self.headers, "Content-Type": "application/json"})
        with self.open(request, timeout=self.timeout) as answer:
            return Reply(answer.read())


async def body_of(request):
    return request.body


def module(name, **members):
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(members)


dumps = json.dumps
roles = types.SimpleNamespace(INTERNAL_USER="internal_user", INTERNAL_USER_VIEW_ONLY="internal_user_viewer")
module("fastapi", Request=object)
module("httpx", AsyncClient=Client)
for package in ("litellm", "litellm.proxy", "litellm.proxy.auth", "litellm.proxy.common_utils"):
    module(package)
module("litellm.proxy._types", LitellmUserRoles=roles, ProxyException=Refusal, UserAPIKeyAuth=Auth)
module("litellm.proxy.auth.auth_utils", get_request_route=lambda request: request.path)
module("litellm.proxy.common_utils.http_parsing_utils", _read_request_body=body_of)

from litellm_custom_auth import user_api_key_auth


async def told(request):
    try:
        return (await user_api_key_auth(request, request.authorization)).told
    except Refusal as refusal:
        return refusal.told


for line in sys.stdin:
    print(dumps(asyncio.run(told(types.SimpleNamespace(**json.loads(line))))), flush=True)
