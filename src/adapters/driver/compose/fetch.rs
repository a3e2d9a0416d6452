//! Finds an image here or in its registry, and gets it.

use super::image::{Image, Local};
use super::{ComposeDriver, Pull};
use crate::adapters::process::Trouble;
use crate::error::{Error, Result};
use crate::ports::Drive;

impl ComposeDriver {
    /// Returns the image as it is here, where one that is here will do.
    pub(super) async fn here(&self, image: &Image) -> Result<Option<Local>, Trouble> {
        match self.settings.pull {
            Pull::Missing => self.local(image).await,
            Pull::Always => Ok(None),
        }
    }

    /// Returns the image, after it was pulled where none was found here.
    pub(super) async fn fetched(
        &self,
        drive: &Drive,
        image: &Image,
        here: Result<Option<Local>, Trouble>,
    ) -> Result<Local> {
        let found = match here {
            Ok(None) => self.pulled(drive, image).await,
            found => found,
        };
        let doing = || format!("could not get the image `{image}` of `{}`", drive.service);
        match found {
            Ok(Some(local)) => Ok(local),
            Ok(None) => Err(Error::failed(doing()).because("it is not here after it was pulled")),
            Err(trouble) => Err(self.explained(doing(), &trouble)),
        }
    }

    async fn pulled(&self, drive: &Drive, image: &Image) -> Result<Option<Local>, Trouble> {
        let docker = self.around.telling(self.docker.clone(), drive);
        docker.run(&pull(image)).await?;
        self.local(image).await
    }

    /// Finds the image here or in its registry.
    ///
    /// Only the daemon knows which registries it trusts, so it has the last word; what it pulls is needed anyway.
    pub(super) async fn offered(&self, image: &Image) -> Result<(), Trouble> {
        if self.local(image).await?.is_some() {
            return Ok(());
        }
        match self.docker.run(&["manifest", "inspect", "--", image.as_str()]).await {
            Ok(_) => Ok(()),
            Err(Trouble::Said { .. }) => self.docker.run(&pull(image)).await.map(drop),
            Err(trouble) => Err(trouble),
        }
    }

    pub(super) async fn local(&self, image: &Image) -> Result<Option<Local>, Trouble> {
        match self.docker.run(&Local::asked([image.as_str()])).await {
            Ok(answer) => Ok(Local::read(&answer)?.into_iter().next()),
            Err(trouble) if trouble.says("No such image: ") => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }
}

/// Returns what `docker` is told to pull an image.
pub(super) fn pull(image: &Image) -> [&str; 4] {
    ["pull", "--quiet", "--", image.as_str()]
}

/// A registry that hides what one may not see says the same as one that has not got it.
pub(super) fn is_unknown(trouble: &Trouble) -> bool {
    ["manifest unknown", "not found", "pull access denied"].iter().any(|said| trouble.says(said))
}
