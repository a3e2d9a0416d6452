//! Which image a version is, and how it is pinned.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::WORD;
use crate::adapters::process::Trouble;
use crate::domain::text;
use crate::domain::version::Version;

/// One line of JSON for each image.
const ASKED: &str =
    r#"{"id":{{json .Id}},"tags":{{json .RepoTags}},"digests":{{json .RepoDigests}}}"#;

/// The longest tag that there can be.
const LONGEST_TAG: usize = 128;

/// What can be filled in.
const FILLED: [&str; 2] = ["{version}", "{commit}"];

/// An image's name in which `{version}` or `{commit}` is filled in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("examples" = ["ghcr.io/acme/shop:{version}"]))]
pub struct ImageOf(String);

/// A reference to an image that can be no flag, no second word and no variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::adapters::driver) struct Image(String);

/// What Docker knows of an image that it has.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Local {
    /// The image's id.
    pub id: String,
    tags: Option<Vec<String>>,
    digests: Option<Vec<String>>,
}

impl Image {
    /// Checks a reference.
    pub(in crate::adapters::driver) fn read(written: &str) -> Result<Self, String> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._:/@-".contains(c);
        if written.starts_with(|c: char| c.is_ascii_alphanumeric()) && written.chars().all(fits) {
            return Ok(Self(written.to_owned()));
        }
        Err(format!("`{}` is no image", text::clean(written, WORD)))
    }

    pub(in crate::adapters::driver) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what to tell of an image that runs.
    pub(super) fn told(&self) -> String {
        if self.is_pinned() {
            return format!("runs `{self}`");
        }
        format!("runs `{self}`, by its tag alone: it has no digest, since it is of no registry")
    }

    fn is_pinned(&self) -> bool {
        self.0.contains('@') || self.0.starts_with("sha256:")
    }
}

impl fmt::Display for Image {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl TryFrom<String> for ImageOf {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let shown = text::clean(&written, WORD);
        if !FILLED.iter().any(|word| written.contains(word)) {
            return Err(format!("`{shown}` is the same for all versions; put `{{version}}` in it"));
        }
        let filled = FILLED.iter().fold(written.clone(), |text, word| text.replace(word, "1"));
        Image::read(&filled)
            .map_err(|_| format!("`{shown}` is no image, whatever is filled in"))?;
        Ok(Self(written))
    }
}

impl ImageOf {
    /// Returns the image of a version.
    pub(in crate::adapters::driver) fn of(&self, version: &Version) -> Result<Image, String> {
        let mut name = self.0.clone();
        if name.contains("{commit}") {
            let commit = version.commit.as_ref().ok_or("it was recorded without a commit")?;
            name = name.replace("{commit}", commit.as_str());
        }
        if name.contains("{version}") {
            name = name.replace("{version}", tag(&version.version)?);
        }
        Image::read(&name)
    }
}

/// A version that says more than a tag can would name another image.
fn tag(version: &str) -> Result<&str, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let begins = version.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if begins && version.len() <= LONGEST_TAG && version.chars().all(fits) {
        return Ok(version);
    }
    Err(format!("`{}` can be no tag", text::clean(version, WORD)))
}

impl Local {
    /// Returns what `docker` is asked for images by their names or ids.
    pub(super) fn asked<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        ["image", "inspect", "--format", ASKED, "--"].into_iter().chain(names).collect()
    }

    /// Reads the answer.
    pub(super) fn read(answer: &str) -> Result<Vec<Self>, Trouble> {
        super::look::lines(answer)
    }

    /// Returns the reference with its digest, where the image has one in that repository.
    pub(super) fn pinned(&self, image: &Image) -> Image {
        if image.is_pinned() {
            return image.clone();
        }
        match self.digest(image.as_str()) {
            Some(digest) => Image(format!("{image}@{digest}")),
            None => image.clone(),
        }
    }

    /// Returns how it is to be called of which somebody wrote this name when it was started.
    ///
    /// A tag that has moved on names another image by now.
    pub(super) fn called(&self, written: &str) -> String {
        if written.contains('@') {
            return written.to_owned();
        }
        let tags = self.tags.iter().flatten();
        let is_still = tags.into_iter().any(|tag| familiar(tag) == familiar(written));
        match self.digest(written) {
            Some(digest) if is_still => format!("{written}@{digest}"),
            None if is_still => written.to_owned(),
            Some(digest) => format!("{}@{digest}", repository(written)),
            None => self.id.clone(),
        }
    }

    fn digest(&self, written: &str) -> Option<&str> {
        let all = self.digests.iter().flatten();
        let mut pairs = all.filter_map(|name| name.split_once('@'));
        let same = |name: &str| repository(&familiar(name)) == repository(&familiar(written));
        pairs.find(|(name, _)| same(name)).map(|(_, digest)| digest)
    }
}

