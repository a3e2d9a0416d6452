"""Comments, reactions, roles, teams, files of the default branch, and comparisons.

The state knows `comments` (by id: `body`, `user`, and perhaps `type`, `issue`, `app`), `roles` (by login; whoever is not
in it may `read`), `teams` (members by `org/team`), `files` (text by path), `comparisons` (by `base...head`: `status` and
`commits` as pairs of id and message), `compared` (by branch and commit, the status alone) and `reactions` (what came of them).
"""

import base64
import hashlib
import urllib.parse

from fake import new_id, now, route
from people import BOT, account

NOT_FOUND = (404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"})
LEGACY = {"maintain": "write", "triage": "read"}


def address(request, path):
    return f"{request.base}/repos/{request.path['repo']}/{path}"


def person(login, kind="User"):
    return BOT if login == BOT["login"] else account(login, sum(login.encode()), kind)


def shown(request, number, comment):
    issue = comment.get("issue", 7)
    page = f"https://github.example/{request.path['repo']}/pull/{issue}#issuecomment-{number}"
    return {
        "id": int(number), "node_id": f"IC_{number}", "url": address(request, f"issues/comments/{number}"),
        "html_url": page, "issue_url": address(request, f"issues/{issue}"), "body": comment["body"],
        "user": person(comment["user"], comment.get("type", "User")), "author_association": "NONE",
        "created_at": comment.get("created_at", now()), "updated_at": comment.get("updated_at", now()),
        "performed_via_github_app": comment.get("app"),
    }


def comments(state):
    return state.setdefault("comments", {})


@route("GET", "/repos/{repo}/issues/comments/{id}")
def read_comment(state, request):
    comment = comments(state).get(request.path["id"])
    return (200, shown(request, request.path["id"], comment)) if comment else NOT_FOUND


@route("PATCH", "/repos/{repo}/issues/comments/{id}")
def edit_comment(state, request):
    comment = comments(state).get(request.path["id"])
    if not comment:
        return NOT_FOUND
    comment.setdefault("before", []).append(comment["body"])
    comment["body"] = request.body["body"]
    return 200, shown(request, request.path["id"], comment)


@route("POST", "/repos/{repo}/issues/comments/{id}/reactions")
def react(state, request):
    if request.path["id"] not in comments(state):
        return NOT_FOUND
    content = request.body["content"]
    if content not in {"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}:
        return 422, {"message": "Validation Failed", "errors": [{"message": "content"}]}
    state.setdefault("reactions", []).append({"comment": int(request.path["id"]), "content": content})
    number = new_id(state)
    return 201, {"id": number, "node_id": f"REA_{number}", "user": BOT, "content": content, "created_at": now()}


@route("GET", "/repos/{repo}/issues/{number}/comments")
def list_comments(state, request):
    here = [(number, one) for number, one in comments(state).items() if str(one.get("issue", 7)) == request.path["number"]]
    page, size = int(request.query.get("page", 1)), int(request.query.get("per_page", 30))
    return 200, [shown(request, number, one) for number, one in here][(page - 1) * size:page * size]


@route("POST", "/repos/{repo}/issues/{number}/comments")
def reply(state, request):
    number = str(new_id(state))
    body = request.body["body"]
    if len(body) > 65536:
        return 422, {"message": "Validation Failed", "errors": [{"message": "body is too long (maximum is 65536 characters)"}]}
    comments(state)[number] = {"body": body, "user": BOT["login"], "type": "Bot", "issue": int(request.path["number"])}
    return 201, shown(request, number, comments(state)[number])


@route("GET", "/repos/{repo}/collaborators/{login}/permission")
def permission(state, request):
    login = request.path["login"]
    role = state.get("roles", {}).get(login, "read")
    permission = LEGACY.get(role, role if role in {"admin", "write", "read", "none"} else "write")
    user = {**person(login), "role_name": role,
            "permissions": {"pull": True, "triage": False, "push": False, "maintain": False, "admin": False}}
    return 200, {"permission": permission, "role_name": role, "user": user}


@route("GET", "/orgs/{org}/teams/{team}/memberships/{login}")
def membership(state, request):
    if request.headers.get("authorization") != f"Bearer {state.get('team_token')}":
        return 403, {"message": "Resource not accessible by integration"}
    team, login = f"{request.path['org']}/{request.path['team']}", request.path["login"]
    if login not in state.get("teams", {}).get(team, []):
        return NOT_FOUND
    url = f"{request.base}/orgs/{request.path['org']}/teams/{request.path['team']}/memberships/{login}"
    return 200, {"url": url, "role": "member", "state": state.get("membership", "active")}


@route("GET", "/repos/{repo}/contents/{path*}")
def contents(state, request):
    path = request.path["path"]
    if path not in state.get("files", {}):
        return NOT_FOUND
    data = state["files"][path].encode()
    sha = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    url = address(request, f"contents/{urllib.parse.quote(path)}")
    packed = base64.encodebytes(data).decode()
    return 200, {
        "type": "file", "encoding": "base64", "size": len(data), "name": path.split("/")[-1], "path": path,
        "content": packed, "sha": sha, "url": url, "git_url": address(request, f"git/blobs/{sha}"), "html_url": url,
        "download_url": url, "_links": {"self": url, "git": address(request, f"git/blobs/{sha}"), "html": url},
    }


def commit(request, sha, message):
    url, who = address(request, f"commits/{sha}"), {"name": "deployer", "email": "deployer@localhost", "date": now()}
    return {
        "url": url, "sha": sha, "node_id": f"C_{sha}", "html_url": url, "comments_url": f"{url}/comments",
        "commit": {"url": url, "author": who, "committer": who, "message": message, "comment_count": 0,
                   "tree": {"sha": sha, "url": address(request, f"git/trees/{sha}")},
                   "verification": {"verified": False, "reason": "unsigned", "payload": None, "signature": None, "verified_at": None}},
        "author": None, "committer": None, "parents": [],
    }


@route("GET", "/repos/{repo}/compare/{basehead*}")
def compare(state, request):
    basehead = request.path["basehead"]
    base, head = basehead.split("...")
    status = state.get("compared", {}).get(base, {}).get(head)
    if status == "unrelated":
        return 404, {"message": f"No common ancestor between {base} and {head}."}
    found = {"status": status} if status else state.get("comparisons", {}).get(basehead)
    if not found:
        return NOT_FOUND
    listed, url = found.get("commits", []), address(request, f"compare/{basehead}")
    return 200, {
        "url": url, "html_url": url, "permalink_url": url, "diff_url": f"{url}.diff", "patch_url": f"{url}.patch",
        "base_commit": commit(request, base, "base"), "merge_base_commit": commit(request, base, "base"),
        "status": found["status"], "ahead_by": len(listed), "behind_by": 0, "total_commits": len(listed),
        "commits": [commit(request, sha, message) for sha, message in listed][:int(request.query.get("per_page", 250))],
        "files": [],
    }
