//! Makes a tag in other ways where its push is refused.

use super::GitLedger;
use super::push::{Earnest, Together, push};
use super::remote::Remote;
use super::tagging::{Ordered, Results, by_row, refusal};
use crate::domain::text;
use crate::ports::{TagOrder, TagResult};

/// One rung's answer: what became of the tag, or why it was not made there either.
type Rung = Result<TagResult, String>;

impl GitLedger {
    /// Tries the other ways for each tag that was refused; what none of them made is told with all causes.
    pub(super) async fn climb(&self, tags: &[Ordered], results: Results) -> Results {
        let mut climbed = Vec::with_capacity(results.len());
        for (tag, (name, result)) in tags.iter().zip(results) {
            let result = match result {
                TagResult::Refused(cause) => self.otherwise(tag, cause).await,
                settled => settled,
            };
            climbed.push((name, result));
        }
        climbed
    }

    async fn otherwise(&self, tag: &Ordered, cause: String) -> TagResult {
        let mut causes = vec![cause];
        if let Some(rung) = self.by_tagger(tag).await {
            match rung {
                Ok(result) => return result,
                Err(cause) => causes.push(format!("by the API: {cause}")),
            }
        }
        match self.by_tag_token(tag).await {
            Some(Ok(result)) => return result,
            Some(Err(cause)) => causes.push(format!("with the `tag-token`: {cause}")),
            None => causes.push("a `tag-token` that may make tags would help".to_owned()),
        }
        TagResult::Refused(text::clean(&causes.join("; "), super::program::MOST_CAUSE))
    }

    async fn by_tagger(&self, tag: &Ordered) -> Option<Rung> {
        let object = tag.change.as_ref()?.new.as_deref()?;
        let order @ TagOrder::Create { .. } = &tag.order else { return None };
        let made = self.tagger.as_ref()?.make(order, object).await;
        Some(made.map_err(|error| error.whole()))
    }

    async fn by_tag_token(&self, tag: &Ordered) -> Option<Rung> {
        let Remote { git, .. } = self.tag_remote.as_ref()?;
        let change = tag.change.clone()?;
        let belief = self.belief(None, std::slice::from_ref(tag));
        let how = (Together::Apart, Earnest::Real);
        let pushed = match push(git, &self.store, &[change], how, &belief).await {
            Ok(pushed) => pushed,
            Err(error) => return Some(Err(error.whole())),
        };
        let settled = by_row(tag, &pushed);
        Some(settled.ok_or_else(|| refusal(&pushed)))
    }
}
