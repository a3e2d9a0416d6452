//! The suite itself: each driver that breaks a promise is found.

use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::adapters::process::{Program, Trouble};
use crate::domain::sighting::Sighting;
use crate::error::Result as Done;
use crate::ports::{Driven, Site};

mod command;
mod programs;

/// What a driver does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    StartsAnew,
    TellsWhatItWasTold,
    UndoesNothing,
    UsesAShell,
    TakesTextForFlags,
    HidesACommand,
    IsNotPlanned,
    BelievesAnyone,
    SaysNothing,
    StopsNothing,
}

/// Brings a file to a version by `sh`, in one of many wrong ways.
struct FileDriver {
    folder: PathBuf,
    program: Program,
    flaw: Flaw,
}

impl FileDriver {
    fn args(&self, version: &str) -> Vec<String> {
        let anew = if self.flaw == Flaw::StartsAnew { "echo >>began;" } else { "" };
        let script = format!("[ \"$2\" = \"$(cat version)\" ] || echo >>began; {anew}");
        match self.flaw {
            Flaw::UsesAShell => ["-c", &format!("echo '' >>began; printf {version} >version")]
                .map(str::to_owned)
                .into(),
            Flaw::TakesTextForFlags => {
                ["-c", "printf '%s' \"$0\" >version", version].map(str::to_owned).into()
            }
            _ => ["-c", &format!("{script} printf '%s' \"$2\" >version"), "put", "--", version]
                .map(str::to_owned)
                .into(),
        }
    }
}

#[async_trait]
impl Driver for FileDriver {
    fn plan(&self, drive: &Drive) -> Vec<String> {
        match self.flaw {
            Flaw::IsNotPlanned => vec!["something".to_owned()],
            _ => vec![self.program.shown(&self.args(&drive.to.version))],
        }
    }

    async fn current(&self, _: &Site) -> Done<Running> {
        let file = if self.flaw == Flaw::TellsWhatItWasTold { "told" } else { "version" };
        let version = std::fs::read_to_string(self.folder.join(file)).ok();
        Ok(version.map_or(Running::Nothing, |version| {
            Running::Seen(Sighting { version: Some(version), ..Sighting::default() })
        }))
    }

    async fn apply(&self, drive: &Drive) -> Done<Driven> {
        let version = &drive.to.version;
        std::fs::write(self.folder.join("told"), version).unwrap();
        if self.flaw == Flaw::HidesACommand {
            let _ = self.program.run(&["-c", "put=1", "put"]).await;
        }
        match self.program.run(&self.args(version)).await {
            Ok(_) => Ok(Driven { message: String::new() }),
            Err(_) if self.flaw == Flaw::BelievesAnyone => Ok(Driven { message: String::new() }),
            Err(Trouble::Broken(_)) if self.flaw == Flaw::SaysNothing => Err(Error::failed("no")),
            Err(trouble) => Err(self.program.failed("could not put it", &trouble)),
        }
    }

    async fn undo(&self, drive: &Drive) -> Done<Driven> {
        match drive.reversed().filter(|_| self.flaw != Flaw::UndoesNothing) {
            Some(back) => self.apply(&back).await,
            None if self.flaw == Flaw::UndoesNothing => Ok(Driven { message: String::new() }),
            None => Err(Error::failed("there is nothing to put back")),
        }
    }

    fn plan_removal(&self, _: &Drive) -> Done<Vec<String>> {
        Ok(vec!["rm version".to_owned()])
    }

    async fn remove(&self, _: &Drive) -> Done<Driven> {
        for file in ["told", "version"].into_iter().filter(|_| self.flaw != Flaw::StopsNothing) {
            let _ = std::fs::remove_file(self.folder.join(file));
        }
        Ok(Driven { message: String::new() })
    }
}

struct FileStage {
    folder: TempDir,
    flaw: Flaw,
    departures: Vec<Departure>,
}

#[async_trait]
impl Stage for FileStage {
    fn driver(&self, program: &str, timeout: Duration) -> Box<dyn Driver> {
        let folder = self.folder.path().to_owned();
        let program = Program::new(program, folder.clone(), Vec::new()).timeout(timeout);
        Box::new(FileDriver { folder, program, flaw: self.flaw })
    }

    fn program(&self) -> Option<String> {
        Some("/bin/sh".to_owned())
    }

    fn changing(&self) -> &'static [&'static str] {
        &["put"]
    }

    fn departures(&self) -> Vec<Departure> {
        self.departures.clone()
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    async fn runs(&self) -> Option<String> {
        std::fs::read_to_string(self.folder.path().join("version")).ok()
    }

    async fn incarnation(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("began")).unwrap_or_default()
    }
}

async fn broken(flaw: Flaw) -> Vec<String> {
    departing(flaw, &[]).await
}

async fn departing(flaw: Flaw, departures: &[Departure]) -> Vec<String> {
    let departures = departures.to_vec();
    let stage = FileStage { folder: tempfile::tempdir().unwrap(), flaw, departures };
    let broken = promises::broken(&stage).await;
    broken.iter().filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect()
}

#[tokio::test]
async fn a_driver_that_keeps_its_promises_passes() {
    assert_eq!(broken(Flaw::None).await, [""; 0]);
}

#[tokio::test]
async fn each_broken_promise_is_found() {
    let table = [
        (Flaw::StartsAnew, "driving twice ends as once"),
        (Flaw::TellsWhatItWasTold, "what changes nothing is seen"),
        (Flaw::UndoesNothing, "undoing puts back"),
        (Flaw::UndoesNothing, "nothing to put back is said"),
        (Flaw::UsesAShell, "text stays text"),
        (Flaw::TakesTextForFlags, "text stays text"),
        (Flaw::HidesACommand, "the plan names what is run"),
        (Flaw::IsNotPlanned, "the plan names what is run"),
        (Flaw::BelievesAnyone, "what hangs is killed whole"),
        (Flaw::SaysNothing, "what is missing is named"),
        (Flaw::StopsNothing, "what is stopped runs no more"),
    ];
    for (flaw, promise) in table {
        let broken = broken(flaw).await;
        assert!(broken.iter().any(|found| found == promise), "{flaw:?} breaks {broken:?}");
    }
}

#[tokio::test]
async fn a_departure_is_from_a_promise_that_there_is_and_that_is_not_kept() {
    let departure = (PLANS, "it plans in words");
    assert_eq!(departing(Flaw::IsNotPlanned, &[departure]).await, [""; 0]);
    assert_eq!(departing(Flaw::None, &[departure]).await, [PLANS]);
    let unknown = ("it sings", "it cannot");
    assert_eq!(departing(Flaw::None, &[unknown]).await, ["it sings"]);
}
