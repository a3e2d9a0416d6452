//! The values of a chart that a version is set in.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::WORD;
use super::filled::{Fact, Filled};
use crate::domain::text;
use crate::domain::version::Version;

/// The values that a version is set in: the path of one, or a text for each of several.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "Written")]
#[schemars(inline, with = "Written", extend("examples" = ["image.tag"]))]
pub struct Sets(BTreeMap<Path, Filled>);

/// Values as they are written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
enum Written {
    /// The path of the one that gets the version.
    One(String),
    /// A text for each.
    Each(BTreeMap<String, String>),
}

/// The way to a value: `image.tag`, `annotations.acme\.dev/version`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Path(Vec<String>);

/// How the values of a revision stand to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// They are the version's.
    Same,
    /// They are another one's.
    Other,
    /// None of them is there.
    Absent,
}

impl TryFrom<Written> for Sets {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let each = match written {
            Written::One(path) => [(path, Fact::Version.word())].into(),
            Written::Each(each) => each,
        };
        let read = |(path, text): (String, String)| {
            Ok::<_, String>((Path::read(&path)?, Filled::try_from(text)?))
        };
        let sets: BTreeMap<Path, Filled> = each.into_iter().map(read).collect::<Result<_, _>>()?;
        let plain = sets.values().find(|text| text.facts().next().is_none());
        if let Some(plain) = plain {
            let shown = text::clean(&plain.to_string(), WORD);
            return Err(format!(
                "`{shown}` is the same for all versions; put it into a file of `values`"
            ));
        }
        let inside = |(one, other): &(&Path, &Path)| other.0.starts_with(&one.0);
        match sets.keys().zip(sets.keys().skip(1)).find(inside) {
            Some((one, other)) => Err(format!("`{one}` cannot be a text and hold `{other}`")),
            None => Ok(Self(sets)),
        }
    }
}

impl Sets {
    /// Returns whether nothing is set.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the values of a version, as JSON; one that asks for what is not known is left out.
    pub(super) fn json(&self, version: &Version) -> String {
        let mut whole = Map::new();
        for (path, text) in &self.0 {
            if let Some(value) = text.value(version) {
                path.put(&mut whole, value);
            }
        }
        Value::Object(whole).to_string()
    }

    /// Returns whether these values are a version's.
    pub(super) fn held(&self, values: &Value, version: &Version) -> Held {
        let pairs = self.0.iter().filter_map(|(path, text)| {
            let wanted = plain(&text.value(version)?)?;
            Some(path.get(values)? == wanted)
        });
        pairs.fold(Held::Absent, |held, same| match (held, same) {
            (Held::Absent | Held::Same, true) => Held::Same,
            (_, false) | (Held::Other, true) => Held::Other,
        })
    }

    /// Returns the version that these values tell; one that is no version's text is told as it is.
    pub(super) fn version(&self, values: &Value) -> Option<String> {
        let telling = self.0.iter().filter(|(_, text)| text.tells_version());
        let there = telling.filter_map(|(path, text)| Some((text, path.get(values)?)));
        let there: Vec<(&Filled, String)> = there.collect();
        let read = there.iter().find_map(|(text, value)| text.version_of(value));
        read.or_else(|| there.into_iter().next().map(|(_, value)| value))
    }

    /// Returns whether the chart's own version counts: nothing is set, or what would tell the version is left to the chart.
    pub(super) fn leave_to_chart(&self, values: &Value) -> bool {
        let would_tell = self.is_empty() || self.0.values().any(Filled::tells_version);
        would_tell && self.0.keys().all(|path| path.get(values).is_none())
    }

    /// Returns the image that these values tell.
    pub(super) fn image(&self, values: &Value) -> Option<String> {
        let whole = |text: &Filled| text.to_string() == Fact::Image.word();
        self.0.iter().find(|(_, text)| whole(text)).and_then(|(path, _)| path.get(values))
    }
}

