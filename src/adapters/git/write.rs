//! One compare-and-swap, decided by whether the ref moved.

use std::collections::BTreeMap;
use std::time::Duration;

use super::GitLedger;
use super::fetch;
use super::objects;
use super::push::{Earnest, Lease, Pushed, RefChange, Row, Together, push};
use super::refs;
use super::remote::Home;
use super::tagging::{Ordered, refusal};
use super::tree::Changes;
use crate::domain::names::Environment;
use crate::error::{Error, Kind, Result};
use crate::ports::{Batch, Image, Place, Shelf, Written};

/// How often a server may say no while nobody else is seen to write: its lock on the ref says no too.
const TRIES: u32 = 3;

/// How long a server's lock on a ref is given to go, at first.
const PAUSE: Duration = Duration::from_millis(100);

/// A ledger's new commit on its way to the remote, with what goes along.
struct Attempt<'a> {
    ledger: &'a GitLedger,
    env: &'a Environment,
    reference: String,
    old: Option<String>,
    new: String,
    mark: Option<RefChange>,
    tags: Vec<Ordered>,
}

/// Where the ref is after a push that did not go well.
enum Seen {
    /// Where we wanted it.
    Ours,
    /// Where it was.
    Unmoved,
    /// Elsewhere.
    Moved,
    /// It could not be found out.
    Unknown(Error),
}

impl GitLedger {
    pub(super) async fn swap(
        &self,
        env: &Environment,
        which: Shelf,
        image: &Image,
        batch: &Batch,
    ) -> Result<Written> {
        let reference = refs::ledger(env, which);
        if image.revision.is_none()
            && let Err(error) = self.check_name(env, which).await
        {
            return if error.kind() == Kind::Unreachable {
                Err(error)
            } else {
                Ok(Written::Refused(error))
            };
        }
        if !self.is_at_hand(&reference, image).await? {
            return Ok(Written::Moved);
        }
        let unshared = self.unshared(env, which).await?;
        let mut changes = self.changes(env, image, batch).await?;
        for line in unshared.iter().flat_map(|unshared| &unshared.lines) {
            changes.entry(line.note.clone()).or_default().add.push(line.text.clone());
        }
        let tags = self.ordered(&batch.tags).await?;
        let (store, old) = (self.store.ledgers(), image.revision.clone());
        let new = objects::commit(&store, old.as_deref(), &changes, &batch.summary)?;
        let mark = self.mark(env, which, &new);
        let attempt = Attempt { ledger: self, env, reference, old, new, mark, tags };
        let written = attempt.make().await?;
        if let (Written::Accepted(_), Some(unshared)) = (&written, unshared) {
            self.now_shared(env, &unshared).await?;
        }
        Ok(written)
    }

    /// Refuses a name that the remote could not tell from another one's.
    async fn check_name(&self, env: &Environment, which: Shelf) -> Result<()> {
        let (folder, reference) = (refs::folder(which), refs::ledger(env, which));
        let patterns = [folder, &format!("{folder}/*")];
        let listed =
            fetch::list(&self.remote.git, &self.store, &self.remote.shown, &patterns).await?;
        for there in listed {
            if there.name == folder {
                let hint =
                    format!("move it away: `git push REMOTE {folder}:{folder}-old :{folder}`");
                return Err(Error::failed(format!(
                    "`{folder}` stands in the way of `{reference}`"
                ))
                .because("git cannot keep a ref below another ref")
                .hint(hint));
            }
            let other = there.name.rsplit('/').next().and_then(Environment::from_ref_component);
            if let Some(other) = other.filter(|other| other.differs_by_case_from(env)) {
                let what = format!("`{env}` differs only by case from the environment `{other}`");
                return Err(Error::invalid(what)
                    .because("some file systems would take their ledgers for one")
                    .hint(format!("write it `{other}`")));
            }
        }
        Ok(())
    }

    /// Makes sure that the image's commit is in our repository, as an earlier read left it.
    async fn is_at_hand(&self, reference: &str, image: &Image) -> Result<bool> {
        let known = self.store.tip(&fetch::private(reference))?;
        if known == image.revision {
            return Ok(true);
        }
        Ok(self.fetch(reference).await? == image.revision)
    }

    async fn changes(&self, env: &Environment, image: &Image, batch: &Batch) -> Result<Changes> {
        let anchor = objects::blob_id(&refs::anchor(env))?;
        let mut changes: Changes = BTreeMap::new();
        for (place, line) in &batch.add {
            let note = match place {
                Place::Anchor => &anchor,
                Place::Note(note) => note,
                Place::Commit(commit) => {
                    let noted = image.lines.iter().any(|line| line.note == commit.as_str());
                    let here = noted || self.obtain(commit).await;
                    if here { commit.as_str() } else { &anchor }
                }
            };
            changes.entry(note.to_owned()).or_default().add.push(line.clone());
        }
        for line in &batch.remove {
            changes.entry(line.note.clone()).or_default().remove.push(line.text.clone());
        }
        Ok(changes)
    }

