"""What a token must be allowed for each request: what `docs/permissions.md` says, and nothing else."""

import pathlib
import re

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
ROW = re.compile(r"^\| `(GET|POST|PATCH|PUT|DELETE) (/[^` ]*)` \| (.*?) \|", re.M)
NEED = re.compile(r"`([a-z-]+): (read|write)`")
# These may hold slashes.
MANY_PARTS = {"path", "ref", "basehead"}


def pattern(template):
    parts = re.split(r"\{(\w+)\}", template)
    names = [".+" if name in MANY_PARTS else "[^/]+" for name in parts[1::2]]
    return re.compile("".join(fixed + name for fixed, name in zip(map(re.escape, parts[::2]), [*names, ""])))


TABLE = [(method, pattern(path), NEED.findall(cell)) for method, path, cell in ROW.findall(PAGE.read_text())]


def needs(method, path):
    """Returns the permissions of which one is needed, each as name and level."""
    return next((needed for known, template, needed in TABLE if known == method and template.fullmatch(path)), [])


def allows(permissions, need):
    """Whether a token with these permissions may do what takes this one; every token may read a repository's metadata."""
    name, level = need
    return name == "metadata" or permissions.get(name) in {level, "write"}


def of_workflow(text):
    """Returns all that the jobs of an example ask for."""
    asked = re.findall(r"^ {6}([a-z-]+): (read|write)\b", text, re.M)
    return {name: "write" if (name, "write") in asked else level for name, level in asked}
