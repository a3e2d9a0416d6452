//! A thread on GitHub, with a comment and one reply.

use std::sync::Mutex;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use octocrab::FromResponse;
use serde::Deserialize;
use serde_json::{Value, json};

use super::event::Comment;
use super::lineage::escaped;
use super::{GitHub, refusal};
use crate::domain::comment::{Heard, Login, MARK, Remark};
use crate::domain::moved::Between;
use crate::domain::names::Commit;
use crate::domain::permission::{Role, Team};
use crate::domain::text;
use crate::domain::vouch::Descent;
use crate::error::{Error, Result};
use crate::ports::{Branch, Conversation, Lineage, Reaction};

/// The requests that are kept for the last words: the reply, the reaction, and one before them that
/// looks for a reply whose answer was lost, or else lists the commits that went or came.
pub const LAST_WORDS: usize = 3;

/// The longest body that GitHub takes, in characters.
const LONGEST: usize = 65_536;

/// The thread of one comment.
pub struct Thread {
    github: GitHub,
    /// GitHub asked with a token that sees teams; none where no such token was given.
    teams: Option<GitHub>,
    comment: u64,
    number: u64,
    written: Timestamp,
    reply: Mutex<Reply>,
}

/// What is known of our reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// There is none yet.
    None,
    /// There may be one: an earlier attempt may have made it, or an answer was lost.
    Perhaps,
    /// It has this id.
    Made(u64),
}

#[derive(Deserialize)]
struct Permission {
    role_name: Option<String>,
    user: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    login: String,
}

#[derive(Deserialize)]
struct Membership {
    state: String,
}

#[derive(Deserialize)]
struct File {
    content: Option<String>,
    encoding: Option<String>,
}

/// Takes the thread in which a comment was heard.
pub fn connect(github: GitHub, teams: Option<GitHub>, heard: &Heard, reply: Reply) -> Thread {
    let (comment, number, written) = (heard.remark.id, heard.thread, heard.written);
    Thread { github, teams, comment, number, written, reply: Mutex::new(reply) }
}

