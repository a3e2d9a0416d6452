//! Asks `MySQL` or `MariaDB` by its own client program.

use std::path::Path;
use std::time::Duration;

use super::answer::{Answer, NoAnswer};
use super::target::Place;
use crate::adapters::process::{Failure, Finished, Run};
use crate::adapters::secret::{Secret, variables_holding};
use crate::adapters::tls;

/// The programs, the better one first.
const PROGRAMS: [&str; 2] = ["mariadb", "mysql"];

/// How much of an answer is kept.
const KEPT: usize = 1024 * 1024;

/// What the client calls a server that it could not reach.
const UNREACHED: [&str; 6] = ["2002", "2003", "2005", "2006", "2013", "2026"];

/// One question on its way.
pub(super) struct Asking<'a> {
    pub(super) place: &'a Place,
    pub(super) tls: Option<&'a tls::Settings>,
    pub(super) withheld: &'a [Secret],
    pub(super) folder: &'a Path,
    pub(super) timeout: Duration,
}

impl Asking<'_> {
    /// Runs the client; the password goes by its environment, the question by its input.
    pub(super) async fn ask(&self, query: Option<&str>) -> Result<Answer, NoAnswer> {
        let too_long = query.map_or(NoAnswer::nonsense as TooLong, |_| NoAnswer::too_much);
        for program in PROGRAMS {
            match self.run(program, query.unwrap_or("select 1")).finish().await {
                Ok(finished) => return answer(&finished, too_long),
                Err(Failure::NotFound(_)) => {}
                Err(Failure::TimedOut { after, .. }) => return Err(NoAnswer::late(after)),
                Err(
                    failure @ (Failure::NoFolder(_) | Failure::NotStarted(..) | Failure::Lost(..)),
                ) => return Err(NoAnswer::broken(failure)),
            }
        }
        let [first, second] = PROGRAMS;
        Err(NoAnswer::broken(format!(
            "neither `{first}` nor `{second}` was found; install the client, such as `mariadb-client`"
        )))
    }

    fn run(&self, program: &str, query: &str) -> Run {
        let Place { host, port, user, password, database, .. } = self.place;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let mut run = Run::new(program)
            .args(["--no-defaults", "--batch", "--quick", "--skip-column-names", "--protocol=tcp"])
            .arg(format!("--host={host}"))
            .arg(format!("--port={port}"))
            .arg(format!("--connect-timeout={}", self.timeout.as_secs().max(1)))
            .args(user.iter().map(|user| format!("--user={user}")))
            .args(self.tls_flags(program))
            .args(database.iter().map(|name| format!("--database={name}")))
            .folder(self.folder)
            .stdin(script(query, self.timeout))
            .timeout(self.timeout)
            .cap(KEPT);
        run = variables_holding(self.withheld).into_iter().fold(run, Run::without);
        match password {
            Some(password) => run.env("MYSQL_PWD", password.reveal()),
            None => run.without("MYSQL_PWD"),
        }
    }

    fn tls_flags(&self, program: &str) -> Vec<String> {
        let Some(tls) = self.tls.cloned().or_else(|| self.place.tls.then(Default::default)) else {
            return Vec::new();
        };
        let mode = match (program, tls.insecure) {
            ("mariadb", false) => ["--ssl", "--ssl-verify-server-cert"],
            ("mariadb", true) => ["--ssl", "--skip-ssl-verify-server-cert"],
            (_, false) => ["--ssl-mode=VERIFY_IDENTITY", "--get-server-public-key"],
            (_, true) => ["--ssl-mode=REQUIRED", "--get-server-public-key"],
        };
        let files = [("ca", tls.ca_file), ("cert", tls.certificate_file), ("key", tls.key_file)]
            .into_iter();
        let files =
            files.filter_map(|(name, file)| Some(format!("--ssl-{name}={}", file?.display())));
        mode.into_iter().map(str::to_owned).chain(files).collect()
    }
}

/// A transaction that can only read, with a limit in the words of each of the two servers.
fn script(query: &str, timeout: Duration) -> String {
    let (seconds, millis) = (timeout.as_secs_f64(), timeout.as_millis().max(1));
    format!(
        "/*M!100101 SET SESSION max_statement_time={seconds} */;\n\
         /*!50708 SET SESSION max_execution_time={millis} */;\n\
         SET SESSION TRANSACTION READ ONLY;\n\
         START TRANSACTION READ ONLY;\n{query}\n;\n"
    )
}

/// What is said of an answer that is longer than these bytes.
type TooLong = fn(usize) -> NoAnswer;

fn answer(finished: &Finished, too_long: TooLong) -> Result<Answer, NoAnswer> {
    let (stdout, stderr) = (finished.stdout.text(), finished.stderr.text());
    if !finished.succeeded() {
        return Err(reason(&stderr, &finished.ended.to_string()));
    }
    if finished.stdout.dropped() > 0 {
        return Err(too_long(KEPT));
    }
    let first = stdout.lines().next().and_then(|line| line.split('\t').next());
    let first = first.filter(|value| *value != "NULL").map(unescaped);
    Ok(Answer { first, rows: stdout.lines().count().try_into().unwrap_or(u64::MAX) })
}

/// `ERROR 1045 (28000): Access denied for user …`
fn reason(stderr: &str, ended: &str) -> NoAnswer {
    let line = stderr.lines().find_map(|line| line.split_once("ERROR ")).map(|(_, line)| line);
    let Some(line) = line else {
        let last = stderr.lines().last().unwrap_or(ended);
        return NoAnswer::broken(last);
    };
    let number = line.split(' ').next().unwrap_or_default();
    if UNREACHED.contains(&number) { NoAnswer::unreached(line) } else { NoAnswer::refused(line) }
}

/// What would break a line of the answer is written as two characters.
fn unescaped(value: &str) -> String {
    let mut out = String::new();
    let mut all = value.chars();
    while let Some(c) = all.next() {
        match (c, if c == '\\' { all.next() } else { None }) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('t')) => out.push('\t'),
            ('\\', Some('0')) => out.push('\0'),
            ('\\', Some(other)) => out.push(other),
            (c, _) => out.push(c),
        }
    }
    out
}
