//! Asks `PostgreSQL`, in a transaction that can only read.

use std::error::Error as _;
use std::time::Duration;

use futures_util::TryStreamExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Error, NoTls, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::answer::{Answer, NoAnswer};
use super::stream::{Bounded, Spilt, connect};
use super::target::Place;
use crate::adapters::tls;

/// Connects, asks, and leaves; nothing of it outlives the transaction, also behind a pool.
pub(super) async fn ask(
    place: &Place,
    tls: Option<&tls::Client>,
    query: Option<&str>,
    timeout: Duration,
) -> Result<Answer, NoAnswer> {
    let (stream, spilt) = Bounded::new(connect(place).await?);
    let config = config(place, tls.is_some());
    let asking = Asking { query, timeout, spilt: &spilt };
    let asked = match tls {
        None => match config.connect_raw(stream, NoTls).await {
            Ok((client, connection)) => talk(client, connection, asking).await,
            Err(error) => Err(reason(&error)),
        },
        Some(tls) => {
            let name = tls.name(&place.host).map_err(NoAnswer::unreached)?;
            let mut maker = MakeRustlsConnect::new(tls.config(&[]));
            let host = name.to_str();
            let tls = MakeTlsConnect::<Bounded<tokio::net::TcpStream>>::make_tls_connect(
                &mut maker, &host,
            );
            let tls = tls.map_err(NoAnswer::unreached)?;
            match config.connect_raw(stream, tls).await {
                Ok((client, connection)) => talk(client, connection, asking).await,
                Err(error) => Err(reason(&error)),
            }
        }
    };
    asked.map_err(|reason| spilt.or(reason))
}

/// What is asked once the connection stands.
#[derive(Clone, Copy)]
struct Asking<'a> {
    query: Option<&'a str>,
    timeout: Duration,
    spilt: &'a Spilt,
}

fn config(place: &Place, tls: bool) -> Config {
    let mut config = Config::new();
    config.application_name("lastgood");
    config.ssl_mode(if tls { SslMode::Require } else { SslMode::Disable });
    if let Some(user) = &place.user {
        config.user(user);
    }
    if let Some(password) = &place.password {
        config.password(password.reveal());
    }
    if let Some(database) = &place.database {
        config.dbname(database);
    }
    config
}

async fn talk<S, T>(
    client: Client,
    connection: Connection<S, T>,
    asking: Asking<'_>,
) -> Result<Answer, NoAnswer>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    tokio::select! {
        biased;
        asked = transact(&client, asking) => asked.map_err(|error| reason(&error)),
        ended = connection => Err(match ended {
            Ok(()) => NoAnswer::unreached("it closed the connection"),
            Err(error) => reason(&error),
        }),
    }
}

async fn transact(client: &Client, asking: Asking<'_>) -> Result<Answer, Error> {
    let Asking { query, timeout, spilt } = asking;
    let limit = timeout.as_millis().max(1);
    let begin = format!("BEGIN TRANSACTION READ ONLY; SET LOCAL statement_timeout = {limit}");
    client.batch_execute(&begin).await?;
    if query.is_some() {
        spilt.asks();
    }
    let mut answer = Answer::default();
    let mut messages = std::pin::pin!(client.simple_query_raw(query.unwrap_or("select 1")).await?);
    while let Some(message) = messages.try_next().await? {
        if let SimpleQueryMessage::Row(row) = message {
            if answer.rows == 0 && !row.is_empty() {
                answer.first = row.try_get(0)?.map(str::to_owned);
            }
            answer.rows += 1;
        }
    }
    Ok(answer)
}

fn reason(error: &Error) -> NoAnswer {
    if let Some(told) = error.as_db_error() {
        return NoAnswer::refused(told.message());
    }
    let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    if error.is_closed() {
        return NoAnswer::unreached("it closed the connection");
    }
    NoAnswer::unreached(cause)
}
