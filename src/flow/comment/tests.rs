//! A comment is obeyed on a clear yes, and answered.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::*;
use crate::domain::comment::{Prefix, Remark, read};
use crate::domain::event::{Body, Locked};
use crate::domain::line;
use crate::domain::moved::Between;
use crate::domain::permission::{Demand, Role, Team};
use crate::domain::vouch::Descent;
use crate::flow::fakes::{Stage, Transcript, Writer, commit, production, run, versions};
use crate::ports::{Branch, Shelf};

mod asked_once;
mod refusals;

/// A thread that remembers, and a platform that answers as it is told.
pub(super) struct FakeTalk {
    transcript: Transcript,
    pub(super) now: Mutex<Option<Remark>>,
    pub(super) roles: Mutex<BTreeMap<String, Role>>,
    pub(super) team: Mutex<Vec<String>>,
    pub(super) file: Mutex<Option<Vec<u8>>>,
    pub(super) on_branch: Mutex<Vec<Commit>>,
    /// What cannot be asked or told, by its word.
    pub(super) broken: Mutex<Vec<&'static str>>,
    /// What is never answered, by its word.
    pub(super) silent: Mutex<Vec<&'static str>>,
}

impl FakeTalk {
    async fn say(&self, word: &'static str, line: String) -> Result<()> {
        if self.silent.lock().unwrap().contains(&word) {
            std::future::pending::<()>().await;
        }
        if self.broken.lock().unwrap().contains(&word) {
            self.transcript.tell(format!("{line} fails"));
            return Err(Error::unreachable(format!("could not {word}")));
        }
        self.transcript.tell(line);
        Ok(())
    }
}

#[async_trait]
impl Conversation for FakeTalk {
    async fn again(&self) -> Result<Option<Remark>> {
        self.say("again", "reads it again".to_owned()).await?;
        Ok(self.now.lock().unwrap().clone())
    }

    async fn role(&self, person: &Login) -> Result<Role> {
        self.say("role", format!("role of {person}")).await?;
        Ok(self.roles.lock().unwrap().get(person.as_str()).copied().unwrap_or(Role::Read))
    }

    async fn is_in(&self, team: &Team, person: &Login) -> Result<bool> {
        self.say("team", format!("is {person} in {team}")).await?;
        Ok(self.team.lock().unwrap().iter().any(|member| member == person.as_str()))
    }

    async fn file(&self, path: &str) -> Result<Option<Vec<u8>>> {
        self.say("file", format!("reads {path}")).await?;
        Ok(self.file.lock().unwrap().clone())
    }

    async fn react(&self, reaction: Reaction) -> Result<()> {
        self.say("react", format!("{reaction:?}")).await
    }

    async fn reply(&self, text: &str) -> Result<()> {
        self.say("reply", format!("says: {text}")).await
    }
}

#[async_trait]
impl Lineage for FakeTalk {
    async fn descent(&self, commit: &Commit, branch: &Branch) -> Descent {
        if let Err(error) = self.say("branch", format!("is {} on {branch:?}", commit.short())).await
        {
            return Descent::Unknown(error.to_string());
        }
        let held = self.on_branch.lock().unwrap().contains(commit);
        if held { Descent::Part } else { Descent::Apart }
    }

    async fn between(&self, after: &Commit, upto: &Commit) -> Result<Option<Between>> {
        let (after, upto) = (&after.as_str()[..1], &upto.as_str()[..1]);
        self.say("between", format!("commits {after}..{upto}")).await?;
        Ok(Some(Between { commits: Vec::new(), total: 2 }))
    }
}

/// One comment on a stage.
pub(super) struct Scene {
    pub(super) stage: Stage,
    pub(super) talk: FakeTalk,
    pub(super) heard: Heard,
    pub(super) rules: Rules,
    pub(super) desk: Writer,
}

pub(super) fn login(name: &str) -> Login {
    Login::new(name).unwrap()
}

/// A production with two stable deployments, and a maintainer who comments.
pub(super) fn scene(body: &str) -> Scene {
    let stage = Stage::default();
    for (version, digit) in [("1.0", 'a'), ("2.0", 'b')] {
        ships(&stage, version, digit);
    }
    stage.told();
    comment(stage, 42, "octocat", body)
}

/// Ships a version that was built from a commit, records it and finds it healthy.
pub(super) fn ships(stage: &Stage, version: &str, digit: char) {
    let ci = stage.ci(version);
    stage.ship(version);
    let mut versions = versions(version);
    for version in versions.values_mut() {
        version.commit = Some(commit(digit));
    }
    run(ci.record(&ci.record_order(versions, Some(commit(digit))))).unwrap();
    run(ci.obey(&Command::Verify(production()), "")).unwrap();
}

