//! What holds of all that a workflow is told.

use lastgood::domain::check::{Answered, Weight};
use lastgood::domain::ending::{Ending, Reason};
use lastgood::domain::gate::{CheckResult, Ending as CheckEnding};
use lastgood::domain::names::Environment;
use lastgood::domain::outcome::{Context, GateTold, Outcome};
use lastgood::domain::text::is_unprintable;
use lastgood::domain::verdict::Verdict;
use lastgood::error::Error;
use lastgood::report::workflow::{
    Besides, Ended, annotations, dotenv, guard, outputs, summary, ticket, write_outputs,
};

const DRAWN: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// Checks an outcome and an error that are full of one text.
pub fn holds(data: &[u8]) {
    let foreign = String::from_utf8_lossy(data);
    let production = Environment::new("production").unwrap();
    let context = Context { command: "verify".into(), environment: Some(production.clone()) };
    let outcome = outcome(&foreign);
    let error = Error::failed(foreign.as_ref()).because(foreign.as_ref()).hint(foreign.as_ref());
    for ended in [Ok(&outcome), Err(&error)] {
        outputs_stay_apart(&context, ended, &foreign);
        annotations_stay_commands(&context, ended);
        is_plain_markdown(&summary(&context, ended, &Besides::default()));
    }
    let page = ticket(&production, &outcome, None);
    is_plain_markdown(&page.farewell);
    is_plain_markdown(page.body.split_once("-->").unwrap().1);
    if let Ok(text) = guard(foreign.lines(), DRAWN) {
        assert_eq!(text.matches(DRAWN).count(), 2);
        assert!(text.ends_with(&format!("::{DRAWN}::\n")));
    }
}

fn outcome(foreign: &str) -> Outcome {
    let text = || foreign.to_owned();
    let check = CheckResult {
        name: text(),
        service: None,
        kind: text(),
        outcome: CheckEnding::Fail,
        message: text(),
        value: Some(text()),
        limit: Some(text()),
        attempts: 1,
        passes: 0,
        fails: 1,
        inconclusives: 0,
        errors: 0,
        duration_ms: 1,
        weight: Weight::Required,
        answered: Answered::Expected,
    };
    let gate = GateTold { verdict: Verdict::Unhealthy, checks: vec![check], marked_stable: false };
    let ending = Ending::new(Reason::NotAsked, text()).next(text());
    Outcome { gate: Some(gate), ..Outcome::ended(ending) }
}

fn outputs_stay_apart(context: &Context, ended: Ended<'_>, foreign: &str) {
    let mut told = outputs(context, ended, "out.json");
    told.push(("foreign".to_owned(), foreign.to_owned()));
    let lines = dotenv(&told);
    assert_eq!(lines.lines().count(), told.len(), "{lines:?}");
    assert!(lines.lines().all(|line| line.starts_with("LASTGOOD_")), "{lines:?}");
    if let Ok(file) = write_outputs(&told, DRAWN) {
        let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names_in(&file), names, "{file:?}");
    }
}

/// Reads an output file as the runner does.
fn names_in(file: &str) -> Vec<&str> {
    let mut lines = file.lines();
    let mut names = Vec::new();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap();
        assert!(lines.by_ref().any(|line| line == delimiter), "`{name}` never ends");
        names.push(name);
    }
    names
}

fn annotations_stay_commands(context: &Context, ended: Ended<'_>) {
    for line in annotations(context, ended) {
        assert!(!line.contains(is_unprintable), "{line:?}");
        assert!(!line.contains("##["), "{line:?}");
        assert!(line.chars().count() <= 4_096, "{line:?}");
        assert_eq!(line.split("::").nth(1).unwrap().matches(',').count(), 0, "{line:?}");
    }
}

/// Tags of ours stand alone on their lines, or are these.
const TAGS: [&str; 2] = ["<pre>", "</pre>"];

fn is_plain_markdown(page: &str) {
    assert!(!page.contains(|c| c != '\n' && is_unprintable(c)), "{page:?}");
    let mut verbatim = false;
    for line in page.lines() {
        let bare = TAGS.iter().fold(line.to_owned(), |line, tag| line.replace(tag, ""));
        assert!(!bare.contains('<') || without_code(&bare).find('<').is_none(), "{line:?}");
        verbatim |= line.contains("<pre>");
        if !verbatim {
            names_nobody(&without_code(line));
        }
        verbatim &= !line.contains("</pre>");
    }
}

/// Neither a person nor an address is linked to.
fn names_nobody(line: &str) {
    for (at, _) in line.match_indices('@') {
        assert!(line[..at].ends_with('\\') && line[at + 1..].starts_with("&#8203;"), "{line:?}");
    }
    assert!(!line.contains("://"), "{line:?}");
}

/// Returns a line with a blank for each of its code spans, which keep apart what stands around them.
fn without_code(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend([c].into_iter().chain(chars.next())),
            '`' => {
                assert!(chars.by_ref().any(|c| c == '`'), "a code span never ends: {line:?}");
                out.push(' ');
            }
            c => out.push(c),
        }
    }
    out
}
