"""Answers as long as GitHub's own: what is not told here is a link made of its name."""

from people import account

API = "https://api.github.com"


def links(base, names):
    return {name: f"{base}/{name.removesuffix('_url')}" for name in names.split()}


def repository(full_name):
    owner, name = full_name.split("/")
    base = f"{API}/repos/{full_name}"
    return {
        "id": 7, "node_id": "R_7", "name": name, "full_name": full_name, "owner": account(owner, 2, "Organization"), "private": False,
        "html_url": f"https://github.com/{full_name}", "description": None, "fork": False, "url": base, "hooks_url": f"{base}/hooks",
        **links(base, "archive_url assignees_url blobs_url branches_url collaborators_url comments_url commits_url compare_url "
                      "contents_url contributors_url deployments_url downloads_url events_url forks_url git_commits_url "
                      "git_refs_url git_tags_url issue_comment_url issue_events_url issues_url keys_url labels_url "
                      "languages_url merges_url milestones_url notifications_url pulls_url releases_url stargazers_url "
                      "statuses_url subscribers_url subscription_url tags_url teams_url trees_url"),
    }


def whole_repository(full_name, default_branch):
    base = f"https://github.com/{full_name}"
    time = "2026-01-01T00:00:00Z"
    return {
        **repository(full_name), "default_branch": default_branch, "git_url": f"git:{base[6:]}.git", "ssh_url": f"git@github.com:{full_name}.git",
        "clone_url": f"{base}.git", "mirror_url": None, "svn_url": base, "homepage": None, "language": None,
        "forks_count": 0, "stargazers_count": 0, "watchers_count": 0, "size": 1, "open_issues_count": 0, "topics": [],
        "forks": 0, "open_issues": 0, "watchers": 0, "network_count": 0, "subscribers_count": 0, "license": None,
        "has_issues": True, "has_projects": True, "has_wiki": True, "has_pages": False, "has_downloads": True, "has_discussions": False,
        "archived": False, "disabled": False, "visibility": "public", "pushed_at": time, "created_at": time, "updated_at": time,
    }


def run(full_name, number, **told):
    base = f"{API}/repos/{full_name}/actions/runs/{number}"
    time = "2026-01-01T00:00:00Z"
    return {
        "id": number, "name": "deploy", "node_id": f"WFR_{number}", "head_branch": "main", "head_sha": "a" * 40, "path": ".github/workflows/deploy.yml",
        "display_title": "deploy", "run_number": 1, "run_attempt": 1, "event": "workflow_dispatch", "status": "queued", "conclusion": None,
        "workflow_id": 3, "url": base, "html_url": f"https://github.com/{full_name}/actions/runs/{number}", "pull_requests": [],
        "created_at": time, "updated_at": time, "head_commit": None, "repository": repository(full_name), "head_repository": repository(full_name),
        **links(base, "jobs_url logs_url check_suite_url artifacts_url cancel_url rerun_url workflow_url"),
        **told,
    }
