//! Reads HAProxy's statistics of servers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::text;

/// How the columns begin.
const HEADER: &str = "# pxname,";

/// One server, as HAProxy tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// Whether it may be given traffic.
    pub(super) health: Health,
    /// Whether it is taken out by hand though its weight is not 0.
    pub(super) is_out: bool,
    /// The weight that was set.
    pub(super) weight: u64,
    /// The requests that it works on or that wait for it.
    pub(super) busy: u64,
    /// Whether it serves only when no other does.
    pub(super) is_backup: bool,
    /// Whether clients are bound to it by a cookie.
    pub(super) has_cookie: bool,
}

/// Whether a server may be given traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Health {
    /// It passed its last check, or is not checked at all.
    Up,
    /// It was not checked yet, or missed its last check.
    Unproven(String),
    /// It is down.
    Down(String),
    /// It is in maintenance, where no check is made.
    Out,
}

/// Whether a backend remembers its clients in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stickiness {
    /// It has a table.
    Table,
    /// It has none.
    None,
}

impl Server {
    /// Returns whether it may be given traffic.
    pub(super) fn is_up(&self) -> bool {
        self.health == Health::Up
    }

    /// Returns the weight that counts when new clients come.
    pub(super) fn counts(&self) -> u64 {
        if self.is_out { 0 } else { self.weight }
    }
}

/// Reads a backend's servers from the answer to commands that end with `show stat`.
///
/// What stands before the columns are complaints.
pub(super) fn read(answer: &str, backend: &str) -> Result<BTreeMap<String, Server>, String> {
    let Some(begins) = answer.find(HEADER) else {
        let said = text::clean(answer, 200);
        return Err(if said.is_empty() { "it answered nothing".to_owned() } else { said });
    };
    let said = text::clean(&answer[..begins], 200);
    if !said.is_empty() {
        return Err(said);
    }
    let mut rows = rows(&answer[begins + 2..]).into_iter();
    let columns = rows.next().unwrap_or_default();
    let rows: Vec<_> = rows.filter(|row| row.len() > 1).collect();
    let own = rows.iter().filter(|row| row[0] == backend);
    let servers: BTreeMap<_, _> = own.map(|row| one(&columns, row)).collect::<Result<_, _>>()?;
    if servers.is_empty() {
        return Err(format!("it has no backend `{backend}` with servers; {}", has(&rows)));
    }
    Ok(servers)
}

/// Returns what there is instead.
fn has(rows: &[Vec<String>]) -> String {
    let backends: BTreeSet<_> = rows.iter().map(|row| format!("`{}`", row[0])).collect();
    let named = text::clean(&Vec::from_iter(backends).join(", "), 200);
    if named.is_empty() { "it has none at all".to_owned() } else { format!("it has {named}") }
}

fn one(columns: &[String], row: &[String]) -> Result<(String, Server), String> {
    let names = columns.iter().map(String::as_str);
    let cells: HashMap<_, _> = names.zip(row.iter().map(String::as_str)).collect();
    let cell = |name: &str| cells.get(name).copied().unwrap_or_default();
    let name = cell("svname").to_owned();
    let number = |column: &str| {
        let unreadable = |_| {
            let (name, said) = (text::clean(&name, 80), text::clean(cell(column), 40));
            format!("it told `{said}` as `{column}` of `{name}`")
        };
        cell(column).parse::<u64>().map_err(unreadable)
    };
    // While a server starts slowly, `weight` is what it has and `uweight` what it was given.
    let weight = if cell("uweight").is_empty() { "weight" } else { "uweight" };
    let server = Server {
        health: health(cell("status"), cell("check_status"), cell("check_desc")),
        is_out: cell("status").starts_with("MAINT") || cell("status").starts_with("DRAIN"),
        weight: number(weight)?,
        busy: number("scur")? + number("qcur")?,
        is_backup: cell("bck") != "0",
        has_cookie: !cell("cookie").is_empty(),
    };
    Ok((name, server))
}

