//! Tells whether the image under test is the one that runs.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::identity::Identity;
use crate::domain::check::{Answered, Measurement};
use crate::domain::text;
use crate::domain::version::Version;

/// An image as it is written, with what everyone leaves out put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The registry and the path in it.
    pub repository: String,
    /// The tag, where there is one.
    pub tag: Option<String>,
    /// The digest, where there is one.
    pub digest: Option<String>,
}

/// What the names of a running image prove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// They say which version it is, or lack what was asked for.
    Known(Identity),
    /// They say too little, for this reason.
    Unclear(String),
}

/// The one thing that can be said of it: `true`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "bool")]
pub struct Yes;

impl TryFrom<bool> for Yes {
    type Error = &'static str;

    fn try_from(written: bool) -> Result<Self, &'static str> {
        let never = "`image: false` asks for nothing; leave `expect_version` out";
        if written { Ok(Self) } else { Err(never) }
    }
}

impl JsonSchema for Yes {
    fn schema_name() -> Cow<'static, str> {
        "Yes".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": true })
    }
}

impl Reference {
    /// Reads an image's name: `shop`, `shop:2.0`, `registry:5000/acme/shop@sha256:…`.
    pub fn read(written: &str) -> Self {
        let (named, digest) = match written.trim().split_once('@') {
            Some((named, digest)) => (named, Some(digest.to_ascii_lowercase())),
            None => (written.trim(), None),
        };
        // A colon before the last slash belongs to the registry's port.
        let (repository, tag) = match named.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag.to_owned())),
            Some(_) | None => (named, None),
        };
        let tag = tag.or_else(|| digest.is_none().then(|| "latest".to_owned()));
        Self { repository: whole(repository), tag, digest }
    }
}

/// `shop` is `docker.io/library/shop`, and nobody writes that.
fn whole(repository: &str) -> String {
    let hub = ["docker.io/", "index.docker.io/", "registry-1.docker.io/"];
    let path = hub.iter().find_map(|hub| repository.strip_prefix(hub));
    let is_elsewhere = path.is_none()
        && repository
            .split_once('/')
            .is_some_and(|(first, _)| first.contains(['.', ':']) || first == "localhost");
    match path.unwrap_or(repository) {
        elsewhere if is_elsewhere => elsewhere.to_owned(),
        path if path.contains('/') => format!("docker.io/{path}"),
        path => format!("docker.io/library/{path}"),
    }
}

/// Holds the names of the image that runs against the version under test.
///
/// Where the version says its image, that is compared: by its digest, else by its tag. Else one of
/// the tags or digests must be the version itself or its commit.
pub fn prove(running: &[String], expected: Option<&Version>) -> Proof {
    let Some(version) = expected else { return Proof::Known(Identity::unasked()) };
    if running.is_empty() {
        return Proof::Unclear("the image that runs has no name and no digest".to_owned());
    }
    let read: Vec<_> = running.iter().map(|name| Reference::read(name)).collect();
    match &version.image {
        Some(image) => by_image(running, &read, image),
        None => by_version(&read, version),
    }
}

fn by_image(running: &[String], read: &[Reference], image: &str) -> Proof {
    let wanted = Reference::read(image);
    let is_same = |found: &Reference| match &wanted.digest {
        Some(_) => found.digest == wanted.digest,
        None => found.repository == wanted.repository && found.tag == wanted.tag,
    };
    if read.iter().any(is_same) {
        return Proof::Known(Identity { answered: Answered::Expected, complaint: None });
    }
    let shown = text::clean(&running[0], 100);
    if let Some(what) = missing(read, &wanted) {
        return Proof::Unclear(format!("the image `{shown}` names no {what} to compare"));
    }
    let image = text::clean(image, 100);
    let complaint = format!("image `{shown}` runs, `{image}` was expected");
    Proof::Known(Identity { answered: Answered::Other(shown), complaint: Some(complaint) })
}

/// Returns what nobody names, where all that is named is as wanted.
fn missing(read: &[Reference], wanted: &Reference) -> Option<&'static str> {
    let mut there = read.iter().filter(|found| found.repository == wanted.repository);
    match &wanted.digest {
        Some(_) if read.iter().all(|found| found.digest.is_none()) => {
            let fits = |found: &Reference| wanted.tag.is_none() || found.tag == wanted.tag;
            there.any(fits).then_some("digest")
        }
        None if read.iter().all(|found| found.tag.is_none()) => there.next().map(|_| "tag"),
        Some(_) | None => None,
    }
}

fn by_version(read: &[Reference], version: &Version) -> Proof {
    let tags = read.iter().filter_map(|found| found.tag.as_deref());
    let names: Vec<_> =
        tags.chain(read.iter().filter_map(|found| found.digest.as_deref())).collect();
    let mut identities = names.iter().map(|name| Identity::of(Some(name), Some(version)));
    let proven = identities.find(|identity| identity.answered == Answered::Expected);
    if let Some(proven) = proven {
        return Proof::Known(proven);
    }
    match read.iter().find_map(|found| found.tag.as_deref()) {
        Some(tag) => Proof::Known(Identity::of(Some(tag), Some(version))),
        None => {
            Proof::Unclear("the image is known by its digest only, which names no version".into())
        }
    }
}

impl Proof {
    /// Returns the identity, as far as there is one.
    pub fn identity(&self) -> Identity {
        match self {
            Self::Known(identity) => identity.clone(),
            Self::Unclear(_) => Identity::unasked(),
        }
    }

