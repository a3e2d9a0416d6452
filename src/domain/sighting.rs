//! What a platform says runs of a service, beside what should.

use super::version::Version;

/// What was seen to run of a service; each part only where the platform tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sighting {
    /// The version string.
    pub version: Option<String>,
    /// The image reference, with its digest where that is known.
    pub image: Option<String>,
    /// How many replicas are wanted there.
    pub replicas: Option<u32>,
}

/// One thing of which another runs than should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is: `version`, `image`, `replicas`.
    pub what: &'static str,
    /// What should run.
    pub wanted: String,
    /// What runs.
    pub seen: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [seen, wanted] = [&self.seen, &self.wanted].map(|text| super::text::clean(text, 100));
        write!(out, "{} `{seen}` runs, not `{wanted}`", self.what)
    }
}

impl Sighting {
    /// Returns where what was seen is not this version; a part that nobody told proves nothing.
    pub fn differs_from(&self, version: &Version) -> Vec<Difference> {
        let compare =
            |what, wanted: Option<String>, seen: Option<String>, same: fn(&str, &str) -> bool| {
                let (wanted, seen) = wanted.zip(seen)?;
                (!same(&wanted, &seen)).then_some(Difference { what, wanted, seen })
            };
        let equal = |one: &str, other: &str| one == other;
        let count = |replicas: Option<u32>| replicas.map(|count| count.to_string());
        [
            compare("version", Some(version.version.clone()), self.version.clone(), equal),
            compare("image", version.image.clone(), self.image.clone(), same_image),
            compare("replicas", count(version.replicas), count(self.replicas), equal),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Returns whether anything at all was told.
    pub fn is_told(&self) -> bool {
        *self != Self::default()
    }
}

/// Two references name the same image when their digests agree, or, where one has none, their names do.
fn same_image(wanted: &str, seen: &str) -> bool {
    let split = |image: &str| -> (String, Option<String>) {
        match image.split_once('@') {
            Some((name, digest)) => (name.to_owned(), Some(digest.to_owned())),
            None => (image.to_owned(), None),
        }
    };
    let [(wanted, one), (seen, other)] = [split(wanted), split(seen)];
    match one.zip(other) {
        Some((one, other)) => one == other,
        None => wanted == seen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(version: &Version, seen: &Sighting) -> Vec<String> {
        seen.differs_from(version).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_part_that_nobody_told_proves_nothing() {
        let wanted = Version { replicas: Some(3), ..Version::named("2.0") };
        assert_eq!(told(&wanted, &Sighting::default()), Vec::<String>::new());
    }

    #[test]
    fn each_part_that_differs_is_told_with_both_sides() {
        let wanted = Version {
            replicas: Some(3),
            image: Some("shop:2".to_owned()),
            ..Version::named("2.0")
        };
        let seen = Sighting {
            version: Some("1.0".to_owned()),
            image: Some("shop:1".to_owned()),
            replicas: Some(1),
        };
        assert_eq!(
            told(&wanted, &seen),
            [
                "version `1.0` runs, not `2.0`",
                "image `shop:1` runs, not `shop:2`",
                "replicas `1` runs, not `3`"
            ]
        );
    }

    #[test]
    fn an_image_is_known_by_its_digest_where_both_have_one() {
        let wanted =
            |image: &str| Version { image: Some(image.to_owned()), ..Version::named("2.0") };
        let seen = |image: &str| Sighting { image: Some(image.to_owned()), ..Sighting::default() };
        assert!(told(&wanted("shop:2@sha256:aa"), &seen("shop@sha256:aa")).is_empty());
        assert!(!told(&wanted("shop:2@sha256:aa"), &seen("shop:2@sha256:bb")).is_empty());
        assert!(told(&wanted("shop:2"), &seen("shop:2@sha256:bb")).is_empty());
        assert!(!told(&wanted("shop:2"), &seen("shop:3@sha256:bb")).is_empty());
    }
}
