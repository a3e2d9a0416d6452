"""The repository itself, and what its branches hold: `compared` is, by branch and commit, a comparison's status."""

from fake import route


@route("GET", "/repos/{repo}")
def repository(state, request):
    name = request.path["repo"]
    return 200, {"id": 1, "full_name": name, "name": name.split("/")[1],
                 "default_branch": state.get("default_branch", "main")}


@route("GET", "/repos/{repo}/compare/{basehead*}")
def compare(state, request):
    base, _, head = request.path["basehead"].partition("...")
    status = state.get("compared", {}).get(base, {}).get(head)
    if status == "unrelated":
        return 404, {"message": f"No common ancestor between {base} and {head}."}
    if status is None:
        return 404, {"message": "Not Found"}
    return 200, {"status": status, "ahead_by": 0, "behind_by": 0, "total_commits": 0, "commits": []}
