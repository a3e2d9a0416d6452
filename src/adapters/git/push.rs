//! One push, and what git's porcelain rows say of each ref.

use std::collections::HashMap;

use super::program::Git;
use super::remote;
use super::store::{Belief, Store};
use crate::error::{Error, Result};

/// One ref as the push is to change it, leased on what it is believed to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RefChange {
    /// The full name.
    pub(super) name: String,
    /// What it must be for the change to be made.
    pub(super) lease: Lease,
    /// What it is to point at; `None` removes it.
    pub(super) new: Option<String>,
}

/// What a ref must be on the remote for its change to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lease {
    /// It must not be there.
    Absent,
    /// It must point at this object.
    At(String),
    /// Whatever it is: the other refs of the push decide.
    Any,
}

impl Lease {
    /// Returns the lease on what was read.
    pub(super) fn on(read: Option<&str>) -> Self {
        read.map_or(Self::Absent, |object| Self::At(object.to_owned()))
    }
}

/// Whether the refs of a push stand or fall together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Together {
    /// All or none.
    Atomic,
    /// Each for itself.
    Apart,
}

/// Whether the push is made or only tried up to the point where objects would be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Earnest {
    /// It is made.
    Real,
    /// It is tried.
    DryRun,
}

/// What became of one ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Row {
    /// It is as it should be.
    Done,
    /// It was so before.
    UpToDate,
    /// Our git would not send it: it is not what it was believed to be.
    Rejected(String),
    /// The server would not take it.
    RemoteRejected(String),
    /// The server was cut off before it said a word about it.
    Unanswered,
}

/// What became of a push.
pub(super) struct Pushed {
    /// Whether git says that all of it was done.
    pub(super) accepted: bool,
    /// The rows that git printed, by the ref's name.
    pub(super) rows: HashMap<String, Row>,
    /// What git complained of.
    pub(super) complaint: String,
}

impl Pushed {
    /// A push that did not come to an end.
    pub(super) fn unanswered(error: &Error) -> Self {
        let complaint = error.causes().into_iter().next().unwrap_or_else(|| error.to_string());
        Self { accepted: false, rows: HashMap::new(), complaint }
    }
}

/// Pushes the changes in one go.
pub(super) async fn push(
    git: &Git,
    store: &Store,
    changes: &[RefChange],
    (together, earnest): (Together, Earnest),
    belief: &Belief,
) -> Result<Pushed> {
    let outbox = store.outbox(belief)?;
    let mut args: Vec<String> =
        ["push", "--porcelain", "--no-verify", "--no-follow-tags"].map(str::to_owned).into();
    args.push("--recurse-submodules=no".to_owned());
    if together == Together::Atomic && changes.len() > 1 {
        args.push("--atomic".to_owned());
    }
    if earnest == Earnest::DryRun {
        args.push("--dry-run".to_owned());
    }
    args.extend(changes.iter().filter_map(lease));
    args.push(remote::NAME.to_owned());
    args.extend(changes.iter().map(refspec));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let answer = git.on(outbox.path(), &args).await?;
    let complaint = answer.complaint();
    Ok(Pushed { accepted: answer.succeeded(), rows: rows(&answer.stdout()), complaint })
}

fn lease(change: &RefChange) -> Option<String> {
    let expected = match &change.lease {
        Lease::Absent => "",
        Lease::At(object) => object,
        Lease::Any => return None,
    };
    Some(format!("--force-with-lease={}:{expected}", change.name))
}

fn refspec(change: &RefChange) -> String {
    let force = if change.lease == Lease::Any { "+" } else { "" };
    format!("{force}{}:{}", change.new.as_deref().unwrap_or_default(), change.name)
}

fn rows(told: &str) -> HashMap<String, Row> {
    told.lines().filter_map(row).collect()
}

/// Reads `<flag> TAB <from>:<to> TAB <summary>`.
fn row(line: &str) -> Option<(String, Row)> {
    let mut columns = line.splitn(3, '\t');
    let (flag, refs, summary) = (columns.next()?, columns.next()?, columns.next()?);
    let name = refs.split_once(':')?.1.to_owned();
    let row = match flag {
        "=" => Row::UpToDate,
        "!" if summary.starts_with("[rejected]") => Row::Rejected(summary.to_owned()),
        "!" if summary.starts_with("[remote failure]") => Row::Unanswered,
        "!" => Row::RemoteRejected(summary.to_owned()),
        _ => Row::Done,
    };
    Some((name, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_read_for_its_own_ref() {
        let told = "To /r\n\
             *\tab:refs/tags/a\t[new tag]\n\
             =\tcd:refs/tags/b\t[up to date]\n\
             !\tef:refs/notes/x\t[remote rejected] (pre-receive hook declined)\n\
             !\tef:refs/notes/y\t[rejected] (stale info)\n\
             -\t:refs/tags/c\t[deleted]\n\
             Done\n";
        let rows = rows(told);
        assert_eq!(rows.len(), 5);
        assert_eq!(rows["refs/tags/a"], Row::Done);
        assert_eq!(rows["refs/tags/b"], Row::UpToDate);
        assert_eq!(rows["refs/tags/c"], Row::Done);
        assert!(matches!(&rows["refs/notes/x"], Row::RemoteRejected(why) if why.contains("hook")));
        assert!(matches!(&rows["refs/notes/y"], Row::Rejected(_)));
    }
}
