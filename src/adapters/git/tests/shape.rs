//! The tree of notes has the shape that `git notes` gives it.

use std::io::Write;
use std::process::{Command, Stdio};

use sha2::Digest;

use super::world::World;
use crate::adapters::git::content::Change;
use crate::adapters::git::tree::{self, Changes};

const LINE: &str = "x";

/// Spread like object ids are, and always the same.
fn ids(prefix: &str, count: usize) -> Vec<String> {
    let id = |number: usize| {
        let digest = hex::encode(sha2::Sha256::digest(number.to_string()));
        format!("{prefix}{}", &digest[..40 - prefix.len()])
    };
    (0..count).map(id).collect()
}

struct Pair {
    world: World,
    tree: Option<git2::Oid>,
}

impl Pair {
    fn new() -> Self {
        Self { world: World::new(), tree: None }
    }

    fn add(&mut self, ids: &[String]) {
        self.feed(
            &["notes", "--ref=shape", "copy", "--force", "--stdin"],
            |id| format!("{} {id}", self.origin()),
            ids,
        );
        let change = Change { add: vec![LINE.into()], remove: Vec::new() };
        self.rewrite(ids, &change);
    }

    fn remove(&mut self, ids: &[String]) {
        self.feed(&["notes", "--ref=shape", "remove", "--stdin"], Clone::clone, ids);
        let change = Change { add: Vec::new(), remove: vec![LINE.into()] };
        self.rewrite(ids, &change);
    }

    fn rewrite(&mut self, ids: &[String], change: &Change) {
        let repo = git2::Repository::open_bare(self.world.path("remote.git")).unwrap();
        let changes: Changes = ids.iter().map(|id| (id.clone(), change.clone())).collect();
        self.tree = Some(tree::rewritten(&repo, self.tree, &changes).unwrap());
    }

    /// The object whose note is copied; its own note counts too.
    fn origin(&self) -> String {
        self.world.id("seed", "HEAD").as_str().to_owned()
    }

    fn feed(&self, args: &[&str], line: impl Fn(&String) -> String, ids: &[String]) {
        let mut git = Command::new("git");
        git.args(args).current_dir(self.world.path("remote.git")).envs(self.world.env());
        let mut child = git.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines: String = ids.iter().map(|id| line(id) + "\n").collect();
        child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }

    fn assert_same(&self, when: &str) {
        let theirs = self.world.git("remote.git", &["rev-parse", "refs/notes/shape^{tree}"]);
        assert_eq!(self.tree.unwrap().to_string(), theirs, "{when}");
    }

    fn depth(&self) -> usize {
        let files =
            self.world.git("remote.git", &["ls-tree", "-r", "--name-only", "refs/notes/shape"]);
        files.lines().map(|path| path.matches('/').count()).max().unwrap()
    }
}

fn begun() -> Pair {
    let mut pair = Pair::new();
    let origin = pair.origin();
    pair.world.git("remote.git", &["notes", "--ref=shape", "add", "-m", LINE, &origin]);
    let change = Change { add: vec![LINE.into()], remove: Vec::new() };
    pair.rewrite(&[origin], &change);
    pair.assert_same("one note");
    pair
}

#[test]
fn the_fan_out_is_gits_own_at_every_size() {
    let mut pair = begun();
    let ids = ids("", 2000);
    let mut done = 0;
    for size in [40, 60, 80, 100, 300, 301, 2000] {
        pair.add(&ids[done..size]);
        pair.assert_same(&format!("{size} notes"));
        done = size;
    }
    assert_eq!(pair.depth(), 1);
}

#[test]
fn one_crowded_folder_fans_out_by_itself() {
    let mut pair = begun();
    pair.add(&ids("", 300));
    for (size, crowd) in [ids("ab", 60), ids("ab", 400)].iter().enumerate() {
        pair.add(crowd);
        pair.assert_same(&format!("crowd {size}"));
    }
    assert_eq!(pair.depth(), 2);
}

#[test]
fn notes_that_go_leave_the_shape_that_git_leaves() {
    let mut pair = begun();
    let ids = ids("", 400);
    pair.add(&ids);
    pair.remove(&ids[300..]);
    pair.assert_same("300 left");
    pair.remove(&ids[10..300]);
    pair.assert_same("10 left");
    assert_eq!(pair.depth(), 0);
}

#[test]
fn among_thousands_of_notes_an_append_writes_only_its_path() {
    let mut pair = Pair::new();
    let ids = ids("", 5000);
    pair.rewrite(&ids, &Change { add: vec![LINE.into()], remove: Vec::new() });
    let before = objects(&pair.world);
    pair.rewrite(&ids[..1], &Change { add: vec!["y".into()], remove: Vec::new() });
    assert_eq!(objects(&pair.world) - before, 3, "the note and the folders on its way");
}

fn objects(world: &World) -> usize {
    let told = world.git("remote.git", &["count-objects"]);
    told.split(' ').next().unwrap().parse().unwrap()
}
