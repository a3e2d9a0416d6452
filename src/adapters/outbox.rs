//! Keeps what could not be written down, until it can be.

use std::fs;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::ports::Outbox;

/// A folder of letters, made when the first is written.
#[derive(Debug, Clone)]
pub struct FileOutbox {
    folder: PathBuf,
}

/// Takes the folder that holds them.
pub fn connect(folder: PathBuf) -> FileOutbox {
    FileOutbox { folder }
}

impl Outbox for FileOutbox {
    fn save(&self, name: &str, text: &str) -> Result<String> {
        let file = self.file(name);
        let failed = |cause| {
            Error::failed(format!("could not keep a finished act in `{}`", file.display()))
                .because(cause)
        };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        // Written beside and renamed, so that a killed process leaves a whole letter or none.
        let draft = self.folder.join(format!("{name}.part"));
        fs::write(&draft, text).and_then(|()| fs::rename(&draft, &file)).map_err(failed)?;
        Ok(file.display().to_string())
    }

    fn waiting(&self) -> Result<Vec<(String, String)>> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Ok(Vec::new()) };
        let mut letters = Vec::new();
        for entry in entries.flatten() {
            let file = entry.path();
            let is_letter = file.extension().is_some_and(|extension| extension == "json");
            let Some(name) = file.file_stem().filter(|_| is_letter) else { continue };
            let text = fs::read_to_string(&file).map_err(|cause| {
                Error::failed(format!("could not read `{}`", file.display())).because(cause)
            })?;
            letters.push((name.to_string_lossy().into_owned(), text));
        }
        letters.sort();
        Ok(letters)
    }

    fn remove(&self, name: &str) -> Result<()> {
        let file = self.file(name);
        fs::remove_file(&file).map_err(|cause| {
            Error::failed(format!("could not remove `{}`", file.display())).because(cause)
        })
    }
}

impl FileOutbox {
    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_wait_in_the_order_of_their_names_until_they_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = connect(folder.path().join("not/there/yet"));
        assert_eq!(outbox.waiting().unwrap(), []);
        outbox.save("b", "two").unwrap();
        let place = outbox.save("a", "one").unwrap();
        assert_eq!(fs::read_to_string(place).unwrap(), "one");
        let both = [("a".to_owned(), "one".to_owned()), ("b".to_owned(), "two".to_owned())];
        assert_eq!(outbox.waiting().unwrap(), both);
        outbox.remove("a").unwrap();
        assert_eq!(outbox.waiting().unwrap(), both[1..]);
    }
}
