"""Rulesets and the state of workflows, as the state has them under `rulesets` and `workflows`."""

from fake import route


@route("GET", "/repos/{repo}/rulesets")
def rulesets(state, request):
    short = ("id", "name", "target", "enforcement")
    return 200, [{key: one[key] for key in short} for one in state.get("rulesets", [])]


@route("GET", "/repos/{repo}/rulesets/{id}")
def ruleset(state, request):
    found = [one for one in state.get("rulesets", []) if str(one["id"]) == request.path["id"]]
    return (200, found[0]) if found else (404, {"message": "Not Found"})


@route("GET", "/repos/{repo}/actions/workflows")
def workflows(state, request):
    found = state.get("workflows", [])
    return 200, {"total_count": len(found), "workflows": found}
