//! Each promise by itself, with what breaks it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::programs::Stand;
use super::{Departure, OF_PROGRAMS, PATIENCE, PLANS, Stage, called, told, usual};
use crate::domain::names::Service;
use crate::error::Error;
use crate::ports::{Availability, Drive};

/// The times that one has which hangs; the next one where it was not even started within the last.
const SHORT: [Duration; 3] =
    [Duration::from_millis(500), Duration::from_secs(5), Duration::from_secs(20)];

/// Texts that are something else to a shell, a flag parser, a path, a template or a line reader.
const TEXTS: [&str; 12] = [
    "--help",
    "-zq9",
    "1.0; touch touched",
    "$(touch touched)",
    "`touch touched`",
    "../../touched",
    "/etc/passwd",
    "1.0 --force",
    "1.0\n--force",
    "{{.}} ${HOME} %n %h",
    "\"'\\",
    "1.0,other=2",
];

/// Texts that are nothing but words.
const PLAIN: [&str; 2] = ["plainword", "otherword"];

/// What stands in a call where the text was.
const MARK: &str = "\u{2423}";

/// Returns what is broken, each with its promise.
pub(super) async fn broken(stage: &impl Stage) -> Vec<String> {
    let mut all = Vec::new();
    let mut departures = stage.departures();
    let mut hold = |promise: &str, kept: Result<(), String>| {
        all.extend(complaint(promise, kept, &mut departures));
    };
    hold("what was brought is told", brings(stage).await);
    hold("driving twice ends as once", twice(stage).await);
    hold("undoing puts back", undoes(stage).await);
    hold("nothing to put back is said", undoes_nothing(stage).await);
    hold("what is stopped runs no more", removes(stage).await);
    hold("text stays text", texts(stage).await);
    if let Some(real) = stage.program() {
        hold(PLANS, plans(stage, &real).await);
        hold("what changes nothing is seen", unchanged(stage, &real).await);
        hold("what hangs is killed whole", hangs(stage).await);
        hold("what is missing is named", missing(stage).await);
    } else {
        for promise in OF_PROGRAMS {
            hold(promise, Err("it runs no program".to_owned()));
        }
    }
    all.extend(departures.into_iter().map(|(promise, _)| format!("{promise}: nobody promises it")));
    all
}

/// Says what is wrong: a promise is broken, or is kept by one that says that it cannot be.
fn complaint(
    promise: &str,
    kept: Result<(), String>,
    departures: &mut Vec<Departure>,
) -> Option<String> {
    let departure = departures.iter().position(|(departed, _)| *departed == promise);
    match (kept, departure.map(|at| departures.swap_remove(at))) {
        (Err(why), None) => Some(format!("{promise}: {why}")),
        (Ok(()), Some((_, why))) => Some(format!("{promise}: it is kept, although {why}")),
        (Err(_), Some(_)) | (Ok(()), None) => None,
    }
}

async fn bring(stage: &impl Stage, to: &str, from: &str) -> Result<Drive, String> {
    let drive = stage.drive(to, Some(from)).await;
    let driver = usual(stage);
    match driver.available(&drive).await.map_err(|error| error.whole())? {
        Availability::There | Availability::Untold => {}
        Availability::Missing(why) => return Err(format!("`{to}` is said to be missing: {why}")),
    }
    driver.apply(&drive).await.map_err(|error| error.whole())?;
    Ok(drive)
}

async fn is_there(stage: &impl Stage, drive: &Drive) -> Result<(), String> {
    let wanted = Some(called(&drive.to).to_owned());
    let (told, runs) = (told(stage, drive).await?, stage.runs().await);
    if told == wanted && runs == wanted {
        return Ok(());
    }
    Err(format!("{wanted:?} was brought, {told:?} is told and {runs:?} runs"))
}

async fn brings(stage: &impl Stage) -> Result<(), String> {
    for (to, from) in [("1.0", "2.0"), ("2.0", "1.0")] {
        let drive = bring(stage, to, from).await?;
        is_there(stage, &drive).await?;
    }
    Ok(())
}

