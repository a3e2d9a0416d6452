//! What the remote has under the names of our tags.

use git2::{ObjectType, Odb, Oid};

use super::GitLedger;
use super::fetch;
use super::objects;
use super::remote;
use crate::error::Result;
use crate::ports::{FoundTag, TagOrder, TagThere};

/// The longest message that is read, in bytes: more than any restore point needs.
const LONGEST: usize = 1024 * 1024;

impl GitLedger {
    /// Compares tags with what the remote has; only one that differs is fetched.
    pub(super) async fn compared(&self, orders: &[TagOrder]) -> Result<Vec<TagThere>> {
        let names: Vec<&str> = orders.iter().map(TagOrder::name).collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let remote::Remote { git, shown, .. } = &self.remote;
        let found = fetch::tags(git, &self.store, shown, &names).await?;
        let mut compared = Vec::with_capacity(orders.len());
        for order in orders {
            let there = found.iter().find(|tag| tag.name == order.name());
            let ours = objects::tag_of(&self.store.ledgers(), order)?;
            compared.push(match there {
                None => TagThere::Absent,
                Some(tag) if Some(&tag.object) == ours.as_ref() => TagThere::Same,
                Some(tag) => {
                    let message = self.message(tag).await;
                    TagThere::Other { target: tag.target.clone(), message }
                }
            });
        }
        Ok(compared)
    }

    /// Returns what an annotated tag says; `None` where it is none, or could not be had.
    async fn message(&self, tag: &FoundTag) -> Option<String> {
        if tag.target.as_ref() == Some(&tag.object) {
            return None;
        }
        let _alone = self.fetching.lock().await;
        if !fetch::object(&self.remote.git, &self.store, &tag.object).await {
            return None;
        }
        let odb = Odb::new().ok()?;
        for folder in self.store.objects().iter().filter(|folder| folder.is_dir()) {
            odb.add_disk_alternate(folder.to_str()?).ok()?;
        }
        let object = odb.read(Oid::from_str(&tag.object).ok()?).ok()?;
        let text = String::from_utf8_lossy(object.data().get(..object.len().min(LONGEST))?);
        let is_tag = object.kind() == ObjectType::Tag;
        text.split_once("\n\n").filter(|_| is_tag).map(|(_, message)| message.to_owned())
    }
}
