//! The page of endings lists every reason, as the code has it.

use lastgood::domain::ending::{Outcome, Reason};

use super::{holds_generated, page};

fn outcomes() -> Vec<Outcome> {
    let mut all: Vec<Outcome> = Vec::new();
    for reason in Reason::ALL {
        if !all.contains(&reason.outcome()) {
            all.push(reason.outcome());
        }
    }
    all.sort_by_key(|outcome| outcome.exit_code());
    all
}

fn table() -> String {
    outcomes().into_iter().map(section).collect()
}

fn section(outcome: Outcome) -> String {
    let of = Reason::ALL.iter().filter(|reason| reason.outcome() == outcome);
    let rows: String = of.map(|reason| row(*reason)).collect();
    let (code, word) = (outcome.exit_code(), outcome.as_str());
    format!(
        "### {code} `{word}`\n\n| reason | what it means | what to do |\n|---|---|---|\n{rows}\n"
    )
}

fn row(reason: Reason) -> String {
    let (meaning, next) = (cell(reason.meaning()), cell(reason.next()));
    format!("| `{}` | {meaning} | {next} |\n", reason.code())
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn the_page_of_endings_lists_every_reason() {
    holds_generated("endings.md", "reasons", &table());
}

#[test]
fn every_exit_code_from_0_to_8_has_its_place_on_the_page() {
    let codes: Vec<u8> = outcomes().into_iter().map(Outcome::exit_code).collect();
    assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn the_page_of_recovery_knows_every_reason_that_needs_help() {
    let recovery = page("recovery.md");
    let helped = Reason::ALL.iter().filter(|reason| reason.outcome() == Outcome::NeedsHelp);
    for reason in helped {
        assert!(recovery.contains(&format!("`{}`", reason.code())), "{}", reason.code());
    }
}

#[test]
fn the_codes_of_the_bootstrap_are_on_the_page() {
    let bootstrap = include_str!("../../../action/bootstrap.sh");
    let page = page("endings.md");
    let mut codes = 0;
    for result in ["failed", "invalid"] {
        let call = format!("fail {result} ");
        let calls = bootstrap.split(&call).skip(1);
        for code in calls.filter_map(|call| call.split_whitespace().next()) {
            let row = format!("| `{code}` | `{result}` |");
            assert!(page.contains(&row), "docs/endings.md has no row {row}");
            codes += 1;
        }
    }
    assert!(codes > 0, "the bootstrap names its reasons in another way now");
}
