"""Workflows that can be dispatched: `workflows` in the state, by file.

Each may say `inputs` (those it declares; any unless given), `names_runs` (its runs bear `lastgood_id` in their name), `tells_runs`
(a dispatch is answered with the run's id), `knows_details` (`return_run_details` is a word it knows) and `life`: the states that its
runs go through, one with each look. The last is a conclusion, or `for ever`.
"""

import shapes
from fake import new_id, route

USUAL = {"inputs": None, "names_runs": True, "tells_runs": True, "knows_details": True,
         "life": ["queued", "in_progress", "success"], "on": "workflow_dispatch"}


def workflow(state, request):
    found = state.get("workflows", {}).get(request.path["file"])
    return found if found is None else {**USUAL, **found}


@route("GET", "/repos/{repo}")
def repository(state, request):
    return 200, shapes.whole_repository(request.path["repo"], state.get("default_branch", "main"))


@route("POST", "/repos/{repo}/actions/workflows/{file}/dispatches")
def dispatch(state, request):
    found, body = workflow(state, request), request.body
    if found is None:
        return 404, {"message": "Not Found"}
    if not found["knows_details"] and "return_run_details" in body:
        return 422, {"message": "Invalid request.\n\n\"return_run_details\" is not a permitted key."}
    if found["on"] != "workflow_dispatch":
        return 422, {"message": "Workflow does not have 'workflow_dispatch' trigger"}
    unexpected = sorted(set(body.get("inputs", {})) - set(found["inputs"] or body["inputs"]))
    if unexpected:
        return 422, {"message": f"Unexpected inputs provided: {unexpected}"}
    run = begin(state, request.path["repo"], request.path["file"], found, body)
    if not (found["tells_runs"] and body.get("return_run_details")):
        return 204, None
    return 200, {"workflow_run_id": run["id"], "run_url": run["url"], "html_url": run["html_url"]}


def begin(state, repo, file, found, body):
    number = new_id(state)
    title = f"deploy ({body['inputs'].get('lastgood_id')})" if found["names_runs"] else "deploy"
    run = shapes.run(repo, number, path=f".github/workflows/{file}", display_title=title, head_branch=body["ref"])
    state.setdefault("runs", {})[str(number)] = run
    state.setdefault("lives", {})[str(number)] = list(found["life"])
    state.setdefault("dispatches", []).append({"file": file, **body})
    return run


@route("GET", "/repos/{repo}/actions/workflows/{file}/runs")
def runs(state, request):
    if workflow(state, request) is None:
        return 404, {"message": "Not Found"}
    path = ".github/workflows/" + request.path["file"]
    found = [run for run in state.get("runs", {}).values() if run.get("path") == path and run["event"] == request.query.get("event", run["event"])]
    found.sort(key=lambda run: -run["id"])
    return 200, {"total_count": len(found), "workflow_runs": found[:int(request.query.get("per_page", 30))]}


@route("POST", "/repos/{repo}/actions/runs/{id}/cancel")
def cancel(state, request):
    run = state.get("runs", {}).get(request.path["id"])
    if run is None:
        return 404, {"message": "Not Found"}
    if run["status"] == "completed":
        return 409, {"message": "Cannot cancel a workflow run that is completed."}
    state.setdefault("lives", {})[request.path["id"]] = state.get("when_cancelled", ["in_progress", "cancelled"])
    return 202, {}
