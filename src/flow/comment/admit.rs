//! Lets a comment in on a clear yes alone.

use super::{Asked, Attempt, Clear, Hearing, Step, unsure};
use crate::domain::comment::Login;
use crate::domain::ending::{Ending, Reason};
use crate::domain::names::Environment;
use crate::domain::permission::{Demand, Role, Team};
use crate::domain::vouch::Descent;
use crate::ports::Branch;

/// A person, and what the platform says of him.
struct Person {
    login: Login,
    role: Role,
    /// The teams that were asked about, and whether he is in them.
    teams: Vec<(Team, bool)>,
}

impl Hearing<'_> {
    /// Returns the environments in which all who stand behind this run may ask for it.
    pub(super) async fn admit(&self, asked: &Asked<'_>) -> Step<Vec<Environment>> {
        self.is_unchanged().await?;
        let mut people = self.people().await?;
        let mut admitted = Vec::new();
        let mut refused = None;
        for (name, permissions) in &self.rules.permissions {
            if asked.environment().is_some_and(|named| named != name) {
                continue;
            }
            match self.may(&mut people, &permissions.of(asked.deed())).await {
                Ok(()) => admitted.push(name.clone()),
                Err(halt) => refused = Some(halt),
            }
        }
        match (admitted.is_empty(), refused) {
            (false, _) => Ok(admitted),
            (true, Some(halt)) => Err(halt),
            (true, None) => {
                Err(Ending::new(Reason::NotPermitted, "no environment is configured").into())
            }
        }
    }

    /// The event is old news: what counts is what the comment says now, and who is behind it.
    async fn is_unchanged(&self) -> Clear {
        let heard = self.heard;
        let now = self.talk.again().await.map_err(|error| unsure(&error))?;
        let changed = |how: &str| {
            let message = format!("the comment {how} since it was written");
            Err(Ending::new(Reason::CommentChanged, message).into())
        };
        let Some(now) = now else { return changed("was taken away") };
        let is_theirs = now.author.is_some_and(|author| author.is_same(&heard.author));
        match (now.body == heard.remark.body, is_theirs) {
            (true, true) => Ok(()),
            (false, _) => changed("was edited"),
            (true, false) => changed("has got another author"),
        }
    }

    /// Returns the comment's author, and whoever ran this again.
    async fn people(&self) -> Step<Vec<Person>> {
        let mut people = vec![self.person(&self.heard.author).await?];
        match &self.rules.attempt {
            Attempt::First => {}
            Attempt::Again(Some(login)) if login.is_same(&self.heard.author) => {}
            Attempt::Again(Some(login)) => people.push(self.person(login).await?),
            Attempt::Again(None) => {
                let message = "this was run again, and it is not known by whom";
                return Err(Ending::new(Reason::NotPermitted, message).into());
            }
        }
        Ok(people)
    }

    async fn person(&self, login: &Login) -> Step<Person> {
        let role = self.talk.role(login).await.map_err(|error| unsure(&error))?;
        Ok(Person { login: login.clone(), role, teams: Vec::new() })
    }

    async fn may(&self, people: &mut [Person], demand: &Demand) -> Clear {
        for person in people.iter() {
            if person.role < demand.role {
                let (has, takes) = (person.role.as_str(), demand.role.as_str());
                let message =
                    format!("`{}` has the role `{has}`, and this takes `{takes}`", person.login);
                return Err(Ending::new(Reason::NotPermitted, message).into());
            }
        }
        for person in people {
            self.is_in_a_team(person, &demand.teams).await?;
        }
        Ok(())
    }

    async fn is_in_a_team(&self, person: &mut Person, teams: &[Team]) -> Clear {
        for team in teams {
            let known = person.teams.iter().find(|(known, _)| known == team);
            let is_in = if let Some((_, is_in)) = known {
                *is_in
            } else {
                let asked = self.talk.is_in(team, &person.login).await;
                let is_in = asked.map_err(|error| unsure(&error))?;
                person.teams.push((team.clone(), is_in));
                is_in
            };
            if is_in {
                return Ok(());
            }
        }
        if teams.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = teams.iter().map(|team| format!("`{team}`")).collect();
        let message = format!("`{}` is in none of the teams {}", person.login, names.join(", "));
        Err(Ending::new(Reason::NotPermitted, message).into())
    }

    /// Only the default branch's configuration counts, and only its scripts are run.
    pub(super) async fn is_trusted(&self) -> Clear {
        let checkout = &self.rules.checkout;
        let not = |message: String| Err(Ending::new(Reason::NotDefaultBranch, message).into());
        let Some(file) = &checkout.file else {
            return not("the configuration lies in no checkout of the repository".to_owned());
        };
        let theirs = self.talk.file(file).await.map_err(|error| unsure(&error))?;
        if theirs.as_ref() != Some(&checkout.bytes) {
            return not(format!("`{file}` here is not that of `{}`", self.heard.default_branch));
        }
        let Some(head) = &checkout.head else {
            return not("no commit is checked out here".to_owned());
        };
        if checkout.told.as_ref() == Some(head) {
            return Ok(());
        }
        let branch = &self.heard.default_branch;
        match self.lineage.descent(head, &Branch::Named(branch.clone())).await {
            Descent::Part => Ok(()),
            Descent::Apart => {
                not(format!("{} is checked out, and is not on `{branch}`", head.short()))
            }
            Descent::Unknown(why) => not(format!(
                "{} is checked out, and it is not known whether it is on `{branch}`: {why}",
                head.short()
            )),
        }
    }
}
