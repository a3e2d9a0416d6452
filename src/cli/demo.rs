//! The whole story in a temporary folder: two good deployments, a sick one, and the way back.

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
        None => play(args, voice).await,
    };
    match played {
        Ok(()) => 0,
        Err(error) => {
            voice.error(&Context { command: "demo", environment: None }, &error);
            super::run::exit_code(error.kind())
        }
    }
}

async fn play(args: &DemoArgs, voice: Voice) -> Result<()> {
    let mut stage = Stage::build(voice).await?;
    let told = tell(&stage).await;
    if args.keep {
        let folder = stage.keep();
        voice.plain(&kept(&folder.0, folder.1));
    } else {
        stage.clear().await;
    }
    told
}

async fn tell(stage: &Stage) -> Result<()> {
    stage.say("A team deploys 1.0 of its shop, which is good.");
    stage.deploy("1.0", Health::Good, 0).await?;
    stage.say("Then 1.1, which is good too.");
    stage.deploy("1.1", Health::Good, 0).await?;
    stage.say("Then 2.0. It starts, and answers every request with an error.");
    stage.deploy("2.0", Health::Sick, 4).await?;
    stage.say("The gate failed, and lastgood went back. What answers now?");
    let answer = stage.ask_service().await?;
    stage.show("curl http://shop.example/health", &answer);
    if !answer.contains("\"1.1\"") {
        return Err(Error::failed(format!("the service answered `{answer}`, not version 1.1")));
    }
    stage.say("The history is in the team's own repository.");
    stage.lastgood(&["history"], 0).await?;
    stage.say("So the last stable commit needs no tool but git:");
    stage
        .git(&[
            "ls-remote",
            "--refs",
            "--sort=-v:refname",
            "origin",
            "refs/tags/stable/production/*",
        ])
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
