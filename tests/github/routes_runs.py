"""Workflow runs."""

from fake import route


@route("GET", "/repos/{repo}/actions/runs/{id}")
def run(state, request):
    found = state.get("runs", {}).get(request.path["id"])
    return (200, found) if found else (404, {"message": "Not Found"})