pub(super) fn comment(stage: Stage, id: u64, author: &str, body: &str) -> Scene {
    let author = login(author);
    let remark = Remark { id, author: Some(author.clone()), body: body.to_owned() };
    let roles = BTreeMap::from([("octocat".to_owned(), Role::Write)]);
    let talk = FakeTalk {
        transcript: stage.transcript.clone(),
        now: Mutex::new(Some(remark.clone())),
        roles: Mutex::new(roles),
        team: Mutex::default(),
        file: Mutex::new(Some(b"version: 1".to_vec())),
        on_branch: Mutex::default(),
        broken: Mutex::default(),
        silent: Mutex::default(),
    };
    let heard = Heard {
        remark,
        author: author.clone(),
        thread: 7,
        written: crate::flow::fakes::morning(),
        url: "https://forge.example/7".to_owned(),
        default_branch: "main".to_owned(),
    };
    let checkout = Checkout {
        file: Some("lastgood.yml".to_owned()),
        bytes: b"version: 1".to_vec(),
        head: Some(commit('c')),
        told: Some(commit('c')),
    };
    let permissions = BTreeMap::from([(production(), Permissions::default())]);
    let rules = Rules { permissions, attempt: Attempt::First, checkout };
    let mut desk = stage.desk(author.as_str());
    desk.desk.who.comment = Some(id);
    Scene { stage, talk, heard, rules, desk }
}

impl Scene {
    pub(super) fn demand(&mut self, deed: Deed, demand: Demand) {
        let mut permissions = Permissions::default();
        permissions.demand(deed, demand);
        self.desk.desk.policy.permissions = permissions.clone();
        self.rules.permissions.insert(production(), permissions);
    }

    /// Hears the comment, and returns why it ended and what happened.
    pub(super) fn hears(&self) -> (Reason, Vec<String>) {
        let said = read(&self.heard.remark.body, &Prefix::default());
        let words = |answer: &Answer<'_>| match answer {
            Answer::Begun(_) => "begun".to_owned(),
            Answer::Ended(outcome, moved) => {
                format!("{} {}", outcome.ending.reason.code(), moved.map_or("", |_| "with commits"))
            }
            Answer::Broke(error) => format!("broke: {error}"),
            Answer::Mistaken(mistake) => format!("mistake: {}", mistake.why),
            Answer::Help => "help".to_owned(),
        };
        let hearing = Hearing {
            talk: &self.talk,
            lineage: &self.talk,
            clock: &*self.desk.clock,
            progress: &crate::flow::fakes::Silence,
            heard: &self.heard,
            rules: &self.rules,
            words: &words,
        };
        let act = |_| async {
            let Said::Command(command) = &said else { panic!("{said:?} is no command") };
            match self.desk.obey(command, "why").await {
                Ok(outcome) => Ok(outcome),
                Err(halt) => settled(halt),
            }
        };
        let outcome = run(hearing.hear(&said, act)).unwrap();
        (outcome.ending.reason, self.stage.told())
    }

    /// Hears the comment, and makes sure that nothing came of it but a reaction.
    #[track_caller]
    pub(super) fn is_refused(&self, reason: Reason) -> Vec<String> {
        let before = self.stage.state();
        let (ended, told) = self.hears();
        assert_eq!(ended, reason, "{told:#?}");
        assert_eq!(self.stage.state(), before);
        assert!(!told.iter().any(|line| line.starts_with("says")), "{told:#?}");
        assert_eq!(told.last().map(String::as_str), Some("NotDone"), "{told:#?}");
        told
    }
}

#[test]
fn a_rollback_is_seen_at_once_and_told_from_begin_to_end() {
    let (reason, told) = scene("/rollback production because it loses orders").hears();
    assert_eq!(reason, Reason::Returned);
    assert_eq!(
        told,
        [
            "Seen",
            "reads it again",
            "role of octocat",
            "reads lastgood.yml",
            "says: begun",
            "octocat: started 3",
            "octocat: rollback app 1.0",
            "octocat: service_done 3",
            "octocat: deployed 3, finished 3, +deploy/production/3, -stable/production/2",
            "octocat: verified 3, stable 3",
            "commits a..b",
            "says: returned with commits",
            "Done",
        ]
    );
}

