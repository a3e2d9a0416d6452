//! Makes a tag by the API where its push is refused.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::GitHub;
use crate::error::{Error, Result};
use crate::ports::{TagOrder, TagResult, Tagger};

#[derive(Serialize)]
struct NewTag<'a> {
    tag: &'a str,
    message: &'a str,
    object: &'a str,
    r#type: &'static str,
    tagger: Person<'a>,
}

#[derive(Serialize)]
struct Person<'a> {
    name: &'static str,
    email: &'static str,
    date: &'a str,
}

#[derive(Serialize)]
struct NewRef<'a> {
    r#ref: String,
    sha: &'a str,
}

#[derive(Deserialize)]
struct MadeTag {
    sha: String,
}

#[derive(Deserialize)]
struct Ref {
    object: MadeTag,
}

#[async_trait]
impl Tagger for GitHub {
    async fn make(&self, order: &TagOrder, object: &str) -> Result<TagResult> {
        let TagOrder::Create { name, target, message, at } = order else {
            return Err(Error::failed("only a push removes a tag, under a lease"));
        };
        let doing = format!("make the tag `{name}`");
        // The object's own message ends with one line end, however many the order has.
        let message = format!("{}\n", message.trim_end_matches('\n'));
        let date = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let tagger = Person { name: "lastgood", email: "lastgood@localhost", date: &date };
        let (object_of, kind) = (target.as_str(), "commit");
        let body = NewTag { tag: name, message: &message, object: object_of, r#type: kind, tagger };
        let made: MadeTag = self.post(&doing, "git/tags", &body).await?;
        if made.sha != object {
            let cause = format!("GitHub made another object of it, {}", made.sha);
            return Err(Error::failed(format!("could not {doing}")).because(cause));
        }
        let body = NewRef { r#ref: format!("refs/tags/{name}"), sha: object };
        match self.post::<Ref>(&doing, "git/refs", &body).await {
            Ok(_) => Ok(TagResult::Created),
            Err(error) => self.there_already(name, object).await.ok_or(error),
        }
    }
}

impl GitHub {
    /// Returns what stands under the name, where something does: another made it, or the answer was lost.
    async fn there_already(&self, name: &str, object: &str) -> Option<TagResult> {
        let name = format!("tags/{name}");
        let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let there = self.get::<Ref>("look for the tag", &format!("git/ref/{name}")).await.ok()?;
        let same = there.object.sha == object;
        Some(if same { TagResult::Exists } else { TagResult::Conflict })
    }
}
