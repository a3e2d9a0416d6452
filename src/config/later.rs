//! Keys that are promised and that this version does not read yet.

/// A promised word, and a known one beside which it will stand.
const ANNOUNCED: [(&str, &str); 11] = [
    ("router", "services"),
    ("migrations", "target"),
    ("major_version", "target"),
    ("snapshots", "services"),
    ("notify", "services"),
    ("stages", "within"),
    ("gradual", "immediate"),
    ("compose", "git"),
    ("docker", "git"),
    ("kubernetes", "git"),
    ("systemd", "git"),
];

/// Returns whether a word that is not known here is promised to be.
pub(super) fn is_announced(word: &str, known: &[&str]) -> bool {
    ANNOUNCED.iter().any(|(announced, beside)| *announced == word && known.contains(beside))
}
