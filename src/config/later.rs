//! Keys that are promised and that this version does not read yet.

/// A promised word, and a known one beside which it will stand.
const ANNOUNCED: [(&str, &str); 4] = [
    ("migrations", "target"),
    ("major_version", "target"),
    ("snapshots", "services"),
    ("notify", "services"),
];

/// Returns whether a word that is not known here is promised to be.
pub(super) fn is_announced(word: &str, known: &[&str]) -> bool {
    ANNOUNCED.iter().any(|(announced, beside)| *announced == word && known.contains(beside))
}
