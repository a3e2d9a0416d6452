//! Who owns a file, by name.

use std::fs;

/// Where the names of users are listed.
pub(super) const USERS: &str = "/etc/passwd";
/// Where the names of groups are listed.
pub(super) const GROUPS: &str = "/etc/group";

/// Returns the number of a user or group, by number or by name; an `Err` says why it is not known.
pub(super) fn number(name: &str, list: &str) -> Result<u32, String> {
    if let Ok(number) = name.parse() {
        return Ok(number);
    }
    let listed = fs::read_to_string(list).map_err(|why| format!("`{list}`: {why}"))?;
    let mut rows = listed.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let row = rows.find(|row| row.first() == Some(&name));
    let number = row.and_then(|row| row.get(2)?.parse().ok());
    number.ok_or_else(|| {
        let name = crate::domain::text::clean(name, 40);
        format!("`{list}` lists no `{name}`; write its number")
    })
}

/// Returns the name of a number, where it is listed; else the number.
pub(super) fn name(number: u32, list: &str) -> String {
    let listed = fs::read_to_string(list).unwrap_or_default();
    let wanted = number.to_string();
    let mut rows = listed.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let row = rows.find(|row| row.get(2) == Some(&wanted.as_str()));
    row.and_then(|row| row.first().map(|name| (*name).to_owned())).unwrap_or(wanted)
}
