//! Reads and rewrites the weights in an `upstream` of nginx.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::domain::text;

/// The servers of one `upstream`, and where they stand in the text.
#[derive(Debug)]
pub(super) struct Upstream<'a> {
    text: &'a str,
    servers: Vec<Statement<'a>>,
}

/// One statement, up to its `;`, `{` or `}`.
#[derive(Debug, Clone, Default)]
struct Statement<'a> {
    words: Vec<(Range<usize>, &'a str)>,
    end: usize,
    ending: Option<char>,
}

/// Returns how a weight is written; a server without one is taken out.
pub(super) fn written(weight: u64) -> String {
    if weight == 0 { "down".to_owned() } else { format!("weight={weight}") }
}

impl<'a> Upstream<'a> {
    /// Finds it, with each of these servers and no other.
    pub(super) fn find(text: &'a str, name: &str, known: &[&str]) -> Result<Self, String> {
        let all = statements(text)?;
        let opens = |statement: &Statement<'_>| {
            statement.ending == Some('{') && statement.says() == ["upstream", name]
        };
        let mut found = all.split(opens).skip(1);
        let inside = match (found.next(), found.next()) {
            (Some(inside), None) => inside,
            (None, _) => return Err("it is not there".to_owned()),
            (Some(_), Some(_)) => return Err("it is there more than once".to_owned()),
        };
        let inside = inside.iter().take_while(|statement| statement.ending == Some(';'));
        let servers = inside.filter(|statement| statement.says().first() == Some(&"server"));
        let upstream = Self { text, servers: servers.cloned().collect() };
        upstream.is_made_of(known).map(|()| upstream)
    }

    fn is_made_of(&self, known: &[&str]) -> Result<(), String> {
        for name in known {
            let shown = text::clean(name, 80);
            match self.servers.iter().filter(|server| server.address() == *name).count() {
                0 => return Err(format!("there is no `server {shown};`")),
                1 => {}
                _ => return Err(format!("`server {shown};` is there more than once")),
            }
        }
        for server in &self.servers {
            let shown = text::clean(server.address(), 80);
            if !known.contains(&server.address()) {
                return Err(format!("`server {shown};` belongs to no slot"));
            }
            if server.says().contains(&"backup") {
                return Err(format!("`server {shown}` is a `backup`, which has no share"));
            }
        }
        Ok(())
    }

    /// Returns a server's weight; one that is down has none.
    pub(super) fn weight(&self, address: &str) -> u64 {
        let Some(server) = self.servers.iter().find(|server| server.address() == address) else {
            return 0;
        };
        if server.says().contains(&"down") {
            return 0;
        }
        let weights = server.says().into_iter().filter_map(|word| word.strip_prefix("weight="));
        weights.filter_map(|weight| weight.parse().ok()).next_back().unwrap_or(1)
    }

    /// Returns the text with these weights; all else stays as it is.
    pub(super) fn weighted(&self, weights: &BTreeMap<&str, u64>) -> String {
        let mut out = String::new();
        let mut from = 0;
        for server in &self.servers {
            for (range, word) in &server.words {
                if *word == "down" || word.starts_with("weight=") {
                    out.push_str(self.text[from..range.start].trim_end());
                    from = range.end;
                }
            }
            out.push_str(self.text[from..server.end].trim_end());
            let weight = weights.get(server.address()).copied().unwrap_or(0);
            out.push(' ');
            out.push_str(&written(weight));
            from = server.end;
        }
        out.push_str(&self.text[from..]);
        out
    }
}

impl<'a> Statement<'a> {
    fn says(&self) -> Vec<&'a str> {
        self.words.iter().map(|(_, word)| *word).collect()
    }

    fn address(&self) -> &'a str {
        self.words.get(1).map_or("", |(_, word)| word)
    }
}

/// Cuts a configuration into statements, comments left aside.
fn statements(text: &str) -> Result<Vec<Statement<'_>>, String> {
    let mut all = Vec::new();
    let mut now = Statement::default();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match c {
            '#' => at += text[at..].find('\n').unwrap_or(text.len() - at),
            ';' | '{' | '}' => {
                all.push(Statement { end: at, ending: Some(c), ..std::mem::take(&mut now) });
                at += 1;
            }
            c if c.is_whitespace() => at += c.len_utf8(),
            _ => {
                let range = at..at + length(&text[at..])?;
                at = range.end;
                now.words.push((range.clone(), &text[range]));
            }
        }
    }
    Ok(all)
}

/// Returns how long the word is that a text begins with.
fn length(text: &str) -> Result<usize, String> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let Some(quote) = quote else {
        let ends = |c: char| c.is_whitespace() || matches!(c, ';' | '{' | '}');
        return Ok(text.find(ends).unwrap_or(text.len()));
    };
    let mut escaped = false;
    let closes = text.char_indices().skip(1).find(|(_, c)| {
        let closes = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped;
        closes
    });
    closes.map(|(at, _)| at + 1).ok_or_else(|| "a quotation mark is not closed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# server 10.0.0.9:1; is only said here
map $x $y { default \"a;{b\"; }
upstream other { server 10.0.0.1:1 weight=7; }
upstream shop {
    zone shop 64k;
    server 10.0.0.1:1 max_fails=2 weight=75; # blue
    server 10.0.0.2:1 down
        fail_timeout=3s;
    server unix:/run/green.sock;

    keepalive 32;
}
server { listen 80; location / { proxy_pass http://shop; } }
";

    const ALL: [&str; 3] = ["10.0.0.1:1", "10.0.0.2:1", "unix:/run/green.sock"];

    #[test]
    fn weights_are_read_and_all_else_stays_when_they_are_written() {
        let upstream = Upstream::find(FILE, "shop", &ALL).unwrap();
        assert_eq!(ALL.map(|name| upstream.weight(name)), [75, 0, 1]);
        let text = upstream.weighted(&ALL.into_iter().zip([0, 50, 50]).collect());
        let expected = FILE
            .replace("max_fails=2 weight=75;", "max_fails=2 down;")
            .replace(
                "server 10.0.0.2:1 down\n        fail_timeout=3s;",
                "server 10.0.0.2:1\n        fail_timeout=3s weight=50;",
            )
            .replace("green.sock;", "green.sock weight=50;");
        assert_eq!(text, expected);
        let again = Upstream::find(&text, "shop", &ALL).unwrap();
        assert_eq!(ALL.map(|name| again.weight(name)), [0, 50, 50]);
        assert_eq!(again.weighted(&ALL.into_iter().zip([0, 50, 50]).collect()), text);
    }

    #[test]
    fn an_upstream_that_is_not_what_was_configured_is_refused() {
        let refused = |text: &str, known: &[&str]| Upstream::find(text, "shop", known).unwrap_err();
        let of = |servers: &str| refused(&format!("upstream shop {{ {servers} }}"), &["a", "b"]);
        assert_eq!(refused("", &["a"]), "it is not there");
        assert_eq!(refused("# upstream shop { server a; }", &["a"]), "it is not there");
        assert_eq!(of("server a; } upstream shop { server b;"), "it is there more than once");
        assert_eq!(of("server a;"), "there is no `server b;`");
        assert_eq!(of("server a; server b; server b down;"), "`server b;` is there more than once");
        assert_eq!(of("server a; server b; server c;"), "`server c;` belongs to no slot");
        assert_eq!(
            of("server a; server b backup;"),
            "`server b` is a `backup`, which has no share"
        );
        assert_eq!(of("server \"a; server b;"), "a quotation mark is not closed");
    }
}
