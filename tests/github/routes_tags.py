"""Tags, made in the bare repository that the state names as `bare`; `odd_tags` makes other objects than were asked for."""

import calendar
import subprocess
import time

import shapes
from fake import route


def git(state, *arguments, told=None):
    done = subprocess.run(["git", "-C", state["bare"], *arguments], input=told, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


@route("POST", "/repos/{repo}/git/tags")
def tag(state, request):
    body = request.body
    when = calendar.timegm(time.strptime(body["tagger"]["date"], "%Y-%m-%dT%H:%M:%SZ"))
    message = body["message"] + ("odd" if state.get("odd_tags") else "")
    text = (f"object {body['object']}\ntype {body['type']}\ntag {body['tag']}\n"
            f"tagger {body['tagger']['name']} <{body['tagger']['email']}> {when} +0000\n\n{message}")
    sha = git(state, "hash-object", "-t", "tag", "-w", "--stdin", told=text)
    if sha is None:
        return 422, {"message": "Object does not exist"}
    base = f"{shapes.API}/repos/{request.path['repo']}/git"
    return 201, {
        "node_id": "T_1", "tag": body["tag"], "sha": sha, "url": f"{base}/tags/{sha}", "message": message, "tagger": body["tagger"],
        "object": {"type": body["type"], "sha": body["object"], "url": f"{base}/commits/{body['object']}"},
    }


@route("POST", "/repos/{repo}/git/refs")
def make(state, request):
    name, sha = request.body["ref"], request.body["sha"]
    if git(state, "rev-parse", "--verify", "-q", name) is not None:
        return 422, {"message": "Reference already exists"}
    if git(state, "update-ref", name, sha, "0" * 40) is None:
        return 422, {"message": "Object does not exist"}
    return 201, answer(request, name, sha)


@route("GET", "/repos/{repo}/git/ref/{name}")
def look(state, request):
    name = "refs/" + request.path["name"]
    sha = git(state, "rev-parse", "--verify", "-q", name)
    return (200, answer(request, name, sha)) if sha else (404, {"message": "Not Found"})


def answer(request, name, sha):
    base = f"{shapes.API}/repos/{request.path['repo']}/git"
    return {"ref": name, "node_id": "REF_1", "url": f"{base}/{name}", "object": {"type": "tag", "sha": sha, "url": f"{base}/tags/{sha}"}}
