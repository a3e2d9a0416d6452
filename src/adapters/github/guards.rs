//! Which rules protect the repository's tags, and which workflows are switched off.

use serde::Deserialize;

use super::GitHub;
use crate::domain::guard::{Bypass, Deed, Ruleset};
use crate::domain::text;
use crate::error::Result;

/// The most rulesets that are read in full: each is a request.
const MOST: usize = 6;

/// A workflow that does not run any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchedOff {
    /// Its file in the repository.
    pub path: String,
    /// Who switched it off.
    pub by: By,
}

/// Who switched a workflow off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// GitHub, after sixty days without a change in the repository; only schedules are.
    Inactivity,
    /// A person.
    Hand,
}

#[derive(Deserialize)]
struct Listed {
    id: u64,
    #[serde(default)]
    target: Option<String>,
    enforcement: String,
}

#[derive(Deserialize)]
struct Full {
    name: String,
    #[serde(default)]
    rules: Vec<Rule>,
    #[serde(default)]
    conditions: Option<Conditions>,
    #[serde(default)]
    bypass_actors: Option<Vec<Actor>>,
}

#[derive(Deserialize)]
struct Rule {
    r#type: String,
}

#[derive(Deserialize)]
struct Conditions {
    #[serde(default)]
    ref_name: Option<RefName>,
}

#[derive(Deserialize)]
struct RefName {
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
}

#[derive(Deserialize)]
struct Actor {
    #[serde(default)]
    actor_id: Option<u64>,
    actor_type: String,
}

#[derive(Deserialize)]
struct Workflows {
    workflows: Vec<Workflow>,
}

#[derive(Deserialize)]
struct Workflow {
    path: String,
    state: String,
}

impl GitHub {
    /// Returns the rulesets for tags that are in force, the organisation's too.
    pub async fn tag_rules(&self) -> Result<Vec<Ruleset>> {
        let doing = "ask which rulesets protect the tags";
        let all: Vec<Listed> = self.get(doing, "rulesets?includes_parents=true").await?;
        let in_force =
            |one: &&Listed| one.enforcement == "active" && one.target.as_deref() == Some("tag");
        let mut rules = Vec::new();
        for one in all.iter().filter(in_force).take(MOST) {
            let full: Full = self.get(doing, &format!("rulesets/{}", one.id)).await?;
            rules.push(full.into());
        }
        Ok(rules)
    }

    /// Returns the workflows that are switched off.
    pub async fn switched_off(&self) -> Result<Vec<SwitchedOff>> {
        let doing = "ask which workflows are switched off";
        let all: Workflows = self.get(doing, "actions/workflows?per_page=100").await?;
        let off = all.workflows.into_iter().filter_map(|workflow| {
            let by = match workflow.state.as_str() {
                "disabled_inactivity" => By::Inactivity,
                "disabled_manually" => By::Hand,
                _ => return None,
            };
            Some(SwitchedOff { path: workflow.path, by })
        });
        Ok(off.collect())
    }
}

impl From<Full> for Ruleset {
    fn from(full: Full) -> Self {
        let forbids = full.rules.iter().filter_map(|rule| match rule.r#type.as_str() {
            "creation" => Some(Deed::Create),
            "update" => Some(Deed::Move),
            "deletion" => Some(Deed::Remove),
            _ => None,
        });
        let refs = full.conditions.and_then(|conditions| conditions.ref_name);
        let refs = refs.unwrap_or(RefName { include: Vec::new(), exclude: Vec::new() });
        Self {
            name: text::clean(&full.name, 100),
            forbids: forbids.collect(),
            include: refs.include,
            exclude: refs.exclude,
            bypass: full.bypass_actors.map(|all| all.into_iter().map(Bypass::from).collect()),
        }
    }
}

impl From<Actor> for Bypass {
    fn from(actor: Actor) -> Self {
        match actor.actor_type.as_str() {
            "Integration" => Self::App(actor.actor_id),
            "RepositoryRole" => Self::People("a role of the repository".to_owned()),
            "OrganizationAdmin" => Self::People("the organisation's admins".to_owned()),
            "Team" => Self::People("a team".to_owned()),
            other => Self::People(text::clean(other, 40)),
        }
    }
}
