"""Workflow runs, which go on with each look where they have a life to live."""

from fake import route

GOING_ON = ("queued", "in_progress", "waiting", "pending", "requested")


@route("GET", "/repos/{repo}/actions/runs/{id}")
def run(state, request):
    found = state.get("runs", {}).get(request.path["id"])
    if found is None:
        return 404, {"message": "Not Found"}
    go_on(found, state.get("lives", {}).get(request.path["id"], []))
    return 200, found


def go_on(run, life):
    if not life or life[0] == "for ever":
        return
    step = life.pop(0)
    if step in GOING_ON:
        run.update(status=step)
    else:
        run.update(status="completed", conclusion=step)