impl Path {
    fn read(written: &str) -> Result<Self, String> {
        // A point that belongs to a key has a backslash before it, as `--set` has it.
        let hidden = written.replace("\\.", "\0");
        let keys: Vec<String> = hidden.split('.').map(|key| key.replace('\0', ".")).collect();
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
        let fits = |key: &String| !key.is_empty() && key.chars().all(plain);
        if keys.iter().all(fits) {
            return Ok(Self(keys));
        }
        let shown = text::clean(written, WORD);
        Err(format!("`{shown}` is no way to a value; write it like `image.tag`"))
    }

    fn put(&self, whole: &mut Map<String, Value>, value: Value) {
        let Some((last, way)) = self.0.split_last() else { return };
        let inner = way.iter().try_fold(whole, |inner, key| {
            inner.entry(key.clone()).or_insert_with(|| Map::new().into()).as_object_mut()
        });
        if let Some(inner) = inner {
            inner.insert(last.clone(), value);
        }
    }

    /// Returns what stands there; a chart takes an empty text for none.
    fn get(&self, values: &Value) -> Option<String> {
        let there = self.0.iter().try_fold(values, |inner, key| inner.get(key))?;
        plain(there).filter(|text| !text.is_empty())
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys: Vec<String> = self.0.iter().map(|key| key.replace('.', "\\.")).collect();
        out.write_str(&keys.join("."))
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sets(written: &Value) -> Result<Sets, String> {
        serde_json::from_value(written.clone()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_version_is_a_text_at_its_place_whatever_it_says() {
        let hostile = Version::named("1.0,a=b\"}, {{.}} {commit}\n--force");
        let one = sets(&json!("image.tag")).unwrap();
        let told: Value = serde_json::from_str(&one.json(&hostile)).unwrap();
        assert_eq!(told, json!({ "image": { "tag": hostile.version } }));
        assert_eq!(one.held(&told, &hostile), Held::Same);
        assert_eq!(one.version(&told), Some(hostile.version));
    }

    #[test]
    fn several_values_share_their_way_and_what_is_not_known_is_left_out() {
        let several = json!({
            "image.tag": "v{version}", "image.name": "{image}", "image.digest": "{digest}",
            "count": "{replicas}", "notes.acme\\.dev/commit": "{commit}",
        });
        let several = sets(&several).unwrap();
        let version = Version {
            replicas: Some(3),
            image: Some("shop@sha256:aa".to_owned()),
            ..Version::named("2.0")
        };
        let told: Value = serde_json::from_str(&several.json(&version)).unwrap();
        let image = json!({ "tag": "v2.0", "name": "shop@sha256:aa", "digest": "sha256:aa" });
        assert_eq!(told, json!({ "image": image, "count": 3 }));
        assert_eq!(several.version(&told).as_deref(), Some("2.0"));
        assert_eq!(several.image(&told).as_deref(), Some("shop@sha256:aa"));
        assert_eq!(several.held(&told, &version), Held::Same);
        let more = Version { replicas: Some(4), ..version };
        assert_eq!(several.held(&told, &more), Held::Other);
    }

    #[test]
    fn what_is_not_there_or_empty_says_nothing() {
        let one = sets(&json!("image.tag")).unwrap();
        for values in [json!(null), json!({ "image": { "tag": "" } }), json!({ "image": [] })] {
            assert_eq!(one.held(&values, &Version::named("1.0")), Held::Absent, "{values}");
            assert_eq!(one.version(&values), None);
        }
        let number = json!({ "image": { "tag": 7 } });
        assert_eq!(one.held(&number, &Version::named("7")), Held::Same);
    }

    #[test]
    fn what_is_no_way_to_a_value_or_says_no_version_is_refused() {
        for bad in ["", ".", "a..b", "a b", "a,b", "a=b", "a[0]", "ä", "a\n"] {
            let refused = sets(&json!(bad)).unwrap_err();
            assert!(refused.contains("is no way to a value"), "{refused}");
        }
        let table = [
            (json!({ "a": "b" }), "is the same for all versions"),
            (json!({ "a": "{tag}" }), "there is no `{tag}`"),
            (json!({ "a": "{version}", "a.b": "{commit}" }), "cannot be a text and hold"),
        ];
        for (written, why) in table {
            let refused = sets(&written).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
    }
}
