"""Accounts, as GitHub describes them."""

import urllib.parse


def account(login, number, kind="User"):
    name = urllib.parse.quote(login)
    api = f"https://api.github.example/users/{name}"
    return {
        "login": login, "id": number, "node_id": f"U_{number}", "type": kind, "site_admin": False, "gravatar_id": "",
        "avatar_url": f"https://avatars.github.example/u/{number}", "url": api, "html_url": f"https://github.example/{name}",
        "followers_url": f"{api}/followers", "following_url": f"{api}/following{{/other_user}}",
        "gists_url": f"{api}/gists{{/gist_id}}", "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{api}/subscriptions", "organizations_url": f"{api}/orgs", "repos_url": f"{api}/repos",
        "events_url": f"{api}/events{{/privacy}}", "received_events_url": f"{api}/received_events",
    }


BOT = account("github-actions[bot]", 41898282, "Bot")
