//! The comment in the event that set the workflow off.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::Settings;
use crate::domain::comment::{Heard, Login, MARK, Remark};
use crate::error::{Error, Result};

/// The only event that is listened to.
const COMMENT: &str = "issue_comment";

/// What an event is to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A comment that a person wrote just now.
    Comment(Heard),
    /// Nothing, for this reason.
    Other(String),
}

#[derive(Deserialize)]
struct Payload {
    comment: Comment,
    issue: Issue,
    repository: Repository,
}

/// A comment, in an event or as the API tells it.
#[derive(Deserialize)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) body: Option<String>,
    pub(super) user: Option<User>,
    html_url: Option<String>,
    created_at: Option<Timestamp>,
    performed_via_github_app: Option<Value>,
}

/// Who wrote something; none where the account is gone.
#[derive(Deserialize)]
pub(super) struct User {
    login: String,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}

#[derive(Deserialize)]
struct Issue {
    number: u64,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
    default_branch: String,
}

/// Reads an event; `name` is the platform's word for it, where it was told.
///
/// What is no event at all is a mistake; whatever else is no new comment of a person is `Other`.
pub fn read(name: Option<&str>, payload: &str, settings: &Settings) -> Result<Event> {
    let event: Value = serde_json::from_str(payload)
        .map_err(|cause| Error::invalid("could not read the event").because(cause.to_string()))?;
    let other = |why: &str| Ok(Event::Other(why.to_owned()));
    let is_comment = match name {
        Some(name) => name == COMMENT,
        None => event["comment"].is_object() && event["issue"].is_object(),
    };
    if !is_comment {
        return other("the event is no comment on an issue or pull request");
    }
    if event["action"] != "created" {
        return other("the comment is not new: only a new one is a command");
    }
    let payload: Payload = serde_json::from_value(event).map_err(|cause| {
        Error::invalid("could not read the comment in the event").because(cause.to_string())
    })?;
    let remark = payload.comment.remark();
    if remark.body.trim_start().starts_with(MARK) {
        return other("the comment is lastgood's own");
    }
    let Some(author) = remark.author.clone() else {
        return other("a program wrote the comment, and only people command");
    };
    if !payload.repository.full_name.eq_ignore_ascii_case(&settings.repository) {
        return other("the comment was written in another repository");
    }
    let Payload { comment, issue, repository } = payload;
    let Some(written) = comment.created_at else {
        return other("the event does not say when the comment was written");
    };
    Ok(Event::Comment(Heard {
        remark,
        author,
        thread: issue.number,
        written,
        url: comment.html_url.filter(|url| url.starts_with("http")).unwrap_or_default(),
        default_branch: repository.default_branch,
    }))
}

impl Comment {
    /// Returns the comment; an author who is no person is none.
    pub(super) fn remark(&self) -> Remark {
        let by_app = self.performed_via_github_app.as_ref().is_some_and(|app| !app.is_null());
        let person = self.user.as_ref().filter(|user| user.kind.as_deref() == Some("User"));
        let author = person.filter(|_| !by_app).and_then(|user| Login::new(&user.login));
        Remark { id: self.id, author, body: self.body.clone().unwrap_or_default() }
    }

    /// Returns whether a program wrote it.
    pub(super) fn is_by_a_program(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.kind.as_deref() == Some("Bot"))
    }
}