    /// Marks a ledger that is written where no remote is, for the day there is one.
    fn mark(&self, env: &Environment, which: Shelf, new: &str) -> Option<RefChange> {
        match (self.remote.home, which) {
            (Home::Here, Shelf::Live) => Some(RefChange {
                name: refs::unshared(env),
                lease: Lease::Any,
                new: Some(new.to_owned()),
            }),
            (Home::Here, Shelf::Archive) | (Home::Away, _) => None,
        }
    }
}

impl Attempt<'_> {
    async fn make(&self) -> Result<Written> {
        if self.tags.iter().any(|tag| tag.change.is_some()) && self.can_go_together() {
            let pushed = self.push(Together::Atomic, Earnest::Real).await?;
            match self.seen_after(&pushed).await {
                Seen::Unmoved => {}
                seen => return self.written(seen, &pushed).await,
            }
        }
        self.make_alone().await
    }

    /// A commit without its tree can only be spoken of once the remote is known to show the ledger.
    fn can_go_together(&self) -> bool {
        let whole = |target: &String| self.ledger.is_whole(target);
        self.old.is_some() || self.tags.iter().filter_map(|tag| tag.target.as_ref()).all(whole)
    }

    async fn make_alone(&self) -> Result<Written> {
        let mut tries = 1;
        loop {
            let pushed = self.push(Together::Apart, Earnest::Real).await?;
            match self.seen_after(&pushed).await {
                Seen::Unmoved => {}
                seen => return self.written(seen, &pushed).await,
            }
            match pushed.rows.get(&self.reference) {
                Some(Row::RemoteRejected(_)) if tries < TRIES => {
                    let pause = PAUSE * 2_u32.pow(tries);
                    tokio::time::sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
                    tries += 1;
                }
                Some(Row::RemoteRejected(_)) => return Ok(Written::Refused(self.refused(&pushed))),
                // Only another's commit makes our git say so, even if the list does not show it yet.
                Some(Row::Rejected(_) | Row::UpToDate | Row::Done) => return Ok(Written::Moved),
                Some(Row::Unanswered) => return Ok(Written::Lost(self.lost(&pushed))),
                None => return self.without_answer(&pushed).await,
            }
        }
    }

    /// Tells a server that will not hear of writing from one whose answer was lost.
    async fn without_answer(&self, pushed: &Pushed) -> Result<Written> {
        let tried = self.push(Together::Apart, Earnest::DryRun).await?;
        if !tried.accepted && tried.rows.is_empty() {
            return Ok(Written::Refused(self.refused(&tried)));
        }
        Ok(Written::Lost(self.lost(pushed)))
    }

    async fn push(&self, together: Together, earnest: Earnest) -> Result<Pushed> {
        let (name, lease) = (self.reference.clone(), Lease::on(self.old.as_deref()));
        let mut changes = vec![RefChange { name, lease, new: Some(self.new.clone()) }];
        changes.extend(self.mark.clone());
        let tags: &[Ordered] = match together {
            Together::Atomic => &self.tags,
            Together::Apart => &[],
        };
        changes.extend(tags.iter().filter_map(|tag| tag.change.clone()));
        let belief = self.ledger.belief(self.old.as_deref(), tags);
        let (git, store) = (&self.ledger.remote.git, &self.ledger.store);
        // Of an own repository it is known that it can do it; a mark must not go without its ledger.
        let together = if self.mark.is_some() { Together::Atomic } else { together };
        match push(git, store, &changes, (together, earnest), &belief).await {
            Err(error) if error.kind() == Kind::Unreachable => Ok(Pushed::unanswered(&error)),
            pushed => pushed,
        }
    }

    async fn seen_after(&self, pushed: &Pushed) -> Seen {
        if pushed.accepted {
            return Seen::Ours;
        }
        match self.ledger.fetch(&self.reference).await {
            Ok(there) if there.as_ref() == Some(&self.new) => Seen::Ours,
            Ok(there) if there == self.old => Seen::Unmoved,
            Ok(_) => Seen::Moved,
            Err(error) => Seen::Unknown(error),
        }
    }

    async fn written(&self, seen: Seen, pushed: &Pushed) -> Result<Written> {
        match seen {
            Seen::Ours => {
                self.ledger.store.set_tip(&fetch::private(&self.reference), &self.new)?;
                let results = self.ledger.settled_with_ledger(&self.tags, pushed, &self.new).await;
                Ok(Written::Accepted(results))
            }
            Seen::Moved => Ok(Written::Moved),
            Seen::Unmoved => Ok(Written::Lost(self.lost(pushed))),
            Seen::Unknown(error) => Ok(Written::Lost(error)),
        }
    }

    fn refused(&self, pushed: &Pushed) -> Error {
        let shown = &self.ledger.remote.shown;
        let what = format!("`{shown}` refuses to take the ledger of `{}`", self.env);
        Error::refused("not_permitted", what)
            .because(refusal(pushed))
            .hint(format!("let this user or token write to `{}`", self.reference))
            .hint("in GitHub Actions: `permissions: {contents: write}`")
    }

    fn lost(&self, pushed: &Pushed) -> Error {
        let shown = &self.ledger.remote.shown;
        Error::unreachable(format!("`{shown}` gave no answer to a write"))
            .because(pushed.complaint.clone())
            .hint(format!("see what is there: `git ls-remote {shown} {}`", self.reference))
    }
}