async fn twice(stage: &impl Stage) -> Result<(), String> {
    bring(stage, "1.0", "2.0").await?;
    let once = stage.incarnation().await;
    let drive = bring(stage, "1.0", "2.0").await?;
    is_there(stage, &drive).await?;
    let again = stage.incarnation().await;
    if once == again { Ok(()) } else { Err(format!("it was `{once}` and is `{again}`")) }
}

async fn undoes(stage: &impl Stage) -> Result<(), String> {
    bring(stage, "1.0", "2.0").await?;
    let drive = bring(stage, "2.0", "1.0").await?;
    usual(stage).undo(&drive).await.map_err(|error| error.whole())?;
    is_there(stage, &stage.drive("1.0", None).await).await
}

async fn undoes_nothing(stage: &impl Stage) -> Result<(), String> {
    let drive = stage.drive("1.0", None).await;
    let undone = usual(stage).undo(&drive).await;
    undone.map_or(Ok(()), |_| Err("it was undone all the same".to_owned()))
}

/// One that cannot stop what it started says so beforehand, and touches nothing.
async fn removes(stage: &impl Stage) -> Result<(), String> {
    let drive = bring(stage, "1.0", "2.0").await?;
    let driver = usual(stage);
    if driver.plan_removal(&drive).is_err() {
        let removed = driver.remove(&drive).await;
        removed.map_or(Ok(()), |_| Err("it was stopped all the same".to_owned()))?;
        return is_there(stage, &drive).await;
    }
    for _ in ["once", "twice"] {
        driver.remove(&drive).await.map_err(|error| error.whole())?;
        let (told, runs) = (told(stage, &drive).await?, stage.runs().await);
        if told.is_some() || runs.is_some() {
            return Err(format!("it was stopped, {told:?} is told and {runs:?} runs"));
        }
    }
    let drive = bring(stage, "1.0", "2.0").await?;
    is_there(stage, &drive).await
}

/// A text may be refused; else it is one value wherever it goes, and comes back as it was.
async fn texts(stage: &impl Stage) -> Result<(), String> {
    let touched = stage.folder().join("touched");
    let mut tame = BTreeSet::new();
    for text in PLAIN {
        let drive = stage.drive(text, Some("1.0")).await;
        tame.extend(transcript(stage, &drive, text).await.0);
    }
    for text in TEXTS {
        let before = stage.runs().await;
        let drive = stage.drive(text, Some("1.0")).await;
        let (calls, went) = transcript(stage, &drive, text).await;
        check(&tame, calls, text)?;
        match went {
            true => is_there(stage, &drive).await?,
            false if stage.runs().await != before => {
                return Err(format!("`{text}` was refused too late"));
            }
            false => {}
        }
        let Ok(service) = Service::new(text) else { continue };
        let drive = Drive { service, ..stage.drive(PLAIN[0], Some("1.0")).await };
        check(&tame, transcript(stage, &drive, text).await.0, text)?;
        if touched.exists() {
            return Err(format!("`{text}` was run"));
        }
    }
    bring(stage, "1.0", "2.0").await.map(drop)
}

/// Returns the calls that were made, with the text made unrecognisable, and whether it went well.
async fn transcript(stage: &impl Stage, drive: &Drive, text: &str) -> (Vec<Vec<String>>, bool) {
    let Some(real) = stage.program() else {
        return (Vec::new(), usual(stage).apply(drive).await.is_ok());
    };
    let stand = Stand::recorder(stage.folder(), &real);
    let went = stage.driver(&stand.path, PATIENCE).apply(drive).await.is_ok();
    let mut calls = stand.calls();
    for word in calls.iter_mut().flatten() {
        *word = stage.steady(&word.replace(text, MARK).replace(PLAIN[0], MARK));
    }
    (calls, went)
}

fn check(tame: &BTreeSet<Vec<String>>, calls: Vec<Vec<String>>, text: &str) -> Result<(), String> {
    for call in calls {
        let bare = call.iter().position(|word| word.starts_with(MARK));
        let ends = call.iter().position(|word| word == "--");
        let flag = text.starts_with('-') && bare.is_some_and(|at| ends.is_none_or(|end| end > at));
        if flag || !tame.contains(&call) {
            return Err(format!("`{text}` makes it run {call:?}"));
        }
    }
    Ok(())
}

