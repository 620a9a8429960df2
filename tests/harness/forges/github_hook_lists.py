"""Endpoints of a fake GitHub for webhooks of organizations, repositories and Apps, and for their deliveries."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias

from litestar import Request, Response, get, post

from tests.harness.forges import github_whole
from tests.harness.forges.github_apps import Apps
from tests.harness.forges.github_hooks import Hook

AnyRequest: TypeAlias = Request[Any, Any, Any]
Enter: TypeAlias = Callable[[AnyRequest, str], Response[Any] | None]
Answer: TypeAlias = Callable[[AnyRequest, Any], Response[Any]]

OWNERS = ("/repos/{owner:str}/{name:str}", "/orgs/{owner:str}")


def hook_handlers(hooks: dict[int, Hook], apps: Apps, enter: Enter, answer: Answer) -> list[Any]:
    """Return the endpoints; `enter` may refuse a request, `answer` completes every response."""
    return [*_lists(hooks, enter, answer), *_deliveries(hooks, enter, answer), *_of_apps(apps)]


def _lists(hooks: dict[int, Hook], enter: Enter, answer: Answer) -> list[Any]:
    @get("/api/v3/user/orgs")
    async def organizations(request: AnyRequest) -> Response[Any]:
        if (refusal := enter(request, "core")) is not None:
            return refusal
        names = sorted({each.owner[len("orgs/") :] for each in hooks.values() if each.owner.startswith("orgs/")})
        return answer(request, [github_whole.organization(name, number) for number, name in enumerate(names, 1)])

    @get([f"/api/v3{owner}/hooks" for owner in OWNERS])
    async def of_owner(request: AnyRequest) -> Response[Any]:
        if (refusal := enter(request, "core")) is not None:
            return refusal
        owner = _owner(request)
        return answer(request, [each.shown() for each in hooks.values() if each.owner == owner])

    return [organizations, of_owner]


def _deliveries(hooks: dict[int, Hook], enter: Enter, answer: Answer) -> list[Any]:
    paths = [f"/api/v3{owner}/hooks/{{hook:int}}/deliveries" for owner in OWNERS]

    @get(paths)
    async def deliveries(request: AnyRequest) -> Response[Any]:
        if (refusal := enter(request, "core")) is not None:
            return refusal
        return _page(request, _found(hooks, request), answer)

    @post([f"{path}/{{delivery:int}}/attempts" for path in paths], status_code=202)
    async def attempt(request: AnyRequest) -> Response[Any]:
        if (refusal := enter(request, "core")) is not None:
            return refusal
        return await _send_again(_found(hooks, request), request)

    return [deliveries, attempt]


def _of_apps(apps: Apps) -> list[Any]:
    def found(request: AnyRequest) -> Hook | None:
        app = apps.app_of(request.headers.get("authorization", ""))
        return app.hook if app else None

    @get("/api/v3/app/hook/deliveries")
    async def deliveries(request: AnyRequest) -> Response[Any]:
        hook = found(request)
        if hook is None:
            return Response({"message": "A JSON web token could not be decoded"}, status_code=401)
        apps.sent.append("deliveries")
        return _page(request, hook, lambda _, body: Response(body))

    @post("/api/v3/app/hook/deliveries/{delivery:int}/attempts", status_code=202)
    async def attempt(request: AnyRequest) -> Response[Any]:
        hook = found(request)
        if hook is None:
            return Response({"message": "A JSON web token could not be decoded"}, status_code=401)
        return await _send_again(hook, request)

    return [deliveries, attempt]


def _owner(request: AnyRequest) -> str:
    owner, name = request.path_params["owner"], request.path_params.get("name")
    return f"repos/{owner}/{name}" if name else f"orgs/{owner}"


def _found(hooks: dict[int, Hook], request: AnyRequest) -> Hook | None:
    hook = hooks.get(request.path_params["hook"])
    return hook if hook and hook.owner == _owner(request) else None


def _page(request: AnyRequest, hook: Hook | None, answer: Answer) -> Response[Any]:
    if hook is None:
        return Response({"message": "Not Found"}, status_code=404)
    size = int(request.query_params.get("per_page", 30))
    shown, cursor = hook.page(size, request.query_params.get("cursor"))
    reported = answer(request, [each.listed() for each in shown])
    if cursor is not None:
        following = request.url.with_replacements(query=f"per_page={size}&cursor={cursor}")
        reported.headers["link"] = f'<{following}>; rel="next"'
    return reported


async def _send_again(hook: Hook | None, request: AnyRequest) -> Response[Any]:
    number = request.path_params["delivery"]
    if hook is None or not 1 <= number <= len(hook.attempts):
        return Response({"message": "Not Found"}, status_code=404)
    # In a thread, because the receiving service may run in this process.
    await asyncio.to_thread(hook.send_again, number)
    return Response({}, status_code=202)
