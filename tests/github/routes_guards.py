"""Rulesets and the state of workflows, as the state has them under `rulesets` and `workflows`."""

from fake import now, route


@route("GET", "/repos/{repo}/rulesets")
def rulesets(state, request):
    short = ("id", "name", "source", "target", "enforcement")
    return 200, [{key: one[key] for key in short if key in one} for one in whole(state, request)]


def whole(state, request):
    return [{"source": request.path["repo"], "source_type": "Repository", **one} for one in state.get("rulesets", [])]


@route("GET", "/repos/{repo}/rulesets/{id}")
def ruleset(state, request):
    found = [one for one in whole(state, request) if str(one["id"]) == request.path["id"]]
    return (200, found[0]) if found else (404, {"message": "Not Found"})


@route("GET", "/repos/{repo}/actions/workflows")
def workflows(state, request):
    base = f"{request.base}/repos/{request.path['repo']}"
    found = [{"id": 1, "node_id": "W_1", "name": "workflow", "created_at": now(), "updated_at": now(), "url": f"{base}/actions/workflows/1",
              "html_url": f"{base}/blob/main/w.yml", "badge_url": f"{base}/workflows/w/badge.svg", **one} for one in state.get("workflows", [])]
    return 200, {"total_count": len(found), "workflows": found}
