//! The tree of notes, read in any shape, written in git's.

use std::collections::BTreeMap;

use git2::{ObjectType, Oid, Repository};

use super::content::{self, Change};
use crate::ports::FoundLine;

/// The digits of an object id.
const DIGITS: usize = 40;

/// The digits that name a folder of the fan-out.
const PER_FOLDER: usize = 2;

const PLAIN_FILE: i32 = 0o100_644;
const FOLDER: i32 = 0o040_000;

type Outcome<T> = Result<T, git2::Error>;

/// Changes by the object id, in hexadecimal, whose note they are for.
pub(super) type Changes = BTreeMap<String, Change>;

/// Returns every line of every note below a tree.
pub(super) fn lines(repo: &Repository, root: Oid) -> Outcome<Vec<FoundLine>> {
    let mut found = Vec::new();
    collect(repo, root, "", &mut |note, blob| {
        for line in content::lines(repo.find_blob(blob)?.content()) {
            found.push(FoundLine { note: note.to_owned(), text: content::shown(line) });
        }
        Ok(())
    })?;
    Ok(found)
}

/// Writes the tree with the changes made; only the folders on their way are touched.
///
/// The fan-out is the one `git notes` makes: a folder is fanned out when each of the 16 next
/// digits has a folder or at least two notes. What is no note stays where it is.
pub(super) fn rewritten(repo: &Repository, root: Option<Oid>, changes: &Changes) -> Outcome<Oid> {
    let leaves = changes
        .iter()
        .map(|(note, change)| (note.clone(), Leaf { blobs: Vec::new(), change: change.clone() }));
    match build(repo, root, "", leaves.collect())? {
        Some(tree) => Ok(tree),
        None => repo.treebuilder(None)?.write(),
    }
}

fn collect(
    repo: &Repository,
    tree: Oid,
    prefix: &str,
    tell: &mut dyn FnMut(&str, Oid) -> Outcome<()>,
) -> Outcome<()> {
    for entry in &repo.find_tree(tree)? {
        match Part::of(&entry, prefix) {
            Part::Note(note) => tell(&note, entry.id())?,
            Part::Folder(longer) => collect(repo, entry.id(), &longer, tell)?,
            Part::Other => {}
        }
    }
    Ok(())
}

/// What an entry of the tree is to us.
enum Part {
    Note(String),
    Folder(String),
    Other,
}

impl Part {
    fn of(entry: &git2::TreeEntry<'_>, prefix: &str) -> Self {
        let digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let name = entry.name_bytes();
        let Some(name) = std::str::from_utf8(name).ok().filter(|_| name.iter().all(digit)) else {
            return Self::Other;
        };
        let whole = format!("{prefix}{name}");
        match entry.kind() {
            Some(ObjectType::Blob) if whole.len() == DIGITS => Self::Note(whole),
            Some(ObjectType::Tree) if name.len() == PER_FOLDER && whole.len() < DIGITS => {
                Self::Folder(whole)
            }
            _ => Self::Other,
        }
    }
}

/// A note on its way to its place: what is there of it, and what is to become of it.
#[derive(Default)]
struct Leaf {
    blobs: Vec<Oid>,
    change: Change,
}

impl Leaf {
    /// Returns the one blob it comes to, if anything is left of it.
    fn settle(&self, repo: &Repository) -> Outcome<Option<Oid>> {
        if let ([blob], true) = (self.blobs.as_slice(), self.change == Change::default()) {
            return Ok(Some(*blob));
        }
        let mut notes = Vec::new();
        for blob in &self.blobs {
            notes.push(repo.find_blob(*blob)?.content().to_vec());
        }
        let note = content::changed(&content::joined(&notes), &self.change);
        if note.is_empty() { Ok(None) } else { repo.blob(&note).map(Some) }
    }

    fn settled(blob: Oid) -> Self {
        Self { blobs: vec![blob], change: Change::default() }
    }
}

type Leaves = BTreeMap<String, Leaf>;

/// One folder of the tree, in parts.
#[derive(Default)]
struct Folder {
    leaves: Leaves,
    folders: BTreeMap<String, Oid>,
}

impl Folder {
    fn load(repo: &Repository, tree: Option<Oid>, prefix: &str) -> Outcome<Self> {
        let mut folder = Self::default();
        let Some(tree) = tree else { return Ok(folder) };
        for entry in &repo.find_tree(tree)? {
            match Part::of(&entry, prefix) {
                Part::Note(note) => {
                    folder.leaves.insert(note, Leaf::settled(entry.id()));
                }
                Part::Folder(longer) => {
                    folder.folders.insert(longer, entry.id());
                }
                Part::Other => {}
            }
        }
        Ok(folder)
    }

    fn take_in(&mut self, leaves: Leaves) {
        for (note, leaf) in leaves {
            let here = self.leaves.entry(note).or_default();
            here.blobs.extend(leaf.blobs);
            here.change = leaf.change;
        }
    }

