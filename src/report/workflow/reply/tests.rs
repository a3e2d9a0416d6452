//! What is said in a thread speaks for us alone.

use super::super::super::samples;
use super::*;
use crate::domain::moved::{Between, Way};
use crate::domain::names::Commit;
use crate::domain::outcome::DeploymentTold;

fn thread(line: &str) -> Thread {
    Thread {
        prefix: Prefix::default(),
        line: line.to_owned(),
        by: "octocat".to_owned(),
        run: Some("https://github.example/octo/shop/actions/runs/9".to_owned()),
        repository: "https://github.example/octo/shop".to_owned(),
    }
}

fn moved(way: Way, total: usize, subjects: &[&str]) -> Moved {
    let listed = |(n, subject): (usize, &&str)| (format!("{n:010x}"), (*subject).to_owned());
    let commits = subjects.iter().enumerate().map(listed).collect();
    let [after, upto] = ["a", "b"].map(|digit| Commit::new(digit.repeat(40)).unwrap());
    Moved { way, after, upto, between: Some(Between { commits, total }) }
}

fn page_of_moved() -> String {
    let [after, upto] = ["a", "b"].map(|digit| digit.repeat(40));
    format!("https://github.example/octo/shop/compare/{after}...{upto}")
}

#[test]
fn what_is_under_way_says_what_and_where() {
    assert_eq!(
        thread("/rollback production").begun(),
        "`/rollback production` by octocat is being done.\n\n\
         [run](https://github.example/octo/shop/actions/runs/9)\n"
    );
}

#[test]
fn what_is_over_tells_the_commits_that_went_and_the_next_command() {
    let mut outcome = samples::fled();
    outcome.ending = Ending::new(Reason::Returned, "rolled back `production` from 3 to 2");
    let mut moved = moved(Way::Undone, 23, &["Sell more", "Sell less"]);
    let told = thread("/rollback production").ended(
        &samples::context("rollback"),
        Ok(&outcome),
        Some(&moved),
    );
    assert!(told.contains("**Next:** `/cancel production` undoes it"), "{told}");
    let page = page_of_moved();
    let list = format!(
        "### Undone: [23 commits]({page})\n\n- `0000000000` Sell more\n- `0000000001` Sell less\n- and 21 more\n"
    );
    assert!(told.contains(&list), "{told}");
    assert!(told.contains("(https://github.example/octo/shop/tree/deploy/production/"), "{told}");
    moved.between = None;
    let told = thread("/rollback production").ended(
        &samples::context("rollback"),
        Ok(&outcome),
        Some(&moved),
    );
    let link = format!("### Undone: [all after aaaaaaaaaa up to bbbbbbbbbb]({page})\n");
    assert!(told.contains(&link), "{told}");
}

#[test]
fn what_broke_is_told_with_its_cause() {
    let error = crate::error::Error::unreachable("could not read the ledger").because("no route");
    let told = thread("/status x").ended(&samples::context("status"), Err(&error), None);
    assert!(told.contains("could not read the ledger") && told.contains("no route"), "{told}");
}

#[test]
fn a_request_tells_the_very_comment_that_approves_it() {
    let mut outcome = samples::status();
    if let More::Status(status) = &outcome.more {
        let request = Box::new(status.requests[0].clone());
        outcome.more = More::Requested { request };
    }
    outcome.ending = Ending::new(Reason::NeedsApproval, "one other must approve it");
    let told =
        thread("/rollback production").ended(&samples::context("rollback"), Ok(&outcome), None);
    assert!(told.contains("**Next:** another person who may writes `/approve 0"), "{told}");
}

#[test]
fn a_mistake_is_told_with_what_would_be_right() {
    let mistake = Mistake { environment: None, why: "it takes an environment and nothing else" };
    let told = thread("/status production now").mistaken(&mistake);
    assert!(told.starts_with("`/status production now` is no command. It takes an environment"));
    assert!(told.contains("- `/rollback ENV [SERVICE] [to TARGET] [because TEXT]`\n"), "{told}");
    assert!(told.contains("- `/lastgood help`\n"), "{told}");
}

#[test]
fn nothing_foreign_mentions_links_or_formats() {
    let evil = "@octo/all `x` <!-- --> </details> [a](https://evil.example) #1 \u{202e}";
    let moved = moved(Way::Redone, 1, &[evil]);
    let DeploymentTold { .. } = samples::recorded().deployment.unwrap();
    let mut all = vec![
        thread(evil).begun(),
        thread(evil).mistaken(&Mistake { environment: None, why: "it is no command" }),
    ];
    for outcome in samples::poisoned(evil) {
        let context = samples::context("rollback");
        all.push(thread(evil).ended(&context, Ok(&outcome), Some(&moved)));
    }
    for told in all {
        for bad in ["@octo", "<!--", "</details>", "](https://evil", "\u{202e}"] {
            let outside: String = told.split('`').step_by(2).collect();
            assert!(!outside.contains(bad), "{bad} in {told}");
        }
        assert!(!told.contains('\u{202e}'));
    }
}
