//! Who may ask for what, in comments.

use std::collections::BTreeMap;
use std::time::Duration;

/// What the platform says that a person may do in a repository, in rising order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Nothing, or a role that is not known here: a team's own role gives no rights by its name.
    None,
    /// See it.
    Read,
    /// Sort its issues.
    Triage,
    /// Push to it.
    Write,
    /// Look after it.
    Maintain,
    /// Everything.
    Admin,
}

impl Role {
    /// Reads the platform's word; a word that is not known gives no rights.
    pub fn read(word: &str) -> Self {
        match word {
            "admin" => Self::Admin,
            "maintain" => Self::Maintain,
            "write" => Self::Write,
            "triage" => Self::Triage,
            "read" => Self::Read,
            _ => Self::None,
        }
    }

    /// Returns the platform's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Triage => "triage",
            Self::Write => "write",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }
}

/// What a comment can ask for, as far as permission goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// `/status`, `/history`: to be told.
    Look,
    /// `/verify`.
    Verify,
    /// `/rollback`.
    Rollback,
    /// `/cancel`.
    Cancel,
    /// `/lock` and `/unlock`.
    Lock,
    /// `/approve`.
    Approve,
    /// To go on where a rule stands against it.
    Force,
}

/// What it takes to be allowed something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The least role.
    pub role: Role,
    /// How many other people must approve.
    pub approvals: usize,
    /// The teams of which one must be the person's; any person where there is none.
    pub teams: Vec<Team>,
}

/// A team of an organisation, as `org/team`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Team {
    organisation: String,
    slug: String,
}

impl Team {
    /// Reads `org/team`; both can stand in an address as they are.
    pub fn read(text: &str) -> Option<Self> {
        let (organisation, slug) = text.split_once('/')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let fits = |part: &str| {
            !part.is_empty()
                && part.len() <= 100
                && !part.starts_with('.')
                && part.chars().all(plain)
        };
        (fits(organisation) && fits(slug))
            .then(|| Self { organisation: organisation.to_owned(), slug: slug.to_owned() })
    }

    /// Returns the organisation.
    pub fn organisation(&self) -> &str {
        &self.organisation
    }

    /// Returns the team's name in addresses.
    pub fn slug(&self) -> &str {
        &self.slug
    }
}

impl std::fmt::Display for Team {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}/{}", self.organisation, self.slug)
    }
}

/// How long a request can be approved, or carried out once its time has come, unless it was decided.
pub const VALID_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// What it takes for each deed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions {
    set: BTreeMap<Deed, Demand>,
    valid_for: Duration,
}

impl Default for Permissions {
    fn default() -> Self {
        Self { set: BTreeMap::new(), valid_for: VALID_FOR }
    }
}

impl Permissions {
    /// Sets what a deed takes.
    pub fn demand(&mut self, deed: Deed, demand: Demand) {
        self.set.insert(deed, demand);
    }

    /// Sets how long a request is good.
    pub fn expire_after(&mut self, time: Duration) {
        self.valid_for = time;
    }

    /// Returns how long a request can be approved, or carried out once its time has come.
    pub fn valid_for(&self) -> Duration {
        self.valid_for
    }

    /// Returns what a deed takes: what was decided, else `write`, and `admin` to force.
    pub fn of(&self, deed: Deed) -> Demand {
        let usual = match deed {
            Deed::Force => Role::Admin,
            Deed::Look
            | Deed::Verify
            | Deed::Rollback
            | Deed::Cancel
            | Deed::Lock
            | Deed::Approve => Role::Write,
        };
        let plain = Demand { role: usual, approvals: 0, teams: Vec::new() };
        self.set.get(&deed).cloned().unwrap_or(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_that_are_known_give_rights() {
        for (word, role) in [
            ("admin", Role::Admin),
            ("maintain", Role::Maintain),
            ("write", Role::Write),
            ("triage", Role::Triage),
            ("read", Role::Read),
            ("none", Role::None),
            ("Write", Role::None),
            ("release-manager", Role::None),
            ("", Role::None),
        ] {
            assert_eq!(Role::read(word), role, "{word}");
        }
        assert!(Role::Admin > Role::Maintain && Role::Maintain > Role::Write);
        assert!(Role::Write > Role::Triage && Role::Triage > Role::Read && Role::Read > Role::None);
    }

    #[test]
    fn a_team_is_two_names_that_can_stand_in_an_address() {
        assert_eq!(Team::read("octo/release-team").unwrap().to_string(), "octo/release-team");
        for bad in ["octo", "octo/", "/a", "octo/a/b", "octo/..", "octo/a b", "@octo/a", "octo/a?b"]
        {
            assert_eq!(Team::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_was_not_decided_takes_write_and_force_takes_admin() {
        let mut permissions = Permissions::default();
        assert_eq!(permissions.of(Deed::Rollback).role, Role::Write);
        assert_eq!(permissions.of(Deed::Force).role, Role::Admin);
        let strict = Demand { role: Role::Maintain, approvals: 2, teams: Vec::new() };
        permissions.demand(Deed::Rollback, strict.clone());
        assert_eq!(permissions.of(Deed::Rollback), strict);
        assert_eq!(permissions.of(Deed::Cancel).approvals, 0);
    }
}
