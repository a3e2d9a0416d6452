//! Plays the whole story in a temporary folder.

mod serve;
mod stage;

use std::path::Path;

use super::tell::Voice;
use super::verbs::DemoArgs;
use crate::domain::outcome::Context;
use crate::error::{Error, Result};

use stage::Stage;

/// Runs the demo and returns the exit code.
pub async fn run(args: &DemoArgs, voice: Voice) -> u8 {
    let played = match &args.serve {
        Some(folder) => serve::serve(folder).await,
        None => play(args).await,
    };
    match played {
        Ok(()) => 0,
        Err(error) => {
            voice.error(&Context { command: "demo".into(), environment: None }, &error);
            super::run::exit_code(error.kind())
        }
    }
}

async fn play(args: &DemoArgs) -> Result<()> {
    let mut stage = Stage::build().await?;
    let told = tell(&stage).await;
    if args.keep {
        let folder = stage.keep();
        Voice::plain(&kept(&folder.0, folder.1));
    } else {
        stage.clear().await;
    }
    told
}

async fn tell(stage: &Stage) -> Result<()> {
    Stage::say("A team deploys 1.0 of its shop, which is good.");
    stage.deploy("1.0", Health::Good, 0).await?;
    Stage::say("Then 1.1, which is good too.");
    stage.deploy("1.1", Health::Good, 0).await?;
    Stage::say("Then 2.0. It starts, and answers every request with an error.");
    stage.deploy("2.0", Health::Sick, 4).await?;
    Stage::say("The gate failed, and lastgood went back. What answers now?");
    let answer = stage.ask_service().await?;
    Stage::show("curl http://shop.example/health", &answer);
    if !answer.contains("\"1.1\"") {
        return Err(Error::failed(format!("the service answered `{answer}`, not version 1.1")));
    }
    Stage::say("The history is in the team's own repository.");
    stage.lastgood(&["history"], 0).await?;
    Stage::say("So the last stable commit needs no tool but git:");
    stage
        .git(&["ls-remote", "--sort=-v:refname", "origin", "refs/tags/stable/production/*^{}"])
        .await?;
    stage.git(&["fetch", "-q", "origin", "refs/notes/lastgood/*:refs/notes/lastgood/*"]).await?;
    stage.git(&["log", "--oneline", "--notes=lastgood/*", "-1", "HEAD~1"]).await
}

/// Whether a version of the demo's service is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Good,
    Sick,
}

fn kept(folder: &Path, service: u32) -> String {
    format!(
        "\nLeft to play with: {}\nThe service is process {service}; stop it with: kill {service}\n",
        folder.join("shop").display()
    )
}
