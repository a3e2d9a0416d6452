//! The issue of an environment that stays sick.

use async_trait::async_trait;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::GitHub;
use crate::domain::names::Environment;
use crate::domain::ticket::{TicketText, is_marked};
use crate::error::Result;
use crate::ports::Tickets;

/// Whoever may set a label may be believed: a stranger can copy the mark, and not the label.
const LABEL: &str = "lastgood";

/// How many open issues are looked at.
const NEWEST: usize = 100;

#[derive(Deserialize)]
struct Issue {
    number: u64,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    user: Option<Account>,
    #[serde(default)]
    pull_request: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(rename = "type")]
    kind: String,
}

#[async_trait]
impl Tickets for GitHub {
    async fn find(&self, env: &Environment) -> Result<Option<u64>> {
        let labelled = self.open_issues(&format!("&labels={LABEL}")).await?;
        if let Some(issue) = labelled.iter().find(|issue| issue.is_of(env)) {
            return Ok(Some(issue.number));
        }
        // The label may have been taken off, or never been set for want of a permission.
        let all = self.open_issues("").await?;
        let ours = all.iter().find(|issue| issue.is_by_a_program() && issue.is_of(env));
        Ok(ours.map(|issue| issue.number))
    }

    async fn open(&self, text: &TicketText) -> Result<()> {
        let body = json!({"title": text.title, "body": text.body, "labels": [LABEL]});
        self.post::<IgnoredAny>("open an issue on GitHub", "issues", &body).await.map(|_| ())
    }

    async fn rewrite(&self, number: u64, text: &TicketText) -> Result<()> {
        let doing = format!("rewrite issue {number} on GitHub");
        let body = json!({"title": text.title, "body": text.body});
        self.patch::<IgnoredAny>(&doing, &format!("issues/{number}"), &body).await.map(|_| ())
    }

    async fn close(&self, number: u64, text: &TicketText) -> Result<()> {
        let doing = format!("close issue {number} on GitHub");
        let said = json!({"body": text.farewell});
        self.post::<IgnoredAny>(&doing, &format!("issues/{number}/comments"), &said).await?;
        let body = json!({"state": "closed", "state_reason": "completed"});
        self.patch::<IgnoredAny>(&doing, &format!("issues/{number}"), &body).await.map(|_| ())
    }
}

impl GitHub {
    async fn open_issues(&self, more: &str) -> Result<Vec<Issue>> {
        let path = format!("issues?state=open&per_page={NEWEST}{more}");
        self.get("look for the issue on GitHub", &path).await
    }
}

impl Issue {
    fn is_of(&self, env: &Environment) -> bool {
        let body = self.body.as_deref().unwrap_or_default();
        self.pull_request.is_none() && is_marked(body, env)
    }

    fn is_by_a_program(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.kind == "Bot")
    }
}