/// A colon before the last slash belongs to the registry's port.
fn repository(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        Some(_) | None => name,
    }
}

/// `docker.io/library/shop` is `shop`, and `shop` is `shop:latest`.
fn familiar(name: &str) -> String {
    let hub = ["docker.io/", "index.docker.io/"];
    let path = hub.iter().find_map(|hub| name.strip_prefix(hub)).unwrap_or(name);
    let path = path.strip_prefix("library/").unwrap_or(path);
    let latest = if repository(path) == path { ":latest" } else { "" };
    format!("{path}{latest}")
}

#[cfg(test)]
mod tests {
    use crate::domain::names::Commit;

    use super::*;

    fn local(tags: &[&str], digests: &[&str]) -> Local {
        let own = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect());
        Local { id: "sha256:1d".to_owned(), tags: own(tags), digests: own(digests) }
    }

    #[test]
    fn a_reference_is_pinned_by_the_digest_it_has_in_its_own_repository() {
        let digests = ["other@sha256:00", "shop@sha256:aa", "registry:5000/shop@sha256:bb"];
        let table = [
            ("shop:1.0", "shop:1.0@sha256:aa"),
            ("docker.io/library/shop:1.0", "docker.io/library/shop:1.0@sha256:aa"),
            ("registry:5000/shop", "registry:5000/shop@sha256:bb"),
            ("shop:1.0@sha256:cc", "shop:1.0@sha256:cc"),
            ("cart:1.0", "cart:1.0"),
            ("sha256:1d", "sha256:1d"),
        ];
        for (written, pinned) in table {
            let image = Image::read(written).unwrap();
            assert_eq!(local(&[], &digests).pinned(&image).as_str(), pinned);
        }
    }

    #[test]
    fn a_tag_that_moved_on_is_no_name_of_what_runs() {
        let here = local(&["shop:1.0"], &["shop@sha256:aa"]);
        assert_eq!(here.called("shop:1.0"), "shop:1.0@sha256:aa");
        assert_eq!(
            here.called("docker.io/library/shop:1.0"),
            "docker.io/library/shop:1.0@sha256:aa"
        );
        assert_eq!(here.called("shop:2.0"), "shop@sha256:aa");
        assert_eq!(here.called("shop:9@sha256:aa"), "shop:9@sha256:aa");
        assert_eq!(local(&["shop:1.0"], &[]).called("shop:1.0"), "shop:1.0");
        assert_eq!(local(&["shop:latest"], &[]).called("shop"), "shop");
        assert_eq!(local(&[], &[]).called("shop:1.0"), "sha256:1d");
    }

    #[test]
    fn a_version_fills_in_a_tag_and_nothing_more() {
        let of = |image: &str, version: &Version| {
            ImageOf::try_from(image.to_owned()).unwrap().of(version).map(|image| image.0)
        };
        let named = Version::named("1.0-rc_1");
        let built = named.clone().at(Commit::new("ab".repeat(20)).unwrap());
        assert_eq!(of("shop:{version}", &named).unwrap(), "shop:1.0-rc_1");
        assert_eq!(of("shop:{commit}", &built).unwrap(), format!("shop:{}", "ab".repeat(20)));
        assert_eq!(of("shop:{commit}", &named).unwrap_err(), "it was recorded without a commit");
        for odd in ["", "-1", "1@sha256:00", "1/../2", "1 2", "1\n", "$x", &"1".repeat(129)] {
            assert!(of("shop:{version}", &Version::named(odd)).is_err(), "{odd:?}");
        }
        for bad in ["shop:1.0", "-shop:{version}", "shop:{version} --x", "shop:{other}"] {
            assert!(ImageOf::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_could_become_a_flag_a_word_or_a_variable_is_no_image() {
        for bad in ["", "--help", "shop 1", "shop:$X", "shop:${X}", "shop\n", "@sha256:00", "./x"] {
            assert!(Image::read(bad).is_err(), "{bad:?}");
        }
    }
}