#[async_trait]
impl Conversation for Thread {
    async fn again(&self) -> Result<Option<Remark>> {
        let path = format!("issues/comments/{}", self.comment);
        match self.github.get::<Comment>("read the comment again", &path).await {
            Ok(comment) => Ok(Some(comment.remark())),
            Err(error) if refusal::is_not_found(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn role(&self, person: &Login) -> Result<Role> {
        let path = format!("collaborators/{person}/permission");
        let doing = format!("ask for the role of `{person}`");
        let told: Permission = match self.github.get(&doing, &path).await {
            Ok(told) => told,
            Err(error) if refusal::is_not_found(&error) => return Ok(Role::None),
            Err(error) => return Err(error),
        };
        // A name can pass to somebody else; the answer must be about who was asked for.
        let is_theirs =
            told.user.is_some_and(|user| user.login.eq_ignore_ascii_case(person.as_str()));
        let role = told.role_name.filter(|_| is_theirs);
        Ok(role.map_or(Role::None, |word| Role::read(&word)))
    }

    async fn is_in(&self, team: &Team, person: &Login) -> Result<bool> {
        let doing = format!("ask whether `{person}` is in the team `{team}`");
        let Some(github) = &self.teams else {
            let message = format!("could not {doing}");
            let hint = "give a `team-token` that may read the organisation's members";
            return Err(Error::refused("not_permitted", message).hint(hint));
        };
        let (organisation, slug) = (team.organisation(), team.slug());
        let route = format!("/orgs/{organisation}/teams/{slug}/memberships/{person}");
        match github.at::<Membership>(&doing, route).await {
            Ok(membership) => Ok(membership.state == "active"),
            Err(error) if refusal::is_not_found(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn file(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let doing = format!("read `{}` of the default branch", text::clean(path, 100));
        let path =
            format!("contents/{}", path.split('/').map(escaped).collect::<Vec<_>>().join("/"));
        match self.github.get::<File>(&doing, &path).await {
            Ok(file) => Ok(file.bytes()),
            Err(error) if refusal::is_not_found(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn react(&self, reaction: Reaction) -> Result<()> {
        let content = match reaction {
            Reaction::Seen => "eyes",
            Reaction::Done => "rocket",
            Reaction::NotDone => "-1",
        };
        let path = format!("issues/comments/{}/reactions", self.comment);
        let body = json!({ "content": content });
        self.github.post::<Value>("react to the comment", &path, &body).await.map(drop)
    }

    async fn reply(&self, text: &str) -> Result<()> {
        let body = json!({ "body": self.marked(text) });
        if self.known() == Reply::Perhaps {
            let found = self.look_for().await?;
            self.know(found.map_or(Reply::None, Reply::Made));
        }
        if let Reply::Made(id) = self.known() {
            let path = format!("issues/comments/{id}");
            match self.github.patch::<Value>("edit the reply", &path, &body).await {
                // Somebody took it away, and will read the next one.
                Err(error) if refusal::is_not_found(&error) => {}
                told => return told.map(drop),
            }
        }
        self.make(&body).await
    }
}

impl Thread {
    async fn make(&self, body: &Value) -> Result<()> {
        let path = format!("issues/{}/comments", self.number);
        self.know(Reply::Perhaps);
        let made: Comment = self.github.post("reply", &path, body).await?;
        self.know(Reply::Made(made.id));
        Ok(())
    }

    /// Looks for the reply of an earlier attempt among what programs wrote since the comment.
    async fn look_for(&self) -> Result<Option<u64>> {
        let path = format!("issues/{}/comments?per_page=100&since={}", self.number, self.written);
        let mut page = 1;
        loop {
            let path = format!("{path}&page={page}");
            let all: Vec<Comment> = self.github.get("look for the reply", &path).await?;
            let mark = self.mark();
            let is_ours = |comment: &&Comment| {
                let body = comment.body.as_deref().unwrap_or_default();
                comment.is_by_a_program() && body.starts_with(&mark)
            };
            match (all.iter().find(is_ours), all.len()) {
                (Some(found), _) => return Ok(Some(found.id)),
                (None, 100) if page < 3 => page += 1,
                (None, _) => return Ok(None),
            }
        }
    }

    fn mark(&self) -> String {
        format!("{MARK}: {} -->", self.comment)
    }

    fn marked(&self, text: &str) -> String {
        let whole = format!("{}\n{text}", self.mark());
        if whole.chars().count() <= LONGEST {
            return whole;
        }
        let kept: String = whole.chars().take(LONGEST - 200).collect();
        let lines = kept.rfind('\n').map_or(kept.as_str(), |end| &kept[..end]);
        format!("{lines}\n\nThe rest was cut: a comment holds 65,536 characters.\n")
    }

    fn known(&self) -> Reply {
        self.reply.lock().map_or(Reply::Perhaps, |known| *known)
    }

    fn know(&self, reply: Reply) {
        if let Ok(mut known) = self.reply.lock() {
            *known = reply;
        }
    }
}

impl GitHub {
    /// Asks for something that lies outside the repository.
    async fn at<R: FromResponse>(&self, doing: &str, route: String) -> Result<R> {
        let asked = self.crab.get(route, None::<&()>).await;
        asked.map_err(|error| refusal::told(doing, error))
    }
}

impl File {
    /// Returns what the file holds; `None` for a folder or what is too large to be told.
    fn bytes(self) -> Option<Vec<u8>> {
        let content = self.content.filter(|_| self.encoding.as_deref() == Some("base64"))?;
        let packed: String = content.split_whitespace().collect();
        STANDARD.decode(packed).ok()
    }
}

#[async_trait]
impl Lineage for Thread {
    async fn descent(&self, commit: &Commit, branch: &Branch) -> Descent {
        match self.github.leaving(LAST_WORDS) {
            Ok(github) => github.descent(commit, branch).await,
            Err(error) => Descent::Unknown(error.message().to_owned()),
        }
    }

    async fn between(&self, after: &Commit, upto: &Commit) -> Result<Option<Between>> {
        let kept = if let Reply::Made(_) = self.known() { LAST_WORDS - 1 } else { LAST_WORDS };
        self.github.leaving(kept)?.between(after, upto).await
    }
}