#[test]
fn what_is_written_names_the_comment_its_author_and_why() {
    let scene = scene("/rollback production");
    scene.hears();
    let image = run(scene.desk.ports.ledger.read(&production(), Shelf::Live)).unwrap();
    let events = image.lines.iter().filter_map(|found| line::read(&found.text, &production()).ok());
    let started = events.filter(|event| event.n == 3).find_map(|event| match event.body {
        Body::Started(started) => Some((event.actor, event.comment, started)),
        _ => None,
    });
    let (actor, comment, started) = started.unwrap();
    assert_eq!((actor.as_str(), comment), ("octocat", Some(42)));
    assert_eq!(started.trigger, crate::domain::event::Trigger::Comment);
    assert_eq!(started.reason.as_deref(), Some("why"));
}

#[test]
fn looking_writes_nothing_and_says_it_in_one_go() {
    for body in ["/status production", "/history production"] {
        let (reason, told) = scene(body).hears();
        assert_eq!(reason, Reason::Done, "{body}");
        assert_eq!(told[4..], ["says: done ", "Done"], "{body}: {told:#?}");
    }
}

#[test]
fn every_other_command_is_obeyed() {
    for (body, reason) in [
        ("/verify production", Reason::Healthy),
        ("/lock production because we look", Reason::Done),
        ("/unlock production", Reason::AlreadyThere),
        ("/cancel production", Reason::NotCurrent),
        ("/rollback production to 7", Reason::TargetUnknown),
        ("/rollback production web", Reason::Invalid),
        ("/lastgood help", Reason::Done),
    ] {
        assert_eq!(scene(body).hears().0, reason, "{body}");
    }
}

#[test]
fn what_a_rollback_took_away_a_cancel_brings_back() {
    let scene = scene("/rollback production");
    scene.hears();
    let again = comment(scene.stage.clone(), 43, "octocat", "/cancel production");
    let (reason, told) = again.hears();
    assert_eq!(reason, Reason::Done, "{told:#?}");
    assert!(told.contains(&"commits a..b".to_owned()), "{told:#?}");
    assert_eq!(scene.stage.runs(), "app=2.0");
}

#[test]
fn decoration_that_fails_stops_nothing() {
    let scene = scene("/rollback production");
    *scene.talk.broken.lock().unwrap() = vec!["react", "reply", "between"];
    assert_eq!(scene.hears().0, Reason::Returned);
    assert_eq!(scene.stage.runs(), "app=1.0");
}

#[test]
fn a_thread_that_never_answers_keeps_nothing_back_for_long() {
    let scene = scene("/rollback production");
    *scene.talk.silent.lock().unwrap() = vec!["react", "reply", "between"];
    let before = *scene.stage.time.lock().unwrap();
    let (reason, told) = scene.hears();
    assert_eq!(reason, Reason::Returned, "{told:#?}");
    assert_eq!(told[..3], ["reads it again", "role of octocat", "reads lastgood.yml"]);
    let began = scene.stage.state().operations.last().unwrap().at;
    let began = began.duration_since(crate::flow::fakes::morning());
    let waited = Duration::try_from(began).unwrap().saturating_sub(before);
    assert_eq!(waited, Duration::from_secs(3), "for the first word alone");
    let over = *scene.stage.time.lock().unwrap();
    assert!(over < before + Duration::from_secs(30), "{over:?}");
}

#[test]
fn a_rollback_that_others_must_approve_is_asked_for_and_then_approved() {
    let demand = Demand { role: Role::Write, approvals: 1, teams: Vec::new() };
    let mut asks = scene("/rollback production");
    asks.demand(Deed::Rollback, demand.clone());
    let (reason, told) = asks.hears();
    assert_eq!(reason, Reason::NeedsApproval);
    assert_eq!(told.last().unwrap(), "says: needs_approval ", "it was seen, and no more");
    assert_eq!(asks.stage.runs(), "app=2.0");
    let id = *asks.stage.state().requests.keys().next().unwrap();
    let approve = format!("/approve {id}");
    let mut own = comment(asks.stage.clone(), 43, "octocat", &approve);
    own.demand(Deed::Rollback, demand.clone());
    assert_eq!(own.hears().0, Reason::NotPermitted);
    let mut stranger = comment(asks.stage.clone(), 44, "mallory", &approve);
    stranger.demand(Deed::Rollback, demand.clone());
    stranger.is_refused(Reason::NotPermitted);
    let mut other = comment(asks.stage.clone(), 45, "hubot", &approve);
    other.demand(Deed::Rollback, demand);
    other.talk.roles.lock().unwrap().insert("hubot".to_owned(), Role::Maintain);
    assert_eq!(other.hears().0, Reason::Returned);
    assert_eq!(asks.stage.runs(), "app=1.0");
}
