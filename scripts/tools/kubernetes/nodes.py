"""Stands in for the scheduler and the kubelets: pods fare as the names of their images say.

`broken` is never pulled, `crashing` never stays up, `unschedulable` finds no node, `restarted` is ready after it was
restarted, `slow` is ready only after a while; every other is ready at once. No container runs.
"""

import datetime
import itertools
import threading

NODES = ("node-1", "node-2")
SLOW = 2
RESTARTS = 3


def serve(api):
    """Makes the nodes, and serves their pods for as long as the server answers."""
    for name in NODES:
        api.tell("POST", "/api/v1/nodes", {"kind": "Node", "apiVersion": "v1", "metadata": {"name": name}})
        status = {"conditions": [condition("Ready", True)], "allocatable": {"pods": "110"}, "capacity": {"pods": "110"}}
        merge(api, f"/api/v1/nodes/{name}/status", {"status": status})
    turns = itertools.cycle(NODES)
    while True:
        for pod in api.watch("/api/v1/pods"):
            look_after(api, pod, turns)


def look_after(api, pod, turns):
    path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"
    if "deletionTimestamp" in pod["metadata"]:
        this = {"uid": pod["metadata"]["uid"]}
        api.tell("DELETE", path, {"gracePeriodSeconds": 0, "preconditions": this})
    elif "nodeName" not in pod["spec"]:
        schedule(api, pod, path, turns)
    elif "containerStatuses" not in pod["status"]:
        begin(api, pod, path)


def schedule(api, pod, path, turns):
    if is_any(pod, "unschedulable"):
        if "conditions" not in pod["status"]:
            why = condition("PodScheduled", False, reason="Unschedulable", message="no node is large enough")
            merge(api, f"{path}/status", {"status": {"conditions": [why]}})
        return
    target = {"kind": "Node", "apiVersion": "v1", "name": wanted_node(pod) or next(turns)}
    meta = {"name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
    api.tell("POST", f"{path}/binding", {"kind": "Binding", "apiVersion": "v1", "metadata": meta, "target": target})


def wanted_node(pod):
    """Returns the node that a DaemonSet wants its pod on."""
    affinity = pod["spec"].get("affinity", {}).get("nodeAffinity", {})
    terms = affinity.get("requiredDuringSchedulingIgnoredDuringExecution", {}).get("nodeSelectorTerms", [])
    fields = (field for term in terms for field in term.get("matchFields", []))
    return next((field["values"][0] for field in fields if field["key"] == "metadata.name"), None)


def begin(api, pod, path):
    if is_any(pod, "slow"):
        report(api, pod, path, "slow")
        timer = threading.Timer(SLOW, report, (api, pod, path, "fine"))
        timer.daemon = True
        timer.start()
    else:
        report(api, pod, path, "fine")


def report(api, pod, path, slow):
    containers = [fate(container, slow) for container in pod["spec"]["containers"]]
    ready = all(container["ready"] for container in containers)
    kinds = {"Initialized": True, "ContainersReady": ready, "Ready": ready, "PodScheduled": True}
    address = address_of(pod)
    status = {
        "phase": "Running" if ready else "Pending",
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": now(),
        "conditions": [condition(kind, state) for kind, state in kinds.items()],
        "containerStatuses": containers,
    }
    merge(api, f"{path}/status", {"metadata": {"uid": pod["metadata"]["uid"]}, "status": status})


def address_of(pod):
    """Returns an address that nothing listens on; without one a service would have no endpoint."""
    high, low = bytes.fromhex(pod["metadata"]["uid"][:4])
    return f"10.1.{high}.{low}"


def fate(container, slow):
    image = container["image"]
    waits = next((reason for word, reason in waiting(slow) if word in image), None)
    often = "crashing" in image or "restarted" in image
    state = {"waiting": {"reason": waits}} if waits else {"running": {"startedAt": now()}}
    return {
        "name": container["name"],
        "image": image,
        "imageID": "",
        "ready": not waits,
        "started": not waits,
        "restartCount": RESTARTS if often else 0,
        "state": state,
    }


def waiting(slow):
    pulling = (("slow", "ContainerCreating"),) if slow == "slow" else ()
    return (("broken", "ImagePullBackOff"), ("crashing", "CrashLoopBackOff"), *pulling)


def is_any(pod, word):
    return any(word in container["image"] for container in pod["spec"]["containers"])


def condition(kind, state, **more):
    return {"type": kind, "status": str(state), "lastTransitionTime": now(), **more}


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def merge(api, path, change):
    api.tell("PATCH", path, change, "application/merge-patch+json")
