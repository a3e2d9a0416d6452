"""Deployments, their statuses, and commit statuses."""

import re

from fake import new_id, now, route
from people import BOT

STATES = {"error", "failure", "inactive", "in_progress", "queued", "pending", "success"}
COMMIT_STATES = {"error", "failure", "pending", "success"}


def wrong(message):
    return 422, {"message": "Validation Failed", "errors": [{"resource": "Deployment", "code": "custom", "message": message}]}


def deployments(state):
    return state.setdefault("deployments", [])


def address(request, path):
    return f"{request.base}/repos/{request.path['repo']}/{path}"


@route("GET", "/repos/{repo}/deployments")
def list_deployments(state, request):
    environment = request.query.get("environment")
    found = [one for one in reversed(deployments(state)) if environment in (None, one["environment"])]
    return 200, [whole(state, request, one) for one in found][:int(request.query.get("per_page", 30))]


def whole(state, request, told):
    """What a test has put in its state may be told in part."""
    rest = new_deployment(state, request, {"ref": told["sha"]}) if "url" not in told else {}
    return {key: value for key, value in {**rest, **told}.items() if key != "statuses"}


@route("POST", "/repos/{repo}/deployments")
def make_deployment(state, request):
    body = request.body
    if body.get("auto_merge", True):
        return 202, {"message": "Auto-merged main into the ref on deployment."}
    if body.get("required_contexts") != []:
        return 409, {"message": "Conflict: Commit status checks failed for the ref."}
    if len(body.get("description") or "") > 140:
        return wrong("description is too long")
    if not re.fullmatch("[0-9a-f]{40}", body["ref"]) or body["ref"] in state.get("unknown_commits", []):
        return wrong(f"No ref found for: {body['ref']}")
    made = new_deployment(state, request, body)
    deployments(state).append(made)
    return 201, {key: value for key, value in made.items() if key != "statuses"}


def new_deployment(state, request, body):
    number = new_id(state)
    return {
        "id": number, "node_id": f"DE_{number}", "url": address(request, f"deployments/{number}"),
        "sha": state.get("other_commit", body["ref"]), "ref": body["ref"], "task": body.get("task", "deploy"),
        "payload": body.get("payload", ""), "environment": body.get("environment", "production"),
        "original_environment": body.get("environment", "production"), "description": body.get("description"),
        "creator": BOT, "created_at": now(), "updated_at": now(),
        "statuses_url": address(request, f"deployments/{number}/statuses"),
        "repository_url": f"{request.base}/repos/{request.path['repo']}",
        "transient_environment": False, "production_environment": body.get("environment") == "production",
        "statuses": [],
    }


def found(state, request):
    return next((one for one in deployments(state) if str(one["id"]) == request.path["id"]), None)


@route("GET", "/repos/{repo}/deployments/{id}/statuses")
def list_statuses(state, request):
    deployment = found(state, request)
    return (200, list(reversed(deployment["statuses"]))) if deployment else (404, {"message": "Not Found"})


@route("POST", "/repos/{repo}/deployments/{id}/statuses")
def make_status(state, request):
    deployment, body = found(state, request), request.body
    if not deployment:
        return 404, {"message": "Not Found"}
    if body.get("state") not in STATES or len(body.get("description") or "") > 140:
        return wrong("state or description")
    number = new_id(state)
    status = {
        "id": number, "node_id": f"DES_{number}", "state": body["state"], "description": body.get("description", ""),
        "url": address(request, f"deployments/{deployment['id']}/statuses/{number}"), "creator": BOT,
        "environment": deployment["environment"], "environment_url": body.get("environment_url", ""),
        "log_url": body.get("log_url", ""), "target_url": body.get("log_url", ""),
        "deployment_url": address(request, f"deployments/{deployment['id']}"),
        "repository_url": f"{request.base}/repos/{request.path['repo']}",
        "created_at": now(), "updated_at": now(),
    }
    deployment["statuses"].append(status)
    return 201, status


@route("POST", "/repos/{repo}/statuses/{sha}")
def mark_commit(state, request):
    body = request.body
    if body.get("state") not in COMMIT_STATES or len(body.get("description") or "") > 140:
        return wrong("state or description")
    number = new_id(state)
    status = {
        "id": number, "node_id": f"SC_{number}", "state": body["state"], "description": body.get("description"),
        "url": address(request, f"statuses/{request.path['sha']}"), "target_url": body.get("target_url"),
        "context": body.get("context", "default"), "avatar_url": BOT["avatar_url"], "creator": BOT,
        "created_at": now(), "updated_at": now(),
    }
    state.setdefault("commit_statuses", []).append({"sha": request.path["sha"], **status})
    return 201, status