    /// Returns what to say in place of a pass, where something is missing from the proof.
    pub fn complaint(&self) -> Option<Measurement> {
        let measurement = match self {
            Self::Known(identity) => Measurement::fail(identity.complaint.as_ref()?),
            Self::Unclear(why) => Measurement::inconclusive(why),
        };
        Some(measurement.answered_by(self.identity().answered))
    }

    /// Returns whether another version runs.
    pub fn is_other(&self) -> bool {
        matches!(self.identity().answered, Answered::Other(_))
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::names::Commit;

    use super::*;

    const DIGEST: &str = "sha256:5f1e";

    #[test]
    fn what_everyone_leaves_out_of_a_name_is_put_in() {
        let table = [
            ("shop", "docker.io/library/shop", Some("latest"), None),
            ("shop:2.0", "docker.io/library/shop", Some("2.0"), None),
            ("docker.io/shop:2.0", "docker.io/library/shop", Some("2.0"), None),
            ("index.docker.io/library/shop", "docker.io/library/shop", Some("latest"), None),
            ("acme/shop:2.0", "docker.io/acme/shop", Some("2.0"), None),
            ("ghcr.io/acme/shop:2.0", "ghcr.io/acme/shop", Some("2.0"), None),
            ("localhost/shop", "localhost/shop", Some("latest"), None),
            ("registry:5000/shop", "registry:5000/shop", Some("latest"), None),
            ("registry:5000/shop:2.0", "registry:5000/shop", Some("2.0"), None),
            ("ghcr.io/shop@sha256:5F1E", "ghcr.io/shop", None, Some(DIGEST)),
            ("shop:2.0@sha256:5f1e", "docker.io/library/shop", Some("2.0"), Some(DIGEST)),
        ];
        for (written, repository, tag, digest) in table {
            let [tag, digest] = [tag, digest].map(|part| part.map(str::to_owned));
            let expected = Reference { repository: repository.to_owned(), tag, digest };
            assert_eq!(Reference::read(written), expected, "{written}");
        }
    }

    /// Returns one word for what is proven: `same`, `unclear`, or the other one.
    fn proven(running: &[&str], version: &Version) -> String {
        let running: Vec<_> = running.iter().map(|&name| name.to_owned()).collect();
        match prove(&running, Some(version)) {
            Proof::Unclear(_) => "unclear".to_owned(),
            Proof::Known(Identity { answered: Answered::Expected, complaint: None }) => {
                "same".to_owned()
            }
            Proof::Known(Identity { answered: Answered::Other(other), complaint: Some(_) }) => {
                other
            }
            Proof::Known(identity) => panic!("{identity:?}"),
        }
    }

    #[test]
    fn an_image_is_known_by_its_digest_where_that_is_expected_and_by_its_tag_elsewhere() {
        let digest = "ghcr.io/acme/shop:2.0@sha256:5f1e";
        let table = [
            (digest, &["mirror:5000/shop@sha256:5f1e"][..], "same"),
            (digest, &["ghcr.io/acme/shop:2.0", "x@sha256:5f1e"], "same"),
            (digest, &["ghcr.io/acme/shop:2.0"], "unclear"),
            (digest, &["ghcr.io/acme/shop:1.0"], "ghcr.io/acme/shop:1.0"),
            (digest, &["ghcr.io/acme/shop:2.0", "x@sha256:0000"], "ghcr.io/acme/shop:2.0"),
            ("shop@sha256:5f1e", &["shop:2.0"], "unclear"),
            (digest, &["ghcr.io/acme/shop@sha256:0000"], "ghcr.io/acme/shop@sha256:0000"),
            ("shop:2.0", &["docker.io/library/shop:2.0"], "same"),
            ("shop:2.0", &["shop:latest", "shop:2.0"], "same"),
            ("shop:2.0", &["shop:2.0@sha256:5f1e"], "same"),
            ("shop:2.0", &["shop@sha256:5f1e"], "unclear"),
            ("shop:2.0", &["cart@sha256:5f1e"], "cart@sha256:5f1e"),
            ("shop:2.0", &["shop:1.0"], "shop:1.0"),
            ("shop:2.0", &["acme/shop:2.0"], "acme/shop:2.0"),
            ("shop:2.0", &[], "unclear"),
        ];
        for (image, running, expected) in table {
            let version = Version { image: Some(image.to_owned()), ..Version::named("2.0") };
            assert_eq!(proven(running, &version), expected, "{image} against {running:?}");
        }
    }

    #[test]
    fn where_the_version_says_no_image_its_name_or_commit_must_be_the_tag() {
        let version = Version::named("2.0").at(Commit::new("ab".repeat(20)).unwrap());
        let table = [
            (&["shop:2.0"][..], "same"),
            (&["shop:latest", "shop:2.0"], "same"),
            (&["shop:abababababab"], "same"),
            (&["shop:1.0"], "1.0"),
            (&["shop"], "latest"),
            (&["shop@sha256:5f1e"], "unclear"),
        ];
        for (running, expected) in table {
            assert_eq!(proven(running, &version), expected, "{running:?}");
        }
        assert_eq!(proven(&["shop@sha256:5f1e"], &Version::named(DIGEST)), "same");
    }

    #[test]
    fn without_a_version_nothing_is_asked() {
        assert_eq!(prove(&[], None), Proof::Known(Identity::unasked()));
    }
}
