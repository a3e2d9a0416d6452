//! What of a branch stays as it is, whatever comes.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{ObjectType, Oid, Repository};

use super::settings::KeptPath;
use crate::adapters::git::clone::UserClone;

/// A `GITHUB_TOKEN` may not push what differs here, and old pipelines would come back with it.
const WORKFLOWS: &str = ".github/workflows";

/// Where the configuration may lie, for one that is in no clone.
const CONFIGURATIONS: [&str; 3] = ["lastgood.yml", ".lastgood.yml", ".github/lastgood.yml"];

const FOLDER: i32 = 0o040_000;

type Outcome<T> = Result<T, git2::Error>;

/// Returns what stays where nobody says: the workflows, and lastgood's own configuration.
pub(super) fn usual(config: Option<&Path>, clone: Option<&UserClone>) -> Vec<KeptPath> {
    let found = config.zip(clone).and_then(|(config, clone)| inside(config, &clone.top));
    let configurations = match found {
        Some(path) => vec![path],
        None => CONFIGURATIONS.map(str::to_owned).into(),
    };
    let paths = std::iter::once(WORKFLOWS.to_owned()).chain(configurations);
    paths.filter_map(|path| KeptPath::try_from(path).ok()).collect()
}

/// The file itself may be a link, and it is the link that is in the repository.
fn inside(file: &Path, top: &Path) -> Option<String> {
    let file = std::path::absolute(file).ok()?;
    let folder = file.parent()?.canonicalize().ok()?;
    let below = folder.strip_prefix(top.canonicalize().ok()?).ok()?.join(file.file_name()?);
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/"))
}

/// Returns the tree `wanted`, with what `branch` has at the kept paths and nothing else there.
pub(super) fn keeping(
    repo: &Repository,
    wanted: Oid,
    branch: Oid,
    keep: &[KeptPath],
) -> Outcome<Oid> {
    let branch = Some(Entry { id: branch, mode: FOLDER });
    let mut tree = Some(Entry { id: wanted, mode: FOLDER });
    for path in keep {
        tree = replaced(repo, tree, branch, &path.parts())?;
    }
    match tree {
        Some(tree) => Ok(tree.id),
        None => write(repo, &Entries::new()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    id: Oid,
    mode: i32,
}

type Entries = BTreeMap<Vec<u8>, Entry>;

/// Returns `old` with what `from` has at a path; where it has nothing there, nor has the result.
fn replaced(
    repo: &Repository,
    old: Option<Entry>,
    from: Option<Entry>,
    path: &[&str],
) -> Outcome<Option<Entry>> {
    let [name, below @ ..] = path else { return Ok(from) };
    let mut entries = entries(repo, old)?;
    let there = entries.get(name.as_bytes()).copied();
    let kept = self::entries(repo, from)?.get(name.as_bytes()).copied();
    let new = replaced(repo, there, kept, below)?;
    if new == there {
        return Ok(old);
    }
    match new {
        Some(new) => entries.insert(name.as_bytes().to_owned(), new),
        None => entries.remove(name.as_bytes()),
    };
    if entries.is_empty() {
        return Ok(None);
    }
    Ok(Some(Entry { id: write(repo, &entries)?, mode: FOLDER }))
}

/// A file where a folder is looked for holds nothing.
fn entries(repo: &Repository, folder: Option<Entry>) -> Outcome<Entries> {
    let Some(folder) = folder.filter(|entry| entry.mode == FOLDER) else {
        return Ok(Entries::new());
    };
    let tree = repo.find_tree(folder.id)?;
    let entry = |entry: git2::TreeEntry<'_>| {
        (entry.name_bytes().to_owned(), Entry { id: entry.id(), mode: entry.filemode_raw() })
    };
    Ok(tree.iter().map(entry).collect())
}

/// By hand: libgit2 wants to see every file that a tree names, and their content was left out.
fn write(repo: &Repository, entries: &Entries) -> Outcome<Oid> {
    let mut sorted: Vec<_> = entries.iter().collect();
    // Git sorts a folder as if its name ended with a slash.
    sorted.sort_by_key(|(name, entry)| {
        let end: &[u8] = if entry.mode == FOLDER { b"/" } else { b"" };
        [name, end].concat()
    });
    let mut bytes = Vec::new();
    for (name, Entry { id, mode }) in sorted {
        bytes.extend_from_slice(format!("{mode:o} ").as_bytes());
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(id.as_bytes());
    }
    repo.odb()?.write(ObjectType::Tree, &bytes)
}
