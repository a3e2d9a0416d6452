//! Reads a ledger, a commit or a list from the remote.

use super::program::{Answer, Git};
use super::refs;
use super::remote;
use super::store::Store;
use crate::domain::names::Commit;
use crate::error::{Error, Kind, Result};
use crate::ports::FoundTag;

/// What every fetch has: nothing but what is asked for, and nothing tidied up after it.
const BARELY: [&str; 8] = [
    "fetch",
    "--quiet",
    "--depth=1",
    "--no-tags",
    "--no-prune",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    "--no-recurse-submodules",
];

/// One ref of the remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) name: String,
}

/// Brings a ledger into our repository, and returns its newest commit; `None` where there is no ref.
pub(super) async fn ledger(
    git: &Git,
    store: &Store,
    shown: &str,
    reference: &str,
) -> Result<Option<String>> {
    let private = private(reference);
    let refspec = format!("+{reference}:{private}");
    let args = [&BARELY[..], &[remote::NAME, &refspec]].concat();
    let answer = git.on(&store.ledgers(), &args).await?;
    if answer.succeeded() {
        return store.tip(&private);
    }
    let complaint = answer.complaint();
    // Said of a list that the server gave in full; where git words it otherwise, its refs are listed.
    let absent = complaint.contains(&format!("couldn't find remote ref {reference}"));
    if absent || list(git, store, shown, &[reference]).await?.is_empty() {
        store.forget_tip(&private)?;
        return Ok(None);
    }
    Err(unreadable(shown, &answer))
}

/// Returns where a ledger of the remote lies in our repository.
pub(super) fn private(reference: &str) -> String {
    reference.replacen("refs/", "refs/remote/", 1)
}

/// Brings a commit without its tree, where the remote has it and gives it.
pub(super) async fn commit(git: &Git, store: &Store, commit: &Commit) -> bool {
    object(git, store, commit.as_str()).await
}

/// Brings a commit or a tag, by its id, without any tree.
pub(super) async fn object(git: &Git, store: &Store, id: &str) -> bool {
    let args = [&BARELY[..], &["--filter=tree:0", remote::NAME, id]].concat();
    git.on(&store.commits(), &args).await.is_ok_and(|answer| answer.succeeded())
}

/// How much of a commit is brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All its files.
    Files,
    /// Its folders, without the files' content where the server can leave it out.
    Folders,
}

/// Brings commits with their trees, and without history; the last of them is the one that may be gone.
pub(super) async fn commits(
    git: &Git,
    store: &Store,
    shown: &str,
    commits: &[&Commit],
    part: Part,
) -> Result<()> {
    let Some(wanted) = commits.last() else { return Ok(()) };
    let ids: Vec<&str> = commits.iter().map(|commit| commit.as_str()).collect();
    let filter: &[&str] = match part {
        Part::Files => &[],
        Part::Folders => &["--filter=blob:none"],
    };
    let args = [&BARELY[..], filter, &[remote::NAME], &ids].concat();
    let answer = git.on(&store.commits(), &args).await?;
    if answer.succeeded() {
        return Ok(());
    }
    // A remote that lists its refs is there, however it worded that it has no such commit.
    let error = match list(git, store, shown, &["HEAD"]).await {
        Ok(_) => gone(wanted, shown),
        Err(_) => {
            Error::unreachable(format!("could not fetch `{}` from `{shown}`", wanted.short()))
                .hint(format!("try it with plain git: `git ls-remote {shown}`"))
        }
    };
    Err(error.because(answer.complaint()))
}

fn gone(commit: &Commit, shown: &str) -> Error {
    let message = format!("commit `{}` is neither here nor at `{shown}`", commit.short());
    Error::new(Kind::Failed, "commit_gone", message)
        .hint("push a branch or tag that holds it, if somebody still has it")
        .hint("or name another target with `--to`; `lastgood history` lists them")
}

/// Lists the refs of the remote that match one of the patterns.
pub(super) async fn list(
    git: &Git,
    store: &Store,
    shown: &str,
    patterns: &[&str],
) -> Result<Vec<Listed>> {
    let args = [&["ls-remote", "--quiet", remote::NAME][..], patterns].concat();
    listed(git, store, shown, &args).await
}

/// Lists the tags of the remote whose names begin with one of the prefixes.
///
/// The server is asked for tags alone, and each annotated one comes with what it stands for.
pub(super) async fn tags(
    git: &Git,
    store: &Store,
    shown: &str,
    prefixes: &[&str],
) -> Result<Vec<FoundTag>> {
    let patterns: Vec<String> =
        prefixes.iter().map(|prefix| format!("{}*", literal(&refs::tag(prefix)))).collect();
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let args = [&["ls-remote", "--quiet", "--tags", remote::NAME][..], &patterns].concat();
    let listed = listed(git, store, shown, &args).await?;
    let mut tags: Vec<FoundTag> = Vec::new();
    for Listed { id, name } in listed {
        let Some(name) = name.strip_prefix("refs/tags/") else { continue };
        match (name.strip_suffix("^{}"), tags.last_mut()) {
            (Some(peeled), Some(tag)) if tag.name == peeled => tag.target = Some(id),
            (None, _) if prefixes.iter().any(|prefix| name.starts_with(prefix)) => {
                tags.push(FoundTag { name: name.to_owned(), target: Some(id.clone()), object: id });
            }
            (Some(_) | None, _) => {}
        }
    }
    Ok(tags)
}

async fn listed(git: &Git, store: &Store, shown: &str, args: &[&str]) -> Result<Vec<Listed>> {
    let answer = git.on(&store.ledgers(), args).await?;
    if !answer.succeeded() {
        return Err(unreadable(shown, &answer));
    }
    let row = |line: &str| {
        let (id, name) = line.split_once('\t')?;
        Some(Listed { id: id.to_owned(), name: name.to_owned() })
    };
    Ok(answer.stdout().lines().filter_map(row).collect())
}

fn literal(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    for c in pattern.chars() {
        if matches!(c, '*' | '?' | '[' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn unreadable(shown: &str, answer: &Answer) -> Error {
    Error::unreachable(format!("could not read the ledger from `{shown}`"))
        .because(answer.complaint())
        .hint(format!("try it with plain git: `git ls-remote {shown}`"))
        .hint("where the remote wants a token, give it in `LASTGOOD_IN_TOKEN`")
}
