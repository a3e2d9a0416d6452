//! Where a database is.

use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use url::Url;

use crate::adapters::secret::Secret;

/// What is asked, and where.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    pub(super) engine: Engine,
}

/// The databases that can be asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Engine {
    /// `PostgreSQL`, and what speaks like it.
    Postgres(Place),
    /// `MySQL` and `MariaDB`.
    Mysql(Place),
    /// Redis, and what speaks like it.
    Redis(Place),
    /// A file of `SQLite`'s.
    Sqlite(PathBuf),
}

/// A server, and who asks it for what.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    pub(super) scheme: &'static str,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) database: Option<String>,
    pub(super) tls: bool,
}

/// What an address may say that asks for TLS.
const TLS_MODES: [&str; 5] = ["require", "required", "verify-ca", "verify-full", "verify_identity"];

impl Target {
    /// Reads an address; an `Err` never shows it, for its password's sake.
    pub(super) fn read(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once(':').unwrap_or(("", url));
        let engine = match scheme {
            "sqlite" => Engine::Sqlite(file(rest)?),
            "postgres" | "postgresql" => Engine::Postgres(place(url, "postgres", 5432)?),
            "mysql" | "mariadb" => Engine::Mysql(place(url, "mysql", 3306)?),
            "redis" | "rediss" => Engine::Redis(place(url, "redis", 6379)?),
            _ => return Err(wrong("it begins with none of these")),
        };
        Ok(Self { engine })
    }

    /// Adds what stands elsewhere: the password, and the folder of a relative file.
    pub(super) fn complete(&mut self, password: Option<Secret>, folder: &Path) {
        match &mut self.engine {
            Engine::Sqlite(file) => *file = folder.join(&*file),
            Engine::Postgres(place) | Engine::Mysql(place) | Engine::Redis(place) => {
                place.password = place.password.take().or(password);
            }
        }
    }

    /// Returns the password.
    pub(super) fn password(&self) -> Option<&Secret> {
        self.place().and_then(|place| place.password.as_ref())
    }

    /// Returns whether the address itself asks for TLS.
    pub(super) fn wants_tls(&self) -> bool {
        self.place().is_some_and(|place| place.tls)
    }

    fn place(&self) -> Option<&Place> {
        match &self.engine {
            Engine::Postgres(place) | Engine::Mysql(place) | Engine::Redis(place) => Some(place),
            Engine::Sqlite(_) => None,
        }
    }
}

/// Shown without user and password.
impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.engine {
            Engine::Sqlite(file) => write!(out, "sqlite:{}", file.display()),
            Engine::Postgres(place) | Engine::Mysql(place) | Engine::Redis(place) => {
                let Place { scheme, host, port, database, .. } = place;
                let database = database.as_ref().map(|name| format!("/{name}"));
                write!(out, "{scheme}://{host}:{port}{}", database.unwrap_or_default())
            }
        }
    }
}

fn file(rest: &str) -> Result<PathBuf, String> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.is_empty() { Err(wrong("it names no file")) } else { Ok(PathBuf::from(path)) }
}

fn place(url: &str, scheme: &'static str, port: u16) -> Result<Place, String> {
    let url = Url::parse(url).map_err(|cause| wrong(&cause.to_string()))?;
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| wrong("it names no host"))?.to_owned();
    let port = url.port().unwrap_or(port);
    if port == 0 {
        return Err(wrong("there is no port 0"));
    }
    let text = |part: &str| {
        let part = percent_decode_str(part).decode_utf8().ok()?;
        (!part.is_empty()).then(|| part.into_owned())
    };
    let (user, password) = (text(url.username()), url.password().and_then(text).map(Secret::new));
    let database = text(url.path().trim_start_matches('/'));
    if scheme == "redis" && database.as_ref().is_some_and(|number| number.parse::<u16>().is_err()) {
        return Err(wrong("a database of Redis is a number"));
    }
    let tls = url.scheme() == "rediss"
        || url.query_pairs().any(|(key, value)| {
            let mode = matches!(&*key, "sslmode" | "ssl-mode" | "ssl_mode");
            mode && TLS_MODES.contains(&value.to_ascii_lowercase().as_str())
        });
    Ok(Place { scheme, host, port, user, password, database, tls })
}

fn wrong(why: &str) -> String {
    format!(
        "`url` is no address of a database: {why}; write it like `postgres://user@host/name`, \
         `mysql://user@host/name`, `redis://host` or `sqlite:data/app.db`"
    )
}
