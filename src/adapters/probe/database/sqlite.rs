//! Asks a file of `SQLite`'s, which is only read.

use std::path::Path;
use std::time::Duration;

use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, ErrorCode, InterruptHandle, OpenFlags};
use tokio::sync::oneshot;

use super::answer::{Answer, LONGEST, NoAnswer};

/// Stops the query when nobody waits for it any more.
struct Stop(InterruptHandle);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.interrupt();
    }
}

/// Opens the file and asks; when this future is dropped, the query ends.
pub(super) async fn ask(file: &Path, query: &str, timeout: Duration) -> Result<Answer, NoAnswer> {
    let (told, opened) = oneshot::channel();
    let (file, query) = (file.to_owned(), query.to_owned());
    let asking = tokio::task::spawn_blocking(move || {
        let connection = open(&file, timeout).map_err(|error| reason(&error))?;
        // Who gave up in the meantime wants no answer.
        if told.send(Stop(connection.get_interrupt_handle())).is_err() {
            return Err(NoAnswer::late(timeout));
        }
        read(&connection, &query).map_err(|error| reason(&error))
    });
    let _stop = opened.await;
    asking.await.unwrap_or_else(|cause| Err(NoAnswer::broken(cause)))
}

fn open(file: &Path, timeout: Duration) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(timeout)?;
    let longest = LONGEST.try_into().unwrap_or(i32::MAX);
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, longest)?;
    Ok(connection)
}

fn read(connection: &Connection, query: &str) -> Result<Answer, Error> {
    let mut statement = connection.prepare(query)?;
    let has_values = statement.column_count() > 0;
    let mut rows = statement.query([])?;
    let mut answer = Answer::default();
    while let Some(row) = rows.next()? {
        if answer.rows == 0 && has_values {
            answer.first = text(row.get_ref(0)?);
        }
        answer.rows += 1;
    }
    Ok(answer)
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

fn reason(error: &Error) -> NoAnswer {
    match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen | ErrorCode::DatabaseBusy | ErrorCode::PermissionDenied) => {
            NoAnswer::unreached(error)
        }
        Some(ErrorCode::TooBig) => NoAnswer::too_much(LONGEST),
        _ => NoAnswer::refused(error),
    }
}
