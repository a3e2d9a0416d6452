"""Issues that are opened, rewritten and closed by a program."""

from fake import new_id, now, route
from people import BOT


def issues(state):
    return state.setdefault("issues", [])


def is_asked_for(issue, query):
    labels = {label["name"] for label in issue["labels"]}
    wanted = set(filter(None, query.get("labels", "").split(",")))
    return query.get("state", "open") in (issue["state"], "all") and wanted <= labels


@route("GET", "/repos/{repo}/issues")
def list_issues(state, request):
    return 200, [issue for issue in reversed(issues(state)) if is_asked_for(issue, request.query)]


@route("POST", "/repos/{repo}/issues")
def open_issue(state, request):
    number, body = new_id(state), request.body
    at = f"{request.base}/repos/{request.path['repo']}"
    issue = {
        "id": number, "node_id": f"I_{number}", "number": number, "state": "open", "state_reason": None,
        "title": body["title"], "body": body.get("body"), "user": BOT, "author_association": "NONE",
        "labels": [label(request, name) for name in body.get("labels", [])],
        "url": f"{at}/issues/{number}", "html_url": f"https://github.example/{request.path['repo']}/issues/{number}",
        "repository_url": at, "labels_url": f"{at}/issues/{number}/labels{{/name}}",
        "comments_url": f"{at}/issues/{number}/comments", "events_url": f"{at}/issues/{number}/events",
        "assignee": None, "assignees": [], "milestone": None, "locked": False, "comments": 0,
        "created_at": now(), "updated_at": now(), "closed_at": None,
    }
    issues(state).append(issue)
    return 201, issue


def label(request, name):
    url = f"{request.base}/repos/{request.path['repo']}/labels/{name}"
    return {"id": 1, "node_id": "LA_1", "url": url, "name": name, "description": None, "color": "ededed", "default": False}


@route("PATCH", "/repos/{repo}/issues/{number}")
def change_issue(state, request):
    for issue in issues(state):
        if str(issue["number"]) == request.path["number"]:
            issue.update({key: request.body[key] for key in ("title", "body", "state", "state_reason") if key in request.body})
            issue["updated_at"] = now()
            issue["closed_at"] = now() if issue["state"] == "closed" else None
            return 200, issue
    return 404, {"message": "Not Found"}