    /// Takes out what belongs into a folder, by that folder's name.
    fn sort_out(
        &mut self,
        longer: usize,
        into: impl Fn(&Self, &str) -> bool,
    ) -> BTreeMap<String, Leaves> {
        let mut sorted: BTreeMap<String, Leaves> = BTreeMap::new();
        let going: Vec<String> =
            self.leaves.keys().filter(|note| into(self, &note[..longer])).cloned().collect();
        for note in going {
            if let Some(leaf) = self.leaves.remove(&note) {
                sorted.entry(note[..longer].to_owned()).or_default().insert(note, leaf);
            }
        }
        sorted
    }

    fn fans_out(&self, depth: usize) -> bool {
        (0..16_u32).filter_map(|digit| char::from_digit(digit, 16)).all(|digit| {
            let next = |name: &String| name[depth..].starts_with(digit);
            self.folders.keys().any(next)
                || self.leaves.keys().filter(|note| next(note)).nth(1).is_some()
        })
    }
}

/// Writes one folder with what comes into it from above; `None` where nothing is left in it.
fn build(
    repo: &Repository,
    tree: Option<Oid>,
    prefix: &str,
    coming: Leaves,
) -> Outcome<Option<Oid>> {
    let longer = prefix.len() + PER_FOLDER;
    let mut folder = Folder::load(repo, tree, prefix)?;
    folder.take_in(coming);
    let down = folder.sort_out(longer, |folder, name| folder.folders.contains_key(name));
    descend(repo, &mut folder, down)?;
    settle(repo, &mut folder)?;
    if longer < DIGITS && folder.fans_out(prefix.len()) {
        let down = folder.sort_out(longer, |_, _| true);
        descend(repo, &mut folder, down)?;
    } else {
        flatten(repo, &mut folder)?;
    }
    write(repo, tree, prefix, &folder)
}

fn descend(repo: &Repository, folder: &mut Folder, down: BTreeMap<String, Leaves>) -> Outcome<()> {
    for (name, leaves) in down {
        let old = folder.folders.get(&name).copied();
        match build(repo, old, &name, leaves)? {
            Some(tree) => folder.folders.insert(name, tree),
            None => folder.folders.remove(&name),
        };
    }
    Ok(())
}

fn settle(repo: &Repository, folder: &mut Folder) -> Outcome<()> {
    let mut gone = Vec::new();
    for (note, leaf) in &mut folder.leaves {
        match leaf.settle(repo)? {
            Some(blob) => *leaf = Leaf::settled(blob),
            None => gone.push(note.clone()),
        }
    }
    for note in gone {
        folder.leaves.remove(&note);
    }
    Ok(())
}

/// Brings the notes of all folders up; what else lies in them stays in them.
fn flatten(repo: &Repository, folder: &mut Folder) -> Outcome<()> {
    for (name, tree) in std::mem::take(&mut folder.folders) {
        let mut up = Leaves::new();
        collect(repo, tree, &name, &mut |note, blob| {
            up.entry(note.to_owned()).or_default().blobs.push(blob);
            Ok(())
        })?;
        folder.take_in(up);
        if let Some(rest) = without_notes(repo, tree, &name)? {
            folder.folders.insert(name, rest);
        }
    }
    settle(repo, folder)
}

fn without_notes(repo: &Repository, tree: Oid, prefix: &str) -> Outcome<Option<Oid>> {
    let tree = repo.find_tree(tree)?;
    let mut rest = repo.treebuilder(None)?;
    for entry in &tree {
        match Part::of(&entry, prefix) {
            Part::Note(_) => {}
            Part::Folder(longer) => {
                if let Some(kept) = without_notes(repo, entry.id(), &longer)? {
                    rest.insert(entry.name_bytes(), kept, FOLDER)?;
                }
            }
            Part::Other => {
                rest.insert(entry.name_bytes(), entry.id(), entry.filemode())?;
            }
        }
    }
    if rest.is_empty() { Ok(None) } else { rest.write().map(Some) }
}

/// Writes a folder as the difference to what it was: checking every entry anew would be slow.
fn write(
    repo: &Repository,
    old: Option<Oid>,
    prefix: &str,
    folder: &Folder,
) -> Outcome<Option<Oid>> {
    let mut wanted: BTreeMap<&[u8], (Oid, i32)> = BTreeMap::new();
    for (note, leaf) in &folder.leaves {
        if let [blob] = leaf.blobs.as_slice() {
            wanted.insert(&note.as_bytes()[prefix.len()..], (*blob, PLAIN_FILE));
        }
    }
    for (name, tree) in &folder.folders {
        wanted.insert(&name.as_bytes()[prefix.len()..], (*tree, FOLDER));
    }
    let old = old.map(|old| repo.find_tree(old)).transpose()?;
    let mut out = repo.treebuilder(old.as_ref())?;
    for entry in old.iter().flatten() {
        match (Part::of(&entry, prefix), wanted.get(entry.name_bytes())) {
            (Part::Other, _) => {}
            (_, Some((id, _))) if *id == entry.id() => {
                wanted.remove(entry.name_bytes());
            }
            (_, _) => out.remove(entry.name_bytes())?,
        }
    }
    for (name, (id, mode)) in wanted {
        out.insert(name, id, mode)?;
    }
    if out.is_empty() { Ok(None) } else { out.write().map(Some) }
}
