//! Asks Redis, and what speaks like it.

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{
    AsyncConnectionConfig, Cmd, ErrorKind, RedisConnectionInfo, RedisError, RedisResult, Value,
};
use tokio::io::{AsyncRead, AsyncWrite};

use super::answer::{Answer, NoAnswer};
use super::stream::{Bounded, Spilt, connect};
use super::target::Place;
use crate::adapters::tls;

/// Connects, asks, and leaves.
pub(super) async fn ask(
    place: &Place,
    tls: Option<&tls::Client>,
    query: Option<&str>,
) -> Result<Answer, NoAnswer> {
    let command = query.map(command).transpose()?;
    let stream = connect(place).await?;
    match tls {
        None => talk(place, stream, command).await,
        Some(tls) => {
            let session = tls.shake(stream, &place.host, &[]).await.map_err(NoAnswer::unreached)?;
            talk(place, session.stream, command).await
        }
    }
}

fn command(query: &str) -> Result<Cmd, NoAnswer> {
    let words = shell_words::split(query).unwrap_or_default();
    let Some((name, args)) = words.split_first() else {
        let query = crate::domain::text::clean(query, 80);
        return Err(NoAnswer::broken(format!("`{query}` is no command of Redis")));
    };
    let mut command = redis::cmd(name);
    command.arg(args);
    Ok(command)
}

async fn talk<S>(place: &Place, stream: S, command: Option<Cmd>) -> Result<Answer, NoAnswer>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (stream, spilt) = Bounded::new(stream);
    // The time of the whole measurement is the limit.
    let config =
        AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(None);
    let info = info(place);
    let connecting = MultiplexedConnection::new_with_config(&info, stream, config);
    let asked = match connecting.await {
        Ok((mut connection, driver)) => tokio::select! {
            biased;
            asked = put(&mut connection, command, &spilt) => asked.map_err(|error| reason(&error)),
            () = driver => Err(NoAnswer::unreached("it closed the connection")),
        },
        Err(error) => Err(reason(&error)),
    };
    asked.and_then(answer).map_err(|reason| spilt.or(reason))
}

/// Asks whether it is Redis at all before it may answer at length; who may not ask that may ask the rest.
async fn put(
    connection: &mut MultiplexedConnection,
    command: Option<Cmd>,
    spilt: &Spilt,
) -> RedisResult<Value> {
    let ping = connection.req_packed_command(&redis::cmd("PING")).await;
    let Some(command) = command else { return ping };
    if let Err(error) = ping
        && matches!(error.kind(), ErrorKind::Io | ErrorKind::Parse)
    {
        return Err(error);
    }
    spilt.asks();
    connection.req_packed_command(&command).await
}

fn info(place: &Place) -> RedisConnectionInfo {
    let mut info = RedisConnectionInfo::default().set_skip_set_lib_name();
    if let Some(user) = &place.user {
        info = info.set_username(user);
    }
    if let Some(password) = &place.password {
        info = info.set_password(password.reveal());
    }
    match place.database.as_deref().and_then(|number| number.parse().ok()) {
        Some(number) => info.set_db(number),
        None => info,
    }
}

/// Every element of a list is a row; nil is none.
fn answer(value: Value) -> Result<Answer, NoAnswer> {
    let rows = match value {
        Value::Nil => Vec::new(),
        Value::Array(rows) | Value::Set(rows) => rows,
        Value::Map(pairs) => pairs.into_iter().map(|(_, value)| value).collect(),
        Value::ServerError(error) => return Err(reason(&error.into())),
        one => vec![one],
    };
    let count = rows.len().try_into().unwrap_or(u64::MAX);
    Ok(Answer { first: rows.into_iter().next().and_then(text), rows: count })
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Nil => None,
        Value::Int(number) => Some(number.to_string()),
        Value::Double(number) => Some(number.to_string()),
        Value::Boolean(is) => Some(is.to_string()),
        Value::Okay => Some("OK".to_owned()),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Some(text),
        Value::BulkString(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        other => Some(format!("{other:?}")),
    }
}

fn reason(error: &RedisError) -> NoAnswer {
    let told = error.to_string();
    match error.kind() {
        ErrorKind::Io => NoAnswer::unreached(told),
        ErrorKind::Parse => NoAnswer::refused(format!("what it speaks is not Redis: {told}")),
        _ => NoAnswer::refused(told),
    }
}