/// `UP 1/3` is a server that was just made ready, or missed a check: neither is proof.
fn health(status: &str, check: &str, found: &str) -> Health {
    let told = text::clean(format!("{status} {found}").trim(), 120);
    let check = check.trim_start_matches(['*', ' ']);
    match status {
        status if status.starts_with("MAINT") => Health::Out,
        "UP" | "DRAIN" if matches!(check, "INI" | "UNK" | "SOCKERR") => Health::Unproven(told),
        "UP" | "DRAIN" | "no check" => Health::Up,
        status if status.starts_with("UP ") => Health::Unproven(told),
        _ => Health::Down(told),
    }
}

/// Reads the answer to `show table`.
pub(super) fn stickiness(tables: &str, backend: &str) -> Stickiness {
    let named = |line: &str| line.strip_prefix("# table: ")?.split(',').next().map(str::to_owned);
    let has = tables.lines().filter_map(named).any(|name| name == backend);
    if has { Stickiness::Table } else { Stickiness::None }
}

/// Splits lines into cells; one in quotation marks may hold anything.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &str =
        "# pxname,svname,qcur,scur,status,weight,bck,check_status,check_desc,cookie,uweight,\n";

    fn of(row: &str) -> Server {
        let other = "other,blue,x,,,,,,,,,";
        let all = read(&format!("\n\n{COLUMNS}{other}\n{row}\n\n"), "shop").unwrap();
        all.get("blue").unwrap().clone()
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let server = of("shop,blue,1,2,UP,30,0,L4OK,\"Layer4, \"\"passed\"\"\",b,100,");
        let expected = Server {
            health: Health::Up,
            is_out: false,
            weight: 100,
            busy: 3,
            is_backup: false,
            has_cookie: true,
        };
        assert_eq!(server, expected);
    }

    #[test]
    fn only_a_server_that_passed_its_last_check_is_up() {
        let health = |status: &str, check: &str| {
            of(&format!("shop,blue,0,0,{status},1,0,{check},why,,1,")).health
        };
        assert_eq!(health("UP", "L7OK"), Health::Up);
        assert_eq!(health("UP", "* L7OK"), Health::Up);
        assert_eq!(health("DRAIN", "L7OK"), Health::Up);
        assert_eq!(health("no check", ""), Health::Up);
        assert_eq!(health("UP", "* INI"), Health::Unproven("UP why".to_owned()));
        assert_eq!(health("UP 1/3", "L7OK"), Health::Unproven("UP 1/3 why".to_owned()));
        assert_eq!(health("DOWN", "L4CON"), Health::Down("DOWN why".to_owned()));
        assert_eq!(health("DOWN 1/2", "L7OK"), Health::Down("DOWN 1/2 why".to_owned()));
        assert_eq!(health("NOLB", "L7OKC"), Health::Down("NOLB why".to_owned()));
        assert_eq!(health("MAINT", ""), Health::Out);
        assert_eq!(health("MAINT (via a/b)", ""), Health::Out);
    }

    #[test]
    fn what_stands_before_the_columns_and_what_is_no_number_is_told() {
        let broken = |answer: &str| read(answer, "shop").unwrap_err();
        assert_eq!(broken("\nNo such server.\n\n"), "No such server.");
        assert_eq!(broken(&format!("\nNo such server.\n\n{COLUMNS}")), "No such server.");
        assert_eq!(broken("\n\n"), "it answered nothing");
        assert_eq!(broken("<html>\u{1b}[2J"), "<html>\u{fffd}[2J");
        let row = "shop,blue,0,0,UP,much,0,L7OK,,,,";
        assert_eq!(broken(&format!("{COLUMNS}{row}\n")), "it told `much` as `weight` of `blue`");
        assert_eq!(broken(&format!("{COLUMNS}shop,blue\n")), "it told `` as `weight` of `blue`");
        let others = format!("{COLUMNS}b,x,\na,x,\na,y,\n");
        assert_eq!(broken(&others), "it has no backend `shop` with servers; it has `a`, `b`");
        let none = "it has no backend `shop` with servers; it has none at all";
        assert_eq!(broken(COLUMNS), none);
    }

    #[test]
    fn a_table_of_the_backend_binds_its_clients() {
        let told = "# table: shop, type: ip, size:1024, used:0\n# table: api, type: ip\n\n";
        assert_eq!(stickiness(told, "shop"), Stickiness::Table);
        assert_eq!(stickiness(told, "sho"), Stickiness::None);
        assert_eq!(stickiness("\n", "shop"), Stickiness::None);
    }
}