async fn plans(stage: &impl Stage, real: &str) -> Result<(), String> {
    bring(stage, "1.0", "2.0").await?;
    let stand = Stand::recorder(stage.folder(), real);
    let (driver, drive) =
        (stage.driver(&stand.path, PATIENCE), stage.drive("2.0", Some("1.0")).await);
    let plan = driver.plan(&drive);
    if !stand.calls().is_empty() {
        return Err("planning ran something".to_owned());
    }
    driver.apply(&drive).await.map_err(|error| error.whole())?;
    let changes = |call: &Vec<String>| {
        let words = stage.changing();
        words.is_empty() || call.iter().any(|word| words.contains(&word.as_str()))
    };
    let ran: Vec<String> = stand
        .calls()
        .into_iter()
        .filter(changes)
        .map(|call| shell_words::join(std::iter::once(&stand.path).chain(&call)))
        .collect();
    let lines: Vec<_> = plan.iter().filter_map(|line| command(line, &stand.path)).collect();
    let unplanned = ran.iter().find(|ran| !lines.iter().any(|(line, _)| line == ran));
    let unrun = lines.iter().find(|(line, must)| *must && !ran.iter().any(|ran| ran == line));
    match (unplanned, unrun) {
        (None, None) if lines.is_empty() => Err(format!("no command is in {plan:?}")),
        (None, None) => Ok(()),
        (Some(ran), _) => Err(format!("`{ran}` was run and is not in {plan:?}")),
        (None, Some((line, _))) => Err(format!("`{line}` is planned and was not run")),
    }
}

/// Returns the command of a plan's line, and whether it is run in any case: a remark says when it is not.
fn command<'a>(line: &'a str, program: &str) -> Option<(&'a str, bool)> {
    let line = &line[line.find(program)?..];
    let (line, must) = line.split_once(" # ").map_or((line, true), |(line, _)| (line, false));
    // What comes after this is its standard input.
    Some((line.split(" <<< ").next().unwrap_or(line), must))
}

async fn unchanged(stage: &impl Stage, real: &str) -> Result<(), String> {
    bring(stage, "1.0", "2.0").await?;
    let stand = Stand::liar(stage.folder(), real, stage.changing());
    let drive = stage.drive("2.0", Some("1.0")).await;
    let applied = stage.driver(&stand.path, PATIENCE).apply(&drive).await;
    let told = told(stage, &drive).await?;
    // What is left in the middle of the way is brought there by driving once more.
    let drive = bring(stage, "2.0", "1.0").await?;
    is_there(stage, &drive).await?;
    match applied {
        Ok(_) if told.as_deref() == Some("2.0") => {
            Err("it is told to run what was never started".to_owned())
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn hangs(stage: &impl Stage) -> Result<(), String> {
    let stand = Stand::hanging(stage.folder());
    let (began, drive) = (Instant::now(), stage.drive("1.0", Some("2.0")).await);
    let mut applied = Err(Error::failed("nothing was tried"));
    for short in SHORT {
        applied = stage.driver(&stand.path, short).apply(&drive).await;
        if stand.ran() {
            break;
        }
    }
    let Err(error) = applied else { return Err("it went well".to_owned()) };
    let (survivors, error) = (stand.survivors()?, error.whole());
    if began.elapsed() > PATIENCE || !error.contains("did not end within") {
        return Err(format!("after {:?} it said: {error}", began.elapsed()));
    }
    if survivors.is_empty() { Ok(()) } else { Err(format!("{survivors:?} are left")) }
}

async fn missing(stage: &impl Stage) -> Result<(), String> {
    let (stand, drive) = (Stand::missing(stage.folder()), stage.drive("1.0", Some("2.0")).await);
    let before = stage.runs().await;
    match stage.driver(&stand.path, PATIENCE).apply(&drive).await {
        Ok(_) => Err("it went well".to_owned()),
        Err(error) if !error.whole().contains("no-such-program") || error.hints().is_empty() => {
            Err(format!("it said: {}, {:?}", error.whole(), error.hints()))
        }
        Err(_) if stage.runs().await != before => Err("something was changed before".to_owned()),
        Err(_) => Ok(()),
    }
}
