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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Makes a tree of files, each written as `path=content`, with git's own means.
    fn tree(repo: &Repository, files: &[&str]) -> Oid {
        let empty = repo.treebuilder(None).unwrap().write().unwrap();
        let mut update = git2::build::TreeUpdateBuilder::new();
        for file in files {
            let (path, text) = file.split_once('=').unwrap();
            update.upsert(path, repo.blob(text.as_bytes()).unwrap(), git2::FileMode::Blob);
        }
        update.create_updated(repo, &repo.find_tree(empty).unwrap()).unwrap()
    }

    fn check(wanted: &[&str], branch: &[&str], keep: &[&str], result: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        let repo = Repository::init_bare(folder.path()).unwrap();
        let keep: Vec<KeptPath> =
            keep.iter().map(|path| KeptPath::try_from((*path).to_owned()).unwrap()).collect();
        let (wanted, branch) = (tree(&repo, wanted), tree(&repo, branch));
        let made = keeping(&repo, wanted, branch, &keep).unwrap();
        assert_eq!(made, tree(&repo, result), "{result:?}");
    }

    #[test]
    fn a_kept_path_is_as_on_the_branch_whatever_the_version_has_there() {
        check(&["a=1", "k=1"], &["a=2", "k=2"], &["k"], &["a=1", "k=2"]);
        check(&["a=1", "k/x=1", "k/y=1"], &["k/x=2", "k/z=2"], &["k"], &["a=1", "k/x=2", "k/z=2"]);
        check(&["a=1", "k=1"], &["a=2"], &["k"], &["a=1"]);
        check(&["a=1"], &["a=2", "k=2"], &["k"], &["a=1", "k=2"]);
        check(&["a=1"], &["a=2"], &["k", "deep/er/k"], &["a=1"]);
    }

    #[test]
    fn beside_a_kept_path_all_is_as_in_the_version() {
        check(&["d/a=1", "d/k=1"], &["d/a=2", "d/b=2", "d/k=2"], &["d/k"], &["d/a=1", "d/k=2"]);
        check(&["d/e/k=1", "z=1"], &["z=2"], &["d/e/k"], &["z=1"]);
        check(&["d.a=1", "d/k=1", "d0=1"], &["d/k=2"], &["d/k"], &["d.a=1", "d/k=2", "d0=1"]);
    }

    #[test]
    fn a_file_stands_in_the_way_of_a_kept_path_only_where_there_is_one() {
        check(&["d=1"], &["x=2"], &["d/k"], &["d=1"]);
        check(&["d=1"], &["d/k=2", "d/l=2"], &["d/k"], &["d/k=2"]);
        check(&["d/k=1", "d/l=1"], &["d=2"], &["d/k"], &["d/l=1"]);
    }

    #[test]
    fn a_version_of_kept_paths_alone_leaves_an_empty_tree() {
        check(&["k/x=1"], &["a=2"], &["k"], &[]);
    }

    #[test]
    fn the_configuration_is_kept_where_it_lies() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("ops")).unwrap();
        let file = folder.path().join("ops/lastgood.yml");
        std::fs::write(&file, "").unwrap();
        assert_eq!(inside(&file, folder.path()).as_deref(), Some("ops/lastgood.yml"));
        assert_eq!(inside(&file, &folder.path().join("ops")).as_deref(), Some("lastgood.yml"));
        assert_eq!(inside(folder.path(), &file), None);
        let paths: BTreeSet<String> =
            usual(Some(&file), None).iter().map(ToString::to_string).collect();
        assert_eq!(paths.len(), 1 + CONFIGURATIONS.len());
    }
}
